"""The paper venue's state: money, holdings, and the orders on its book; a fold. Pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import evolve, frozen

from brokers.ledger_events import (
    LedgerOpened,
    LedgerReset,
    PaperAccepted,
    PaperCancelled,
    PaperExpired,
    PaperFilled,
    PaperMoved,
    PaperReleased,
    PaperReplaced,
    PaperRested,
    PaperTrailed,
    PaperTriggered,
    RehearsalMarked,
    SymbolFrozen,
    SymbolThawed,
)
from brokers.resting import STOPS as STOPS  # noqa: PLC0414 - part of this face
from brokers.resting import Resting as Resting  # noqa: PLC0414 - likewise
from brokers.resting import Stage as Stage  # noqa: PLC0414 - likewise
from journal import Reader
from trading.changed import changed
from trading.desk import SHORT_MARGIN
from trading.event import Event
from trading.money import ZERO
from trading.vocabulary import BrokerOrderId, OrderId, OrderType, Side, Symbol


@frozen(kw_only=True)
class Taken:
    """How much of a symbol's market was used: shares in a minute, dollars by one quote."""

    minute: datetime
    quantity: Decimal
    at: datetime
    value: Decimal


@frozen(kw_only=True)
class Unsettled:
    """The dollars of a sale, which buy nothing before an instant."""

    settles_at: datetime
    amount: Decimal


@frozen(kw_only=True, slots=False)
class Ledger:
    """The venue's state, a fold of its events.

    `series` is what the ids of its orders begin with, after the instant it was opened; `movements`
    counts what moved without an order. `shorted` is what the shares that are short were sold for,
    `lent_until` is up to when borrowing them has been paid for.
    """

    opened_at: datetime | None = None
    series: str = "0"
    rehearsal: bool = False
    cash: Decimal = ZERO
    holdings: Mapping[Symbol, Decimal] = {}
    resting: Mapping[BrokerOrderId, Resting] = {}
    taken: int = 0
    used: Mapping[Symbol, Taken] = {}
    frozen_symbols: Mapping[Symbol, datetime] = {}
    thawed: Mapping[Symbol, datetime] = {}
    movements: int = 0
    unsettled: tuple[Unsettled, ...] = ()
    shorted: Mapping[Symbol, Decimal] = {}
    lent_until: datetime | None = None

    def next_id(self) -> BrokerOrderId:
        """The id the next order gets; no other ledger of the account ever gives the same one."""
        return BrokerOrderId(f"P{self.series}-{self.taken + 1}")

    def held(self, symbol: Symbol) -> Decimal:
        """The shares held of a symbol."""
        return self.holdings.get(symbol, ZERO)

    def unsettled_at(self, now: datetime) -> Decimal:
        """The part of the cash that sales brought and that has not settled at an instant."""
        return sum((one.amount for one in self.unsettled if one.settles_at > now), ZERO)

    def free_at(self, now: datetime) -> Decimal:
        """The cash that a purchase may take at an instant, orders left aside: what was sold short
        stays as it came in, and half of it with it.
        """
        kept = sum(self.shorted.values(), ZERO) * (1 + SHORT_MARGIN)
        return self.cash - kept - self.unsettled_at(now)

    @property
    def reserved(self) -> Decimal:
        """The money that orders on the book keep from others."""
        return sum((order.reserved for order in self.resting.values()), ZERO)

    def by_our_id(self, order_id: OrderId) -> Resting | None:
        """The order on the book that we know under this id."""
        return next((o for o in self.resting.values() if o.terms.order_id == order_id), None)


def evolve_ledger(ledger: Ledger, event: Event) -> Ledger:
    """The ledger after one of its events."""
    match event:
        case PaperAccepted():
            resting = {**ledger.resting, event.broker_order_id: _taken(ledger, event)}
            return changed(ledger, resting=resting, taken=ledger.taken + 1)
        case PaperFilled():
            return _filled(ledger, event)
        case LedgerOpened(at=at, cash=cash):
            return changed(ledger, opened_at=at, series=f"{at:%y%m%d%H%M%S}", cash=cash)
        case LedgerReset(at=at):
            # The cash came or went as a flow; the mark of a rehearsal and all numbers go on.
            return changed(ledger, opened_at=at, series=f"{at:%y%m%d%H%M%S}", unsettled=())
        case RehearsalMarked():
            return changed(ledger, rehearsal=True)
        case PaperCancelled() | PaperExpired():
            return changed(ledger, resting=_without(ledger.resting, event.broker_order_id))
        case PaperReplaced():
            return _replaced(ledger, event)
        case PaperMoved():
            return _moved_without_order(ledger, event)
        case SymbolFrozen(symbol=symbol, at=at):
            return changed(ledger, frozen_symbols={**ledger.frozen_symbols, symbol: at})
        case SymbolThawed(symbol=symbol, at=at):
            still = {s: when for s, when in ledger.frozen_symbols.items() if s != symbol}
            return changed(ledger, frozen_symbols=still, thawed={**ledger.thawed, symbol: at})
        case PaperRested() | PaperTriggered() | PaperTrailed() | PaperReleased():
            order = ledger.resting.get(event.broker_order_id)
            return ledger if order is None else _with(ledger, _moved(order, event))
        case _:
            return ledger


def folded(reader: Reader) -> Ledger:
    """The ledger that a reader's events come to."""
    ledger = Ledger()
    for recorded in reader.events():
        ledger = evolve_ledger(ledger, recorded.event)
    return ledger


def _taken(ledger: Ledger, accepted: PaperAccepted) -> Resting:
    is_held = accepted.parent_id is not None and ledger.by_our_id(accepted.parent_id) is not None
    return Resting(
        terms=accepted,
        stage=Stage.HELD if is_held else first_stage(accepted.order_type, accepted.works_from),
        quantity=accepted.quantity,
        limit_price=accepted.limit_price,
        stop_price=accepted.stop_price,
        works_from=accepted.works_from,
        worst_price=accepted.worst_price,
    )


def first_stage(order_type: OrderType, works_from: datetime | None) -> Stage:
    """Where an order stands that begins to work; without quotes nothing is about to arrive."""
    if order_type in STOPS:
        return Stage.WAITING
    is_resting = order_type is OrderType.LIMIT and works_from is None
    return Stage.RESTING if is_resting else Stage.ARRIVING


def _moved(
    order: Resting, event: PaperRested | PaperTriggered | PaperTrailed | PaperReleased
) -> Resting:
    match event:
        case PaperRested():
            return changed(order, stage=Stage.RESTING)
        case PaperTriggered(works_from=works_from):
            return changed(order, stage=Stage.ARRIVING, works_from=works_from)
        case PaperTrailed(stop_price=stop_price):
            return changed(order, stop_price=stop_price)
        case PaperReleased(works_from=works_from):
            stage = first_stage(order.terms.order_type, works_from)
            return changed(order, stage=stage, works_from=works_from)


def _moved_without_order(ledger: Ledger, event: PaperMoved) -> Ledger:
    holdings = ledger.holdings
    if event.symbol is not None and event.quantity:
        holdings = _holding(ledger, event.symbol, event.quantity)
    cash = ledger.cash + event.amount
    shorted = _still_shorted(ledger, holdings)
    return changed(
        ledger,
        cash=cash,
        holdings=holdings,
        movements=ledger.movements + 1,
        shorted=shorted,
        lent_until=event.until or ledger.lent_until,
    )


def _holding(ledger: Ledger, symbol: Symbol, signed: Decimal) -> Mapping[Symbol, Decimal]:
    holdings = {**ledger.holdings, symbol: ledger.held(symbol) + signed}
    if not holdings[symbol]:
        del holdings[symbol]
    return holdings


def _still_shorted(ledger: Ledger, holdings: Mapping[Symbol, Decimal]) -> Mapping[Symbol, Decimal]:
    """Of what moved without an execution nothing was sold; a split leaves the sum as it is."""
    if not ledger.shorted:
        return ledger.shorted
    return {s: sold for s, sold in ledger.shorted.items() if holdings.get(s, ZERO) < 0}


def _shorted(ledger: Ledger, fill: PaperFilled) -> Mapping[Symbol, Decimal]:
    """Bought back at their average; what is sold beyond what is held is short."""
    held, signed = ledger.held(fill.symbol), fill.side.sign * fill.quantity
    after = held + signed
    if held >= 0 and after >= 0:
        return ledger.shorted
    sold = ledger.shorted.get(fill.symbol, ZERO)
    if fill.side is Side.SELL:
        sold += min(fill.quantity, -after) * fill.price
    else:
        sold = max(sold * after / held, ZERO)
    return {s: v for s, v in {**ledger.shorted, fill.symbol: sold}.items() if v}


def _filled(ledger: Ledger, fill: PaperFilled) -> Ledger:
    signed = fill.side.sign * fill.quantity
    holdings = _holding(ledger, fill.symbol, signed)
    order = ledger.resting.get(fill.broker_order_id)
    resting = ledger.resting
    if order is not None and fill.quantity < order.remaining:
        less = changed(order, filled=order.filled + fill.quantity, fills=order.fills + 1)
        resting = {**resting, fill.broker_order_id: less}
    elif order is not None:
        resting = _without(resting, fill.broker_order_id)
    cash = ledger.cash - signed * fill.price - fill.fee
    return changed(
        ledger,
        cash=cash,
        holdings=holdings,
        resting=resting,
        used=ledger.used if fill.quote is None else _used(ledger, fill),
        unsettled=_unsettled(ledger, fill, cash - ledger.cash),
        shorted=_shorted(ledger, fill),
    )


def _unsettled(ledger: Ledger, fill: PaperFilled, amount: Decimal) -> tuple[Unsettled, ...]:
    """What waits after a fill: sales of one day settle as one, and those that have are let go."""
    if fill.settles_at is None:
        return ledger.unsettled
    waiting = {one.settles_at: one.amount for one in ledger.unsettled if one.settles_at > fill.at}
    waiting[fill.settles_at] = waiting.get(fill.settles_at, ZERO) + amount
    return tuple(Unsettled(settles_at=at, amount=sum_) for at, sum_ in waiting.items())


def _used(ledger: Ledger, fill: PaperFilled) -> Mapping[Symbol, Taken]:
    quote, before = fill.quote, ledger.used.get(fill.symbol)
    assert quote is not None  # noqa: S101 - only such a fill uses a market
    quantity, value = fill.quantity, fill.quantity * fill.price
    if before is not None and before.minute == quote.minute:
        quantity += before.quantity
    if before is not None and before.at == quote.at:
        value += before.value
    now = Taken(minute=quote.minute, quantity=quantity, at=quote.at, value=value)
    return {**ledger.used, fill.symbol: now}


def _replaced(ledger: Ledger, event: PaperReplaced) -> Ledger:
    """The new order stands last in the queue: who changes his terms loses his place."""
    order = ledger.resting.get(event.broker_order_id)
    if order is None:
        return ledger
    is_new = order.stage is not Stage.RESTING or event.works_from is None
    renewed = changed(
        order,
        stage=order.stage if is_new else Stage.ARRIVING,
        terms=evolve(order.terms, broker_order_id=event.new_id),
        quantity=event.quantity,
        limit_price=event.limit_price,
        stop_price=event.stop_price,
        works_from=event.works_from,
        worst_price=event.worst_price,
        fills=0,
    )
    resting = {**_without(ledger.resting, event.broker_order_id), event.new_id: renewed}
    return changed(ledger, resting=resting, taken=ledger.taken + 1)


def _with(ledger: Ledger, order: Resting) -> Ledger:
    return changed(ledger, resting={**ledger.resting, order.terms.broker_order_id: order})


def _without(
    resting: Mapping[BrokerOrderId, Resting], broker_order_id: BrokerOrderId
) -> Mapping[BrokerOrderId, Resting]:
    rest = dict(resting)
    rest.pop(broker_order_id, None)
    return rest
