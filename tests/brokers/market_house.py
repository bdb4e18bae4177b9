"""A small market for tests: a ledger, quotes that come one after the other, and what they do."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any, Final

from attrs import define, evolve, field

from brokers.bars import match_bar
from brokers.base import Change, Ticket
from brokers.ledger import Ledger, Resting, evolve_ledger
from brokers.ledger_events import LedgerOpened, PaperFilled
from brokers.market import Candle, MarketHours, Quote
from brokers.matching import expire, match
from brokers.paper_orders import Conditions, cancel, replace, take
from brokers.paper_rules import DEFAULT_MARKET, MarketRules
from tests.trading.builders import AAPL, AT, Number, decimal
from trading.event import Event
from trading.vocabulary import BrokerOrderId, OrderId, OrderType, Side, Symbol


MARKET, LIMIT, STOP = OrderType.MARKET, OrderType.LIMIT, OrderType.STOP
STOP_LIMIT, TRAILING = OrderType.STOP_LIMIT, OrderType.TRAILING_STOP
FEED: Final = "file"
SESSION: Final = MarketHours(opens_at=AT - timedelta(minutes=30), closes_at=AT + timedelta(hours=6))


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def quote(
    bid: Number | None = None,
    ask: Number | None = None,
    last: Number | None = None,
    *,
    when: datetime = AT,
    volume: Number | None = None,
    symbol: Symbol = AAPL,
    **more: Any,
) -> Quote:
    return Quote(
        symbol=symbol,
        at=when,
        source=FEED,
        bid=decimal(bid),
        ask=decimal(ask),
        last=decimal(last),
        volume=decimal(volume),
        **more,
    )


def order(
    kind: OrderType = MARKET,
    side: Side = Side.BUY,
    quantity: Number = 10,
    *,
    name: str = "o1",
    limit: Number | None = None,
    stop: Number | None = None,
    trail: Number | None = None,
    **more: Any,
) -> Ticket:
    return Ticket(
        order_id=OrderId(name),
        symbol=more.pop("symbol", AAPL),
        side=side,
        quantity=Decimal(quantity),
        order_type=kind,
        limit_price=decimal(limit),
        stop_price=decimal(stop),
        trail_percent=decimal(trail),
        **more,
    )


@define
class Market:
    """One account and one clock; each quote comes a second after whatever was before."""

    ledger: Ledger = field(factory=Ledger)
    now: datetime = AT
    quotes: dict[Symbol, Quote] = field(factory=dict)
    session: MarketHours | None = None
    rules: MarketRules = DEFAULT_MARKET
    told: list[Event] = field(factory=list)

    @classmethod
    def opened(cls, cash: Number = 25_000, **holdings: int) -> "Market":
        start = evolve_ledger(Ledger(), LedgerOpened(at=AT, account="p", cash=Decimal(cash)))
        held = {Symbol(name): Decimal(quantity) for name, quantity in holdings.items()}
        return cls(ledger=evolve(start, holdings=held))

    def take(self, ticket: Ticket) -> BrokerOrderId:
        broker_order_id = self.ledger.next_id()
        self._tell(take(self.ledger, ticket, None, self.now, self._conditions(ticket.symbol)))
        return broker_order_id

    def replace(self, broker_order_id: BrokerOrderId, change: Change) -> BrokerOrderId:
        conditions = self._conditions(AAPL)
        replaced = replace(self.ledger, broker_order_id, change, self.now, conditions)
        self._tell((replaced,))
        return replaced.new_id

    def cancel(self, broker_order_id: BrokerOrderId) -> None:
        self._tell(cancel(self.ledger, broker_order_id, self.now))

    def shows(
        self,
        bid: Number | None = None,
        ask: Number | None = None,
        last: Number | None = None,
        *,
        after_s: float = 1,
        late_s: float = 0,
        **more: Any,
    ) -> list[Event]:
        """A quote `after_s` seconds on, heard `late_s` after it was made."""
        when = self.now + timedelta(seconds=after_s)
        self.now = when + timedelta(seconds=late_s)
        return self.meets(quote(bid, ask, last, when=when, **more))

    def meets(self, shown: Quote) -> list[Event]:
        before = self.quotes.get(shown.symbol)
        events = match(
            self.ledger,
            shown,
            before=before,
            now=self.now,
            session=self.session,
            rules=self.rules,
        )
        self.quotes[shown.symbol] = shown
        return self._tell(events)

    def bar(self, *prices: Number, minutes: int = 1, volume: Number | None = None) -> list[Event]:
        """A bar, known when it is over."""
        low_to_close = [Decimal(price) for price in prices]
        candle = Candle(
            symbol=AAPL,
            at=self.now,
            length=timedelta(minutes=minutes),
            source=FEED,
            **dict(zip(("open", "high", "low", "close"), low_to_close, strict=True)),
            volume=decimal(volume),
        )
        self.now = candle.ends_at
        return self._tell(match_bar(self.ledger, candle, now=self.now, rules=self.rules))

    def closes(self) -> list[Event]:
        """The clock goes on to the close of the session."""
        assert self.session is not None
        self.now = self.session.closes_at
        return self._tell(expire(self.ledger, self.now))

    def resting(self, name: str = "o1") -> Resting | None:
        return self.ledger.by_our_id(OrderId(name))

    def fills(self, name: str | None = None) -> list[tuple[Decimal, Decimal]]:
        """Quantity and price of every fill so far, of one order or of all."""
        fills = [event for event in self.told if isinstance(event, PaperFilled)]
        return [(f.quantity, f.price) for f in fills if name in (None, f.order_id)]

    def happened(self, name: str = "o1") -> list[str]:
        """The kinds of facts about an order, in order."""
        about = [event for event in self.told if getattr(event, "order_id", None) == name]
        return [type(event).__name__.removeprefix("Paper") for event in about]

    def _conditions(self, symbol: Symbol) -> Conditions:
        return Conditions(quote=self.quotes.get(symbol), session=self.session, rules=self.rules)

    def _tell(self, events: tuple[Event, ...]) -> list[Event]:
        self.ledger = reduce(evolve_ledger, events, self.ledger)
        self.told += events
        return list(events)


def open_market(cash: Number = 25_000, **holdings: int) -> Market:
    """A market that has just shown 99.95 to 100.05, the last trade at 100."""
    market = Market.opened(cash, **holdings)
    market.meets(quote("99.95", "100.05", 100))
    return market
