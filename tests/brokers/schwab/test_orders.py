"""Orders as Schwab wants them, and those that must not be sent."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from brokers.base import Change, RejectedError, Ticket
from brokers.market import MarketHours, Quote
from brokers.schwab.orders import (
    check_session,
    fingerprint_of,
    instruction_of,
    marketable,
    price_text,
    replacement,
    single,
    together,
)
from brokers.schwab.wire_json import written
from brokers.schwab.wire_symbols import SymbolUnmappedError
from brokers.schwab.wire_words import Duration, Instruction, Kind
from tests.brokers.market_house import LIMIT, MARKET, STOP, STOP_LIMIT, TRAILING, order
from tests.trading.builders import AAPL, AT, SHARED
from trading.guards import Bracket
from trading.vocabulary import OrderId, OrderType, Side, Symbol, TimeInForce


ACME = Symbol("ACME")
GTC = TimeInForce.GTC
HOURS = MarketHours(opens_at=AT - timedelta(hours=1), closes_at=AT + timedelta(hours=1))


def acme(kind: OrderType, side: Side = Side.SELL, **more: Any) -> Ticket:
    return order(kind, side, 7, symbol=ACME, **more)


def body(ticket: Ticket) -> Any:
    return json.loads(written(single(ticket)))


REQUESTS = {
    "req_market_buy": acme(MARKET, Side.BUY),
    "req_limit_sell": acme(LIMIT, limit="31.25", time_in_force=GTC),
    "req_stop": acme(STOP, stop="22.1", time_in_force=GTC),
    "req_stop_limit": acme(STOP_LIMIT, stop="22.1", limit=22),
    "req_trailing_stop_percent": acme(TRAILING, trail="2.5"),
    "req_short_sell_limit": acme(LIMIT, limit=40, short=True),
}


@pytest.mark.skipif(not (SHARED / "schwab").is_dir(), reason="their requests are not here")
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_the_one_of_the_documents(name: str) -> None:
    theirs = json.loads((SHARED / f"schwab/synthetic/{name}.json").read_text())
    ticket = REQUESTS[name]
    if ticket.order_type is STOP_LIMIT:
        theirs["stopType"] = "STANDARD"
    assert body(ticket) == theirs


def bracket() -> tuple[Ticket, ...]:
    more: dict[str, Any] = {"parent_id": OrderId("o1"), "oco_id": "x", "time_in_force": GTC}
    return (
        acme(LIMIT, Side.BUY, limit=25),
        acme(LIMIT, name="o2", limit=28, **more),
        acme(STOP, name="o3", stop=23, **more),
    )


@pytest.mark.skipif(not (SHARED / "schwab").is_dir(), reason="their requests are not here")
def test_a_bracket_is_the_one_of_the_documents() -> None:
    theirs = json.loads((SHARED / "schwab/synthetic/req_bracket_trigger_oco.json").read_text())
    theirs["childOrderStrategies"][0]["childOrderStrategies"][1]["stopType"] = "STANDARD"
    assert json.loads(written(together(bracket()))) == theirs


def test_an_entry_brings_its_bracket_along() -> None:
    entry, *legs = bracket()
    whole = evolve(entry, bracket=Bracket(take_profit=Decimal(28), stop_loss=Decimal(23)))
    assert together([whole]) == together([entry, *legs])
    with_stop = together([evolve(entry, bracket=Bracket(stop_loss=Decimal(23)))])
    assert [child["orderType"] for child in with_stop["childOrderStrategies"]] == ["STOP"]


def test_a_parent_may_have_one_child() -> None:
    entry, _, stop = bracket()
    sent = together([entry, evolve(stop, oco_id=None)])
    assert sent["orderStrategyType"] == "TRIGGER"
    assert [child["orderType"] for child in sent["childOrderStrategies"]] == ["STOP"]


def test_siblings_may_stand_alone() -> None:
    _, target, stop = (evolve(ticket, parent_id=None) for ticket in bracket())
    sent = together([target, stop])
    assert (sent["orderStrategyType"], len(sent["childOrderStrategies"])) == ("OCO", 2)
    assert fingerprint_of(sent, ACME).price == 28


def test_orders_of_different_families_are_not_sent_together() -> None:
    entry, target, stop = bracket()
    with pytest.raises(RejectedError, match="one parent"):
        together([entry, acme(STOP, name="o4", stop=1)])
    with pytest.raises(RejectedError, match="siblings are two"):
        together([entry, target, stop, evolve(stop, order_id=OrderId("o5"))])


# --- prices and quantities ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "text"), [("150.5", "150.50"), ("1", "1.00"), ("0.5", "0.5000"), ("0.1234", "0.1234")]
)
def test_a_price_has_two_decimals_or_four_below_a_dollar(price: str, text: str) -> None:
    assert price_text(Decimal(price)) == text


@pytest.mark.parametrize("price", ["1.005", "0.12345", "0", "-1"])
def test_a_price_is_never_rounded(price: str) -> None:
    with pytest.raises(RejectedError, match="multiple"):
        price_text(Decimal(price))


@pytest.mark.parametrize("quantity", ["0.5", "0", "-1"])
def test_only_whole_shares_are_sent(quantity: str) -> None:
    with pytest.raises(RejectedError, match="whole shares"):
        single(order(MARKET, quantity=quantity))


@pytest.mark.parametrize("kind", [LIMIT, STOP, STOP_LIMIT, TRAILING])
def test_an_order_without_its_price_is_not_sent(kind: OrderType) -> None:
    with pytest.raises(RejectedError, match="needs a"):
        single(order(kind))


def test_an_option_is_refused_by_its_name() -> None:
    option = Symbol("AAPL  260320C00150000")
    with pytest.raises(SymbolUnmappedError, match="an option"):
        single(order(MARKET, symbol=option))


def test_a_class_share_goes_under_its_name_there() -> None:
    sent = single(order(MARKET, symbol=Symbol("BRK.B")))
    assert sent["orderLegCollection"][0]["instrument"]["symbol"] == "BRK/B"


# --- buy, sell, short, cover ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "is_short", "word"),
    [
        (Side.BUY, False, Instruction.BUY),
        (Side.BUY, True, Instruction.BUY_TO_COVER),
        (Side.SELL, False, Instruction.SELL),
        (Side.SELL, True, Instruction.SELL_SHORT),
    ],
)
def test_the_word_follows_from_what_is_meant(
    side: Side,
    is_short: bool,  # noqa: FBT001 - a column of a table
    word: Instruction,
) -> None:
    assert instruction_of(order(MARKET, side, short=is_short)) is word


# --- now, and not at the next open ----------------------------------------------------------------


@pytest.mark.parametrize("hours", [None, HOURS])
def test_a_day_order_after_the_close_is_not_sent(hours: MarketHours | None) -> None:
    late = AT + timedelta(hours=1)
    for ticket in (order(MARKET), order(LIMIT, limit=1), order(MARKET, time_in_force=GTC)):
        with pytest.raises(RejectedError, match="next open"):
            check_session(ticket, hours, late)


def test_protection_may_rest_at_any_hour() -> None:
    check_session(order(STOP, stop=90, time_in_force=GTC), None, AT)
    check_session(order(MARKET), HOURS, AT)


def test_a_market_order_may_go_as_a_limit_that_trades_at_once() -> None:
    shown = Quote(symbol=AAPL, at=AT, source="schwab", bid=Decimal(99), ask=Decimal(100))
    buy = marketable(order(MARKET), shown, Decimal(1))
    sale = marketable(order(MARKET, Side.SELL), shown, Decimal(1))
    assert (buy.limit_price, sale.limit_price) == (Decimal(101), Decimal("98.01"))
    assert marketable(order(LIMIT, limit=5), shown, Decimal(1)).limit_price == 5
    with pytest.raises(RejectedError, match="no price"):
        marketable(order(MARKET), evolve(shown, ask=None), Decimal(1))


# --- replacing and recognising --------------------------------------------------------------------


def test_a_replacement_is_a_whole_order_for_what_has_not_traded() -> None:
    change = Change(quantity=Decimal(9), limit_price=Decimal(30))
    sent = replacement(acme(LIMIT, limit=31), change, Decimal(2), Instruction.SELL)
    assert sent["orderLegCollection"][0]["quantity"] == 7
    assert sent["price"] == "30.00"
    with pytest.raises(RejectedError, match="have traded"):
        replacement(acme(LIMIT, limit=31), change, Decimal(9), Instruction.SELL)


def test_an_order_is_recognised_by_its_terms() -> None:
    told = fingerprint_of(single(acme(STOP_LIMIT, stop=22, limit=21)), ACME)
    assert (told.kind, told.duration, told.instruction) == (
        Kind.STOP_LIMIT,
        Duration.DAY,
        Instruction.SELL,
    )
    assert (told.price, told.stop_price, told.trail) == (Decimal(21), Decimal(22), None)
