"""The prices of an alert: what an order needs, and on which side of each other they are."""

import json
from decimal import Decimal

import pytest
from attrs import evolve

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    alert,
    buys,
    desk,
    fill,
    limits,
    planned,
    quoted,
    rules,
    seen,
    started,
)
from trading import document
from trading.alert_events import AlertAccepted
from trading.alerts import Sender, Signal, interpret
from trading.decisions import decide
from trading.entry import Entry
from trading.gate import session_offered
from trading.hours import Hours
from trading.on_its_side import on_its_side
from trading.outcomes import Plan, Refuse
from trading.vocabulary import (
    Action,
    Code,
    Intent,
    OrderType,
    SessionAsked,
    Side,
)


MARKET, STOP, STOP_LIMIT = OrderType.MARKET, OrderType.STOP, OrderType.STOP_LIMIT
LIMIT, TRAILING = OrderType.LIMIT, OrderType.TRAILING_STOP


def read(**fields: object) -> Signal | list[str]:
    body = {"ticker": "AAPL", "action": "buy", "quantity": 1, "strategy": DEMO} | fields
    found = interpret(document.read(json.dumps(body).encode()), {DEMO: Sender()})
    return found if isinstance(found, Signal) else [str(fault) for fault in found]


# --- reading ------------------------------------------------------------------------------------


def test_every_price_is_read() -> None:
    asked = read(
        order_type="stop_limit",
        stop_price="101",
        limit_price=102,
        price=100,
        take_profit="110.5",
        stop_loss=95,
        session="regular",
    )
    assert isinstance(asked, Signal)
    assert seen(asked.order_type, asked.stop_price, asked.limit_price) == seen(STOP_LIMIT, 101, 102)
    assert seen(asked.take_profit, asked.stop_loss) == seen(Decimal("110.5"), Decimal(95))
    assert asked.session is SessionAsked.REGULAR


def test_a_trail_is_read() -> None:
    asked = read(action="sell", order_type="trailing_stop", trail_percent=2.5)
    assert isinstance(asked, Signal)
    assert seen(asked.order_type, asked.trail_percent) == seen(TRAILING, Decimal("2.5"))


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"order_type": "stop"}, ["stop_price: is required for order_type stop"]),
        (
            {"order_type": "stop_limit"},
            [
                "limit_price: is required for order_type stop_limit",
                "stop_price: is required for order_type stop_limit",
            ],
        ),
        (
            {"order_type": "trailing_stop"},
            ["trail_percent: is required for order_type trailing_stop"],
        ),
        (
            {"order_type": "trailing_stop", "trail_percent": 100},
            ["trail_percent: must be below 100; got 100"],
        ),
        (
            {"stop_price": 5, "trail_percent": 1},
            [
                "stop_price: is for order_type stop or stop_limit; the order is market",
                "trail_percent: is for order_type trailing_stop; the order is market",
            ],
        ),
        (
            {"order_type": "stop_limit", "stop_price": 101, "limit_price": 100},
            ["limit_price: 100 must be at or above stop_price 101 for buy"],
        ),
        (
            {"action": "sell", "order_type": "stop_limit", "stop_price": 99, "limit_price": 100},
            ["limit_price: 100 must be at or below stop_price 99 for sell"],
        ),
        (
            {"order_type": "stop", "stop_price": 100, "price": 100},
            ["stop_price: 100 must be above price 100 for buy"],
        ),
        (
            {"action": "sell", "order_type": "stop", "stop_price": 101, "price": 100},
            ["stop_price: 101 must be below price 100 for sell"],
        ),
        (
            {"price": 100, "take_profit": 99, "stop_loss": 101},
            [
                "take_profit: 99 must be above price 100 for buy",
                "stop_loss: 101 must be below price 100 for buy",
            ],
        ),
        (
            {"order_type": "limit", "limit_price": 90, "price": 100, "take_profit": 90},
            ["take_profit: 90 must be above limit_price 90 for buy"],
        ),
        (
            {"order_type": "stop", "stop_price": 110, "price": 100, "stop_loss": 110},
            ["stop_loss: 110 must be below stop_price 110 for buy"],
        ),
        (
            {"take_profit": 90, "stop_loss": 90},
            ["take_profit: 90 must be above stop_loss 90 for buy"],
        ),
        (
            {"action": "sell", "take_profit": 90, "stop_loss": 80},
            [
                "take_profit: is for buy, which opens a position; the action is sell",
                "stop_loss: is for buy, which opens a position; the action is sell",
            ],
        ),
        (
            {"session": "extended"},
            ["session: extended takes order_type limit only; the order is market"],
        ),
        ({"session": "night"}, ['session: must be one of regular, extended; got "night"']),
        (
            {
                "quantity": 0,
                "order_type": "stop_limit",
                "stop_price": 100,
                "limit_price": 99,
                "price": 101,
                "take_profit": 98,
                "trail_percent": 1,
            },
            [
                "quantity: must be above 0; got 0",
                "trail_percent: is for order_type trailing_stop; the order is stop_limit",
                "limit_price: 99 must be at or above stop_price 100 for buy",
                "stop_price: 100 must be above price 101 for buy",
                "take_profit: 98 must be above limit_price 99 for buy",
            ],
        ),
    ],
)
def test_every_fault_is_named_with_its_numbers(
    fields: dict[str, object], faults: list[str]
) -> None:
    assert read(**fields) == faults


# --- against the market -------------------------------------------------------------------------


def asked(order_type: OrderType = MARKET, **prices: int | None) -> AlertAccepted:
    numbers = {name: None if it is None else Decimal(it) for name, it in prices.items()}
    return evolve(alert("s1", price=None), order_type=order_type, **numbers)  # type: ignore[arg-type]


def checked(signal: AlertAccepted, price: int = 100) -> Entry:
    return Entry(desk(quoted(AAPL, price), signal), signal, rules(), buys(10), signal.at)


@pytest.mark.parametrize(
    ("signal", "passes"),
    [
        (asked(take_profit=101, stop_loss=99), True),
        (asked(take_profit=100), False),
        (asked(stop_loss=100), False),
        (asked(LIMIT, limit_price=90, take_profit=95, stop_loss=85), True),
        (asked(LIMIT, limit_price=120, stop_loss=105), False),  # it would fill at 100
        (asked(STOP, stop_price=110, stop_loss=105, take_profit=120), True),
        (asked(STOP, stop_price=110, take_profit=105), False),
        (asked(STOP, stop_price=100), False),
        (asked(price=104, take_profit=103), False),
        (asked(), True),
    ],
)
def test_prices_are_on_their_side_of_where_the_entry_will_trade(
    signal: AlertAccepted, *, passes: bool
) -> None:
    verdict = on_its_side(checked(signal))
    assert (verdict.code, verdict.passed) == (Code.WRONG_SIDE, passes)


def test_a_price_on_the_wrong_side_is_refused_with_its_numbers() -> None:
    signal = asked(STOP, stop_price=99, take_profit=105)
    decision = decide(desk(quoted(AAPL, 100), signal), signal, rules(), AT)
    assert isinstance(decision, Refuse)
    assert decision.refused.code is Code.WRONG_SIDE
    assert decision.refused.inputs == {
        "market": "100",
        "entry_expected_at": "100",
        "stop_price": "99",
        "take_profit": "105",
    }


@pytest.mark.parametrize(
    ("session", "hours", "passes"),
    [
        (SessionAsked.REGULAR, Hours.EXCHANGE, True),
        (SessionAsked.EXTENDED, Hours.EXCHANGE, False),
        (SessionAsked.EXTENDED, Hours.ALWAYS, True),
    ],
)
def test_extended_hours_are_refused_where_they_are_not_offered(
    session: SessionAsked, hours: Hours, *, passes: bool
) -> None:
    signal = evolve(asked(LIMIT, limit_price=90), session=session)
    entry = Entry(desk(signal), signal, rules(hours=hours), buys(10), signal.at)
    verdict = session_offered(entry)
    assert (verdict.code, verdict.passed) == (Code.SESSION_NOT_OFFERED, passes)


# --- what becomes of them -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "worst"),
    [
        (asked(STOP, stop_price=110), "112.2"),  # two per cent of collar
        (asked(STOP_LIMIT, stop_price=110, limit_price=111), "111"),
        (asked(TRAILING, trail_percent=10), "112.2"),
    ],
)
def test_a_stop_that_buys_is_valued_at_what_it_may_cost(signal: AlertAccepted, worst: str) -> None:
    limited = rules(limits(price_collar_percent=2))
    decision = decide(desk(quoted(AAPL, 100), signal), signal, limited, AT)
    assert isinstance(decision, Plan)
    assert decision.order.worst_price == Decimal(worst)


def test_an_order_is_planned_by_every_price_of_its_alert() -> None:
    signal = asked(STOP_LIMIT, stop_price=110, limit_price=111, take_profit=120, stop_loss=105)
    decision = decide(desk(quoted(AAPL, 100), signal), signal, rules(), AT)
    assert isinstance(decision, Plan)
    order = decision.order
    assert seen(order.order_type, order.stop_price, order.limit_price) == seen(STOP_LIMIT, 110, 111)
    assert seen(order.take_profit, order.stop_loss, order.intent) == seen(120, 105, Intent.ENTRY)


def test_an_exit_that_trails_is_planned_as_one() -> None:
    signal = evolve(alert("s1", Action.SELL, 10), order_type=TRAILING, trail_percent=Decimal(3))
    held = planned(quantity=10)
    decision = decide(desk(held, started(), fill("x0", 10), signal), signal, rules(), AT)
    assert isinstance(decision, Plan)
    order = decision.order
    assert seen(order.side, order.trail_percent, order.account) == seen(Side.SELL, 3, ACCOUNT)
