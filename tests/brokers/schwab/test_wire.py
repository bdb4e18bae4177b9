"""Schwab's JSON in our words: exact numbers, every word, no phantom fills."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from brokers.base import VenueStatus
from brokers.market import MarketHours
from brokers.schwab.wire_accounts import (
    AccountId,
    AccountRecord,
    TransactionRecord,
    balances_of,
    others_of,
    positions_of,
    transactions_of,
)
from brokers.schwab.wire_json import (
    UnreadableBodyError,
    Word,
    epoch_ms,
    instant_of,
    parsed,
    read,
)
from brokers.schwab.wire_market import (
    CandleList,
    candles_of,
    frequency_of,
    hours_of,
    quotes_of,
)
from brokers.schwab.wire_orders import OrderRecord, executions_of, venue_order_of, walked
from brokers.schwab.wire_symbols import SymbolUnmappedError, from_schwab, to_schwab
from brokers.schwab.wire_words import (
    ActivityKind,
    AssetType,
    Duration,
    ExecutionKind,
    Instruction,
    Kind,
    Session,
    Status,
    Strategy,
    TransactionKind,
    TransactionStatus,
    status_of,
)
from tests.brokers.schwab.bodies import activity, answered, leg, made, order, record, text
from tests.trading.builders import AAPL, SHARED, seen
from trading.vocabulary import Side, Symbol


SCHWAB = SHARED / "schwab"
MINUTE = timedelta(minutes=1)
needs_data = pytest.mark.skipif(not SCHWAB.is_dir(), reason="Schwab's own bodies are not here")


def files(folder: str, pattern: str) -> list[Path]:
    return sorted((SCHWAB / folder).glob(pattern))


# --- numbers --------------------------------------------------------------------------------------


def test_a_number_is_read_from_its_text() -> None:
    value = read('{"orderId": 1005000000001, "price": 0.1000000000000000055}', OrderRecord)
    assert value.price == Decimal("0.1000000000000000055")
    assert value.order_id == "1005000000001"


@pytest.mark.parametrize("price", ["true", '"abc"', '"NaN"', "NaN", "[]"])
def test_what_is_no_number_is_refused(price: str) -> None:
    with pytest.raises(UnreadableBodyError):
        read(f'{{"orderId": 1, "price": {price}}}', OrderRecord)


def test_a_body_that_is_no_json_is_refused() -> None:
    with pytest.raises(UnreadableBodyError, match="no JSON"):
        parsed("<HTML>Access Denied")


def test_every_fault_of_a_body_is_named() -> None:
    with pytest.raises(UnreadableBodyError, match=r"price.*entered_time"):
        made({"orderId": 1, "price": "x", "enteredTime": "yesterday"}, OrderRecord)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(UnreadableBodyError, match="entered_time"):
        made({"orderId": 1, "enteredTime": "2026-03-02T15:00:00"}, OrderRecord)


@pytest.mark.parametrize("zone", ["+0000", "Z", "+00:00"])
def test_an_instant_is_read_with_any_sign_of_its_zone(zone: str) -> None:
    assert record(enteredTime=f"2026-03-02T15:00:00{zone}").entered_time.hour == 15


def test_milliseconds_are_exact_both_ways() -> None:
    at = datetime(2025, 1, 31, 1, 1, 39, 972_000, tzinfo=UTC)
    assert instant_of(1738285299972) == at
    assert epoch_ms(at) == 1738285299972


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_a_word_of_ours(status: Status) -> None:
    ends = {
        Status.FILLED: VenueStatus.FILLED,
        Status.CANCELED: VenueStatus.CANCELLED,
        Status.EXPIRED: VenueStatus.EXPIRED,
        Status.REPLACED: VenueStatus.REPLACED,
        Status.REJECTED: VenueStatus.REJECTED,
    }
    assert status_of(status) == ends.get(status, VenueStatus.WORKING)


def test_a_status_nobody_knows_is_alive() -> None:
    told = record(status="BRAND_NEW")
    assert told.status is Status.OTHER
    assert venue_order_of(told).status is VenueStatus.WORKING


WORDS: dict[str, type[Word]] = {
    "status": Status,
    "apiOrderStatus": Status,
    "session": Session,
    "duration": Duration,
    "orderType": Kind,
    "orderTypeRequest": Kind,
    "orderStrategyType": Strategy,
    "instruction": Instruction,
    "assetType": AssetType,
    "TransactionType": TransactionKind,
}


@needs_data
@pytest.mark.parametrize("name", WORDS)
def test_every_word_of_the_documents_has_a_case(name: str) -> None:
    document = json.loads((SCHWAB / "openapi/trader_api.openapi.json").read_text())
    words = document["components"]["schemas"][name]["enum"]
    assert set(words) <= {word.value for word in WORDS[name]}


@needs_data
def test_every_word_within_the_documents_fields_has_a_case() -> None:
    schemas = json.loads((SCHWAB / "openapi/trader_api.openapi.json").read_text())["components"]
    activities = schemas["schemas"]["OrderActivity"]["properties"]
    transactions = schemas["schemas"]["Transaction"]["properties"]
    for words, kind in (
        (activities["activityType"]["enum"], ActivityKind),
        (activities["executionType"]["enum"], ExecutionKind),
        (transactions["status"]["enum"], TransactionStatus),
    ):
        assert set(words) <= {word.value for word in kind}


# --- symbols --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ours", "theirs"), [("AAPL", "AAPL"), ("BRK.B", "BRK/B")])
def test_a_shares_name_goes_both_ways(ours: str, theirs: str) -> None:
    assert to_schwab(Symbol(ours)) == theirs
    assert from_schwab(theirs) == ours


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("AAPL  260320C00150000", "an option"),
        ("AAPL260320C00150000", "an option"),
        ("/ESH26", "a future"),
        ("./ESH26C5000", "an option on a future"),
        ("$SPX", "an index"),
        ("BRK-B", "no share's name"),
        ("NASDAQ:AAPL", "no share's name"),
        ("ES1!", "no share's name"),
        ("", "no share's name"),
    ],
)
def test_what_is_no_share_is_refused_by_name(symbol: str, kind: str) -> None:
    with pytest.raises(SymbolUnmappedError, match=kind):
        to_schwab(Symbol(symbol))
    with pytest.raises(SymbolUnmappedError, match=kind):
        from_schwab(symbol)


# --- orders ---------------------------------------------------------------------------------------


def test_a_fill_is_each_leg_of_each_execution() -> None:
    fills = [activity(2, 15, 25.49, at="2026-03-02T15:01:00+0000"), activity(1, 25, 25.5)]
    told = executions_of(record(orderActivityCollection=fills))
    assert [(e.execution_id, e.quantity, e.price, e.side) for e in told] == [
        ("1.1", Decimal(25), Decimal("25.5"), Side.BUY),
        ("2.1", Decimal(15), Decimal("25.49"), Side.BUY),
    ]


@pytest.mark.parametrize("kind", ["CANCELED", "CANCEL_REPLACE", "SOMETHING_NEW"])
def test_what_was_taken_back_is_no_fill(kind: str) -> None:
    told = record(status="CANCELED", orderActivityCollection=[activity(1, 10, 0.0, kind)])
    assert executions_of(told) == ()


def test_a_short_sale_is_a_sale_and_a_cover_a_buy() -> None:
    sides = [record(orderLegCollection=[leg(word)]).side for word in ("SELL_SHORT", "BUY_TO_COVER")]
    assert sides == [Side.SELL, Side.BUY]


def test_an_etf_comes_back_under_another_type() -> None:
    etf = leg(symbol="VOO", assetType="COLLECTIVE_INVESTMENT")
    told = record(orderLegCollection=[etf], orderActivityCollection=[activity(1, 1, 500)])
    assert [execution.symbol for execution in executions_of(told)] == ["VOO"]


def test_an_option_order_has_no_executions_of_shares() -> None:
    option = leg("BUY_TO_OPEN", symbol="AAPL  260320C00150000", assetType="OPTION")
    told = record(orderLegCollection=[option], orderActivityCollection=[activity(1, 1, 5)])
    assert executions_of(told) == ()


def test_a_bracket_is_walked_without_its_node() -> None:
    legs = [order(3, "AWAITING_PARENT_ORDER"), order(4, "AWAITING_PARENT_ORDER")]
    node = {"orderStrategyType": "OCO", "orderId": 2, "childOrderStrategies": legs}
    tree = made(order(1, childOrderStrategies=[node]), OrderRecord)
    assert [told.order_id for told in walked([tree])] == ["1", "3", "4"]


# --- money and holdings ---------------------------------------------------------------------------


def account(kind: str, money: dict[str, Any], *positions: dict[str, Any]) -> Any:
    body: dict[str, Any] = {"type": kind, "accountNumber": 12345678, "currentBalances": money}
    if positions:
        body["positions"] = list(positions)
    return made({"securitiesAccount": body}, AccountRecord).securities_account


def holding(symbol: str, asset: str = "EQUITY", *, long: float = 0, short: float = 0) -> Any:
    instrument = {"assetType": asset, "symbol": symbol}
    return {"longQuantity": long, "shortQuantity": short, "instrument": instrument}


def test_a_cash_account_spends_only_what_has_settled() -> None:
    money = {"cashBalance": 5000.0, "cashAvailableForTrading": 4000.0, "unsettledCash": 1500.0}
    told = balances_of(account("CASH", money))
    assert seen(told.cash, told.buying_power) == (5000, 2500)


def test_a_margin_account_has_buying_power_and_what_it_borrowed() -> None:
    money = {"cashBalance": 0.0, "marginBalance": -1200.5, "buyingPower": 29000.0}
    told = balances_of(account("MARGIN", money))
    assert seen(told.cash, told.buying_power) == (Decimal("-1200.5"), 29000)


def test_holdings_are_signed_and_only_shares() -> None:
    option = holding("AAPL  260320C00150000", "OPTION", long=1)
    etf = holding("XETF", "COLLECTIVE_INVESTMENT", long=3.1415)
    held = account("MARGIN", {}, holding("BRK/B", long=4), holding("SHRT", short=5), etf, option)
    assert positions_of(held) == {"BRK.B": 4, "SHRT": -5, "XETF": Decimal("3.1415")}
    assert others_of(held) == ("AAPL  260320C00150000",)


def test_an_account_without_holdings_has_no_such_field() -> None:
    assert positions_of(account("CASH", {})) == {}


def moved(kind: str, amount: float, *items: dict[str, Any], **more: Any) -> TransactionRecord:
    body = {
        "activityId": 7,
        "time": "2026-03-02T15:00:00+0000",
        "type": kind,
        "status": "VALID",
        "netAmount": amount,
        "transferItems": list(items),
    }
    return made(body | more, TransactionRecord)


SHARES = {"instrument": {"assetType": "EQUITY", "symbol": "AAPL"}, "amount": 10, "cost": -100}
FEE = {"instrument": {"assetType": "CURRENCY"}, "amount": 0.5, "cost": -0.5, "feeType": "SEC_FEE"}


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (moved("ACH_RECEIPT", 100), "deposit"),
        (moved("WIRE_IN", 100), "deposit"),
        (moved("CASH_RECEIPT", 100), "deposit"),
        (moved("ACH_DISBURSEMENT", -100), "withdrawal"),
        (moved("CASH_DISBURSEMENT", -100), "withdrawal"),
        (moved("WIRE_OUT", -100), "withdrawal"),
        (moved("ELECTRONIC_FUND", 100), "deposit"),
        (moved("ELECTRONIC_FUND", -100), "withdrawal"),
        (moved("DIVIDEND_OR_INTEREST", 3), "interest"),
        (moved("DIVIDEND_OR_INTEREST", 3, SHARES), "dividend"),
        (moved("JOURNAL", 5), "transfer"),
        (moved("RECEIVE_AND_DELIVER", 0, SHARES), "transfer"),
        (moved("MEMORANDUM", 1), "memorandum"),
        (moved("MONEY_MARKET", 1), "money_market"),
        (moved("SOMETHING_NEW", 1), "(another)"),
    ],
)
def test_every_movement_has_its_word(record: TransactionRecord, kind: str) -> None:
    assert [told.kind for told in transactions_of([record])] == [kind]


@pytest.mark.parametrize("kind", ["MARGIN_CALL", "SMA_ADJUSTMENT"])
def test_a_call_on_money_moves_none(kind: str) -> None:
    assert transactions_of([moved(kind, -500)]) == ()


def test_a_trade_in_shares_is_told_by_its_fees_alone() -> None:
    (told,) = transactions_of([moved("TRADE", -100.5, SHARES, FEE)])
    assert seen(told.kind, told.amount, told.symbol) == ("fee", Decimal("-0.5"), AAPL)
    assert transactions_of([moved("TRADE", -100, SHARES)]) == ()


def test_a_trade_in_something_else_is_told_whole() -> None:
    (told,) = transactions_of([moved("TRADE", -206)])
    assert seen(told.kind, told.amount, told.symbol) == ("trade", -206, None)


@pytest.mark.parametrize("status", ["PENDING", "INVALID", "UNKNOWN"])
def test_what_does_not_stand_is_not_told(status: str) -> None:
    assert transactions_of([moved("WIRE_IN", 1, status=status)]) == ()


# --- the market -----------------------------------------------------------------------------------


def quoted(**more: Any) -> dict[str, Any]:
    prices = {"bidPrice": 99.5, "askPrice": 99.52, "lastPrice": 0.0, "quoteTime": 1738285299972}
    return {"symbol": "BRK/B", "realtime": True, "quote": prices | more}


def test_a_quote_leaves_out_what_it_does_not_say() -> None:
    quote = quotes_of(answered({"BRK/B": quoted()}))[Symbol("BRK.B")]
    assert (quote.bid, quote.ask, quote.last) == (Decimal("99.5"), Decimal("99.52"), None)
    assert not quote.is_halted


def test_a_halted_security_is_halted() -> None:
    assert quotes_of(answered({"BRK/B": quoted(securityStatus="Halted")}))[
        Symbol("BRK.B")
    ].is_halted


def test_late_quotes_and_unknown_symbols_are_left_out() -> None:
    late = quoted() | {"realtime": False}
    assert quotes_of(answered({"BRK/B": late, "errors": {"invalidSymbols": ["ZZZZ"]}})) == {}


def test_bars_are_told_from_an_instant_on() -> None:
    bar = {"open": 1.1, "high": 2, "low": 1, "close": 1.5, "volume": 9, "datetime": 60_000}
    answer = made({"symbol": "AAPL", "candles": [bar, bar | {"datetime": 0}]}, CandleList)
    told = candles_of(answer, AAPL, MINUTE, instant_of(1))
    assert [seen(c.at, c.open, c.volume) for c in told] == [(instant_of(60_000), Decimal("1.1"), 9)]


@pytest.mark.parametrize("minutes", [1, 5, 10, 15, 30, 1440])
def test_bars_of_some_lengths_are_offered(minutes: int) -> None:
    assert frequency_of(minutes * MINUTE) is not None
    assert frequency_of(minutes * MINUTE + MINUTE * 2) is None


def test_an_open_day_has_its_regular_session() -> None:
    span = {"start": "2026-03-02T09:30:00-05:00", "end": "2026-03-02T16:00:00-05:00"}
    day = {"isOpen": True, "sessionHours": {"preMarket": [], "regularMarket": [span]}}
    told = hours_of({"equity": {"EQ": day}})
    assert told == MarketHours(
        opens_at=datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
        closes_at=datetime(2026, 3, 2, 21, 0, tzinfo=UTC),
    )


def test_a_closed_day_has_none_whatever_its_inner_key() -> None:
    assert hours_of({"equity": {"equity": {"isOpen": False}}}) is None
    with pytest.raises(UnreadableBodyError):
        hours_of({"equity": []})


# --- their own bodies -----------------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize("file", files("synthetic", "order_*.json"), ids=lambda f: f.stem)
def test_their_orders_are_read(file: Path) -> None:
    told = read(file.read_text(), OrderRecord)
    assert all(Status.OTHER is not one.status for one in walked([told]))
    assert all(one.leg is not None for one in walked([told]))
    filled = sum(execution.quantity for execution in executions_of(told))
    assert filled == told.filled_quantity


@needs_data
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("recorded/orders.json", tuple[OrderRecord, ...]),
        ("recorded/transactions.json", tuple[TransactionRecord, ...]),
        ("recorded/account_numbers.json", tuple[AccountId, ...]),
        ("synthetic/account_numbers.json", tuple[AccountId, ...]),
        ("recorded/price_history_daily.json", CandleList),
    ],
)
def test_their_lists_are_read(name: str, kind: type[Any]) -> None:
    assert read((SCHWAB / name).read_text(), kind)


@needs_data
@pytest.mark.parametrize("name", ["recorded/account", "synthetic/account_cash"])
def test_their_accounts_are_read(name: str) -> None:
    body = json.loads((SCHWAB / f"{name}.json").read_text())
    told = made(body[0] if isinstance(body, list) else body, AccountRecord).securities_account
    assert balances_of(told).cash > 0
    assert positions_of(told) == {}


@needs_data
def test_their_margin_account_has_an_etf_and_a_short_sale() -> None:
    told = read((SCHWAB / "synthetic/account_margin.json").read_text(), AccountRecord)
    held = positions_of(told.securities_account)
    assert held == {"ACME": 4, "SHRT": -5, "XETF": Decimal("3.1415")}


@needs_data
@pytest.mark.parametrize("file", files("recorded", "market_hours_*.json"), ids=lambda f: f.stem)
def test_their_hours_are_read(file: Path) -> None:
    is_open = "future_date" in file.stem
    assert (hours_of(parsed(file.read_text())) is not None) is is_open


@needs_data
def test_their_quote_is_read() -> None:
    quotes = quotes_of(parsed((SCHWAB / "recorded/NVDA_quote.json").read_text()))
    assert quotes[Symbol("NVDA")].last == Decimal("123.2291")


def test_a_body_may_be_read_from_text() -> None:
    assert read(text(order()), OrderRecord) == record()
