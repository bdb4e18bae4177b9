"""Acts on the books by hand, which trade nothing: what they ask for, and why one may be refused."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from trading.bookings import Adjusted, Adopted, ByHand, Transferred
from trading.desk import Desk
from trading.money import ZERO, is_whole, plain
from trading.rules import RulesOf
from trading.vocabulary import BookingId, Code, StrategyName, Symbol


@frozen(kw_only=True)
class Adopt:
    """Give external shares to a strategy, at the price that they are to have cost it."""

    strategy: StrategyName
    symbol: Symbol
    quantity: Decimal
    price: Decimal


@frozen(kw_only=True)
class Transfer:
    """Give a strategy's shares to another, with what they have cost."""

    strategy: StrategyName
    to: StrategyName
    symbol: Symbol
    quantity: Decimal


@frozen(kw_only=True)
class Adjust:
    """Put the books right: shares at a price, to a strategy or to external, or cash, or both.

    Quantity and cash are below 0 where the books have too much.
    """

    strategy: StrategyName | None = None
    symbol: Symbol | None = None
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    cash: Decimal = ZERO


Ask = Adopt | Transfer | Adjust
"""What a person may ask for."""


@frozen(kw_only=True)
class Signature:
    """Whose act it is, when and why."""

    act_id: str
    at: datetime
    reason: str
    by: str


@frozen
class Declined:
    """Why the books stay as they are, and the numbers behind it."""

    code: Code
    inputs: dict[str, str]


def decide_by_hand(desk: Desk, rules: RulesOf, ask: Ask, signature: Signature) -> ByHand | Declined:
    """The booking that is asked for, or why not."""
    if isinstance(ask, Adopt):
        return _adoption_refused(desk, rules, ask) or _adopted(desk, ask, signature)
    if isinstance(ask, Transfer):
        return _transfer_refused(desk, rules, ask) or _transferred(desk, ask, signature)
    return _adjustment_refused(desk, rules, ask) or _adjusted(desk, ask, signature)


# --- adopt ----------------------------------------------------------------------------------------


def _adoption_refused(desk: Desk, rules: RulesOf, ask: Adopt) -> Declined | None:
    """Only what the strategy may hold: shares that are short only where it sells short."""
    outside = desk.book.outside(ask.symbol).quantity
    if not is_whole(ask.quantity):
        return _not_whole(ask.quantity)
    if ask.quantity > abs(outside):
        return _not_that_many(ask.quantity, "external_holds", outside)
    return _wrong_side(rules, ask.strategy, "external_holds", outside) or _opposing(
        desk, ask.strategy, ask.symbol, outside
    )


def _adopted(desk: Desk, ask: Adopt, signature: Signature) -> Adopted:
    return Adopted(
        at=signature.at,
        account=desk.account,
        booking_id=BookingId(signature.act_id),
        reason=signature.reason,
        by=signature.by,
        strategy=ask.strategy,
        symbol=ask.symbol,
        quantity=ask.quantity.copy_sign(desk.book.outside(ask.symbol).quantity),
        price=ask.price,
    )


# --- transfer -------------------------------------------------------------------------------------


def _transfer_refused(desk: Desk, rules: RulesOf, ask: Transfer) -> Declined | None:
    """Nothing of what an order may still sell: its fill belongs to its own strategy."""
    share = desk.book.position(ask.strategy, ask.symbol).quantity
    if ask.strategy == ask.to:
        return Declined(Code.NOTHING_TO_DO, {"strategy": ask.strategy, "to": ask.to})
    if not is_whole(ask.quantity):
        return _not_whole(ask.quantity)
    if ask.quantity > abs(share):
        return _not_that_many(ask.quantity, "own_share", share)
    return _wrong_side(rules, ask.to, "own_share", share) or _in_the_way(
        desk, ask.strategy, ask.symbol
    )


def _transferred(desk: Desk, ask: Transfer, signature: Signature) -> Transferred:
    share = desk.book.position(ask.strategy, ask.symbol).quantity
    return Transferred(
        at=signature.at,
        account=desk.account,
        booking_id=BookingId(signature.act_id),
        reason=signature.reason,
        by=signature.by,
        strategy=ask.strategy,
        to=ask.to,
        symbol=ask.symbol,
        quantity=ask.quantity if share > 0 else -ask.quantity,
    )


# --- adjust ---------------------------------------------------------------------------------------


def _adjustment_refused(desk: Desk, rules: RulesOf, ask: Adjust) -> Declined | None:
    if desk.book.cash is None:
        return Declined(Code.BROKER_NOT_READY, {"account": desk.account})
    if not ask.cash and not ask.quantity:
        return Declined(Code.NOTHING_TO_DO, {"quantity": "0", "cash": "0"})
    if ask.symbol is None:
        return None
    if ask.strategy is None:
        return _external_refused(desk.book.outside(ask.symbol).quantity, ask.quantity)
    if not is_whole(ask.quantity):
        return _not_whole(ask.quantity)
    share = desk.book.position(ask.strategy, ask.symbol).quantity
    if share * ask.quantity < 0:
        if abs(ask.quantity) > abs(share):
            return _not_that_many(abs(ask.quantity), "own_share", share)
        return _in_the_way(desk, ask.strategy, ask.symbol)
    if wrong_side := _wrong_side(rules, ask.strategy, "own_share", share + ask.quantity):
        return wrong_side
    return _opposing(desk, ask.strategy, ask.symbol, ask.quantity)


def _external_refused(held: Decimal, quantity: Decimal) -> Declined | None:
    """External holds fractions too; none of it goes below zero, or further below, by hand."""
    if quantity < 0 and held + quantity < 0:
        return _not_that_many(-quantity, "external_holds", held)
    return None


def _adjusted(desk: Desk, ask: Adjust, signature: Signature) -> Adjusted:
    return Adjusted(
        at=signature.at,
        account=desk.account,
        booking_id=BookingId(signature.act_id),
        reason=signature.reason,
        by=signature.by,
        strategy=ask.strategy,
        symbol=ask.symbol,
        quantity=ask.quantity,
        price=ask.price,
        cash=ask.cash,
    )


# --- why not --------------------------------------------------------------------------------------


def _not_whole(quantity: Decimal) -> Declined:
    return Declined(Code.WHOLE_SHARES_ONLY, {"quantity": plain(quantity)})


def _not_that_many(asked: Decimal, name: str, held: Decimal) -> Declined:
    return Declined(Code.NOT_THAT_MANY, {"asked": plain(asked), name: plain(held)})


def _wrong_side(
    rules: RulesOf, strategy: StrategyName, name: str, quantity: Decimal
) -> Declined | None:
    """Nobody comes to hold by hand what he may not hold."""
    sides = rules(strategy).sides
    if sides.may_hold(quantity):
        return None
    return Declined(Code.SIDE_NOT_HELD, {"sides": sides.value, name: plain(quantity)})


def _opposing(
    desk: Desk, strategy: StrategyName, symbol: Symbol, quantity: Decimal
) -> Declined | None:
    """One sign per symbol and account: shares do not come to a strategy against another's."""
    names = (*desk.book.strategies, strategy)
    others: dict[str, Decimal] = {s: desk.book.position(s, symbol).quantity for s in names}
    against = {s: plain(held) for s, held in others.items() if held * quantity < 0}
    return Declined(Code.OPPOSING_POSITION, against) if against else None


def _in_the_way(desk: Desk, strategy: StrategyName, symbol: Symbol) -> Declined | None:
    live = desk.live(symbol, strategy)
    if not live:
        return None
    return Declined(Code.ORDERS_IN_THE_WAY, {"live_orders": str(len(live))})
