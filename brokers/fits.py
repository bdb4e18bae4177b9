"""Whether an order may stand as it is: its terms, the money, the shares. Pure; raises if not."""

from datetime import datetime
from decimal import Decimal

from brokers.base import InsufficientFundsError, RejectedError, Ticket
from brokers.ledger import Ledger, Stage
from brokers.paper_rules import Lending, reaches_stop
from trading.desk import SHORT_MARGIN
from trading.money import TICK, ZERO, is_whole, plain
from trading.vocabulary import OrderType, Side


LIMITS = (OrderType.LIMIT, OrderType.STOP_LIMIT)


def check_terms(ticket: Ticket, last: Decimal | None) -> None:
    """Raises RejectedError where no venue would take such terms, whoever sends them."""
    kind = ticket.order_type
    if not is_whole(ticket.quantity) or ticket.quantity <= 0:
        raise RejectedError(f"quantity {plain(ticket.quantity)} is not a number of whole shares")
    if kind is OrderType.MARKET:
        if last is None and ticket.reference_price is None:
            raise RejectedError(f"no price is known for {ticket.symbol}")
        return
    if kind in LIMITS:
        _check_price("limit", ticket.limit_price)
    if kind in (OrderType.STOP, OrderType.STOP_LIMIT):
        _check_price("stop", ticket.stop_price)
    if kind is OrderType.TRAILING_STOP and not ZERO < (ticket.trail_percent or ZERO) < 100:
        raise RejectedError("a trailing stop needs a trail above 0 and below 100 %")
    if ticket.parent_id is None:
        _check_side_of_stop(ticket, last)


def _check_price(name: str, price: Decimal | None) -> None:
    if price is None or price <= 0:
        raise RejectedError(f"a {name} order needs a {name} price above 0")
    if price % TICK:
        raise RejectedError(f"{name} price {plain(price)} is not a multiple of {plain(TICK)}")


def _check_side_of_stop(ticket: Ticket, last: Decimal | None) -> None:
    stop = ticket.stop_price
    if stop is None or last is None or not reaches_stop(ticket.side, stop, last):
        return
    where = "above" if ticket.side is Side.BUY else "below"
    raise RejectedError(
        f"a {ticket.side} stop must be {where} the market: {plain(stop)} at {plain(last)}"
    )


def check_means(
    ledger: Ledger, ticket: Ticket, price: Decimal | None, now: datetime, lends: Lending | None
) -> None:
    """Whether there is what an order takes, at this price where it takes money.

    Raises:
        RejectedError, InsufficientFundsError: there is not.
    """
    if not ticket.opens:
        check_holding(ledger, ticket)
        return
    held = ledger.held(ticket.symbol)
    if ticket.sells_short:
        _check_lent(ticket, lends)
    if held * ticket.side.sign < 0:
        way = "held: sell" if held > 0 else "short: buy back"
        raise RejectedError(f"{plain(abs(held))} {ticket.symbol} are {way} them first")
    check_cash(ledger, ticket, price, now)


def _check_lent(ticket: Ticket, lends: Lending | None) -> None:
    if lends is None:
        raise RejectedError("this account may not sell short: it has no margin")
    if ticket.symbol not in lends.symbols:
        raise RejectedError(f"{ticket.symbol} cannot be borrowed")


def check_holding(ledger: Ledger, ticket: Ticket) -> None:
    """Raises RejectedError where more would be sold than is held and not yet waited for, or more
    bought back than is short.
    """
    free = -ticket.side.sign * ledger.held(ticket.symbol)
    if ledger.resting:
        free -= _waited_for(ledger, ticket)
    if ticket.quantity > free:
        what, of = ("oversold", "sell") if ticket.side is Side.SELL else ("overbought", "buy back")
        raise RejectedError(
            f"{what}: {plain(ticket.quantity)} {ticket.symbol} asked, {plain(free)} free to {of}"
        )


def _waited_for(ledger: Ledger, ticket: Ticket) -> Decimal:
    """The shares that others on the book wait to close; of siblings only the largest can come."""
    symbol, side, sibling_of = ticket.symbol, ticket.side, ticket.oco_id
    alone, groups = ZERO, dict[str, Decimal]()
    for order in ledger.resting.values():
        terms = order.terms
        if terms.symbol != symbol or terms.side is not side or order.stage is Stage.HELD:
            continue
        if terms.oco_id is None:
            alone += order.remaining
        elif terms.oco_id != sibling_of:
            groups[terms.oco_id] = max(groups.get(terms.oco_id, ZERO), order.remaining)
    return alone + sum(groups.values(), ZERO)


def check_cash(ledger: Ledger, ticket: Ticket, price: Decimal | None, now: datetime) -> None:
    """Raises InsufficientFundsError where a buy at this price has not its money, or a short sale
    its margin.

    Where it has, but a part has not settled, RejectedError: that is a matter of a day.
    """
    each = price if price is not None else ticket.limit_price or ZERO
    cost = ticket.quantity * each * (SHORT_MARGIN if ticket.sells_short else 1)
    unsettled = ledger.unsettled_at(now)
    free = ledger.free_at(now) + unsettled - ledger.reserved
    if cost > free:
        raise InsufficientFundsError(f"{plain(cost)} $ needed, {plain(free)} $ free")
    if cost > free - unsettled:
        raise RejectedError(
            f"a cash account buys with settled money: {plain(cost)} $ needed, "
            f"{plain(free)} $ free, {plain(unsettled)} $ of it from sales that have not settled"
        )
