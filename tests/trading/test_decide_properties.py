"""Whatever the desk looks like: a decision is made, and no limit is passed by many at once."""

from datetime import timedelta
from decimal import Decimal

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    MSFT,
    OTHER,
    READY,
    about,
    acknowledged,
    after,
    alert,
    desk,
    fill,
    halted,
    limits,
    planned,
    resumed,
    rules,
    started,
    tripped,
    unknown,
)
from trading.alert_events import AlertAccepted
from trading.decisions import decide
from trading.desk import Desk
from trading.desk_fold import FROM_ORDERS, evolve_desk
from trading.event import Event
from trading.events import Scope, VenueLost
from trading.exposure import exposure_of
from trading.hours import EntryWindow, Hours, OnClosed, WhenClosed
from trading.order_events import (
    CancelRequested,
    OrderAbandoned,
    OrderAbsent,
    OrderCancelled,
    OrderPlanned,
    OrderRejected,
)
from trading.orders import Order
from trading.outcomes import Plan, Refuse, Wait
from trading.prices import worst_price
from trading.rules import Limits, StrategyRules
from trading.vocabulary import Action, Code, Intent, Side, StrategyName, Symbol


SYMBOLS = st.sampled_from((AAPL, MSFT))
STRATEGIES = st.sampled_from((DEMO, OTHER))
ORDER_IDS = st.sampled_from(("o1", "o2", "o3"))
SIZES = st.integers(1, 60)
PRICES = st.decimals("0.5", 400, places=2)
SECONDS = st.integers(-1_200, 1_200)
INSTANTS = st.builds(after, SECONDS)

ALERTS = st.builds(
    alert,
    st.sampled_from(("a1", "a2", "a3")),
    st.sampled_from(Action),
    st.none() | SIZES | st.decimals("0.1", 9, places=1),
    price=st.none() | PRICES,
    symbol=SYMBOLS,
    strategy=STRATEGIES,
    at=INSTANTS,
    fired_at=st.none() | INSTANTS,
    client_id=st.sampled_from((None, "t-1", "t-2")),
)
PLANS = st.builds(
    planned,
    ORDER_IDS,
    st.sampled_from(Side),
    SIZES,
    price=st.none() | PRICES,
    limit=st.none() | PRICES,
    symbol=SYMBOLS,
    strategy=STRATEGIES,
)
FILLS = st.builds(
    fill,
    st.sampled_from("abcdefgh"),
    SIZES,
    PRICES,
    side=st.sampled_from(Side),
    order_id=ORDER_IDS,
    symbol=SYMBOLS,
    strategy=STRATEGIES,
    fee=st.decimals(0, 2, places=2),
    at=INSTANTS,
)
LIVES = st.one_of(
    st.builds(started, ORDER_IDS),
    st.builds(acknowledged, ORDER_IDS),
    st.builds(unknown, ORDER_IDS),
    st.builds(about, st.just(OrderCancelled), ORDER_IDS),
    st.builds(about, st.just(OrderAbsent), ORDER_IDS, reason=st.just("gone")),
    st.builds(about, st.just(OrderAbandoned), ORDER_IDS, code=st.just(Code.STALE)),
    st.builds(about, st.just(CancelRequested), ORDER_IDS, code=st.just(Code.OPERATOR)),
    st.builds(
        about,
        st.just(OrderRejected),
        ORDER_IDS,
        code=st.just(Code.VENUE_REJECTED),
        reason=st.just("no"),
    ),
)
LOST = VenueLost(at=AT, account=ACCOUNT, reason="gone")
STOPS = st.sampled_from((halted(), halted(Scope(symbol=AAPL)), tripped(), resumed(), READY, LOST))
WINDOWS = st.sampled_from(("09:31-15:55", "10:01-15:00", "09:30-10:00")).map(EntryWindow.parse)
HISTORIES = st.lists(st.one_of(ALERTS, PLANS, FILLS, LIVES, STOPS), max_size=25)
RULES: st.SearchStrategy[StrategyRules] = st.builds(
    lambda on, window, **more: rules(limits(**on, **window), **more),
    st.dictionaries(
        st.sampled_from([name for name in Limits.__annotations__ if name != "entry_window"]),
        st.integers(0, 10_000),
    ),
    st.dictionaries(st.just("entry_window"), WINDOWS, max_size=1),
    hours=st.sampled_from(Hours),
    on_closed=st.builds(
        OnClosed, entry=st.sampled_from(WhenClosed), exit=st.sampled_from(WhenClosed)
    ),
    allow_add=st.booleans(),
    allow_repeats=st.booleans(),
    id_is_unique=st.booleans(),
    retired=st.booleans(),
    symbols=st.none() | st.just(frozenset({AAPL})),
)


def own_closes(here: Desk, plan: OrderPlanned) -> Decimal:
    live = here.live(plan.symbol, plan.strategy, plan.side)
    return sum((order.remaining_quantity for order in live), Decimal(0))


@settings(max_examples=150)
@given(HISTORIES, ALERTS, RULES, SECONDS)
def test_every_alert_on_every_desk_is_decided(
    history: list[Event], signal: AlertAccepted, given_rules: StrategyRules, seconds: int
) -> None:
    here = desk(*history, signal)
    decision = decide(here, signal, given_rules, after(seconds))
    assert isinstance(decision, Plan | Refuse | Wait)
    if isinstance(decision, Plan) and decision.order.intent is Intent.EXIT:
        plan = decision.order
        share = -plan.side.sign * here.book.position(plan.strategy, plan.symbol).quantity
        assert 1 <= plan.quantity <= share - own_closes(here, plan)
    if isinstance(decision, Refuse):
        assert decision.refused.code in Code
        assert all(isinstance(number, str) for number in decision.refused.inputs.values())


# --- a hundred alerts -----------------------------------------------------------------------------

LIMITED = limits(
    max_order_value=2_500,
    max_position_value=5_000,
    max_position_size=60,
    max_total_exposure=3_000,
    price_collar_percent=2,
)
PRICE_OF = {AAPL: Decimal(100), MSFT: Decimal(40), Symbol("F"): Decimal("4.5")}
"""Prices stand still: where they move, exposure may pass a limit without anybody's decision."""

FATES = st.sampled_from(("rests", "fills", "half fills", "is lost", "is cancelled"))
SIGNALS = st.tuples(
    st.sampled_from([*PRICE_OF]),
    st.sampled_from((Action.BUY, Action.BUY, Action.BUY, Action.SELL, Action.CLOSE_LONG)),
    st.integers(1, 30),
    STRATEGIES,
    FATES,
)


def venue_says(plan: OrderPlanned, fate: str) -> list[Event]:
    """What becomes of a planned order at its venue, at the price it was valued at."""
    name, price = plan.order_id, plan.reference_price or Decimal(0)
    sent: list[Event] = [started(name), acknowledged(name)]

    def executed(quantity: Decimal) -> Event:
        return fill(
            f"x-{name}",
            quantity,
            price,
            side=plan.side,
            order_id=name,
            symbol=plan.symbol,
            strategy=plan.strategy,
        )

    half = (plan.quantity / 2).to_integral_value()
    return {
        "rests": sent,
        "fills": [*sent, executed(plan.quantity)],
        "half fills": [*sent, executed(half)] if half else sent,
        "is lost": [*sent[:1], unknown(name), acknowledged(name)],
        "is cancelled": [*sent, about(OrderCancelled, name)],
    }[fate]


def assert_inside(here: Desk) -> None:
    exposure = exposure_of(here)
    assert exposure.total <= 3_000
    assert all(value <= 5_000 for value in exposure.gross.values())
    for symbol in PRICE_OF:
        assert 0 <= here.book.net(symbol) <= 60
        assert here.book.net(symbol) + here.remaining(symbol, Side.BUY) <= 60
    buying = sum((o.reserved_value for o in here.live(side=Side.BUY)), Decimal(0))
    assert (here.book.cash or Decimal(0)) >= buying
    for order in here.live():
        assert order.plan.quantity * worst_price(PRICE_OF[order.plan.symbol], LIMITED) <= 2_500 or (
            order.plan.intent is Intent.EXIT
        )


@settings(max_examples=20, deadline=timedelta(seconds=5))
@given(st.lists(SIGNALS, min_size=100, max_size=100))
def test_a_hundred_alerts_never_pass_a_limit_together(
    signals: list[tuple[Symbol, Action, int, StrategyName, str]],
) -> None:
    here = desk(cash=7_500)
    for n, (symbol, action, quantity, strategy, fate) in enumerate(signals):
        signal = alert(
            f"a{n}",
            action,
            quantity,
            price=PRICE_OF[symbol],
            symbol=symbol,
            strategy=strategy,
        )
        here = evolve_desk(here, signal)
        decision = decide(here, signal, evolve(rules(LIMITED), name=strategy, allow_add=True), AT)
        if isinstance(decision, Plan):
            told = venue_says(decision.order, fate)
            for fact in (decision.approved, decision.order, *told):
                here = evolve_desk(here, fact)
                assert_inside(here)


def test_the_hundred_alerts_do_trade() -> None:
    """The property above would hold for a gate that refuses everything."""
    signal = alert("a1", quantity=20)
    assert isinstance(decide(desk(signal, cash=7_500), signal, rules(LIMITED), AT), Plan)


@given(HISTORIES)
def test_folding_a_history_never_fails_and_keeps_live_orders_only(history: list[Event]) -> None:
    here = desk(*history)
    assert not any(order.is_terminal for order in here.orders.values())
    assert all(isinstance(order, Order) for order in here.live())


@given(HISTORIES)
def test_what_is_kept_up_order_by_order_is_as_if_counted_anew(history: list[Event]) -> None:
    here = desk(*history)
    anew = Desk(account=here.account, book=here.book, orders=here.orders)
    kept, counted = ([getattr(each, name) for name in FROM_ORDERS] for each in (here, anew))
    assert kept == counted


@given(HISTORIES, st.none() | SYMBOLS, st.none() | STRATEGIES, st.none() | st.sampled_from(Side))
def test_live_orders_are_found_by_symbol_strategy_and_side(
    history: list[Event], symbol: Symbol | None, strategy: StrategyName | None, side: Side | None
) -> None:
    here = desk(*history)
    assert list(here.live(symbol, strategy, side)) == [
        order
        for order in here.orders.values()
        if symbol in (None, order.plan.symbol)
        and strategy in (None, order.plan.strategy)
        and side in (None, order.plan.side)
    ]


@given(HISTORIES, SYMBOLS)
def test_the_net_holding_is_the_sum_of_all_shares(history: list[Event], symbol: Symbol) -> None:
    book = desk(*history).book
    shares = [p.quantity for (_, held), p in book.positions.items() if held == symbol]
    assert book.net(symbol) == sum(shares)
