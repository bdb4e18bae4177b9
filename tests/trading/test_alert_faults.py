"""An alert says what its sender asks for, or every fault in it at once, each with its place."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import AAPL, AT, DEMO, SHARED
from trading.alert_fields import MAX_TEXT
from trading.alerts import Sender, Signal, fingerprint, interpret, new_alert_id
from trading.document import Fault, read
from trading.vocabulary import Action, StrategyName, TimestampMeaning


BARS = StrategyName("bars")
KNOWN = {DEMO: Sender(), BARS: Sender(timestamp=TimestampMeaning.BAR)}
GOOD: dict[str, Any] = {
    "timestamp": "2026-03-02T15:00:00Z",
    "ticker": "AAPL",
    "action": "buy",
    "quantity": 10,
    "price": 150.25,
    "strategy": "demo",
    "message": "crossed",
    "secret": "s3cret",
    "id": "t-1",
}


def told(body: bytes | str) -> Signal | tuple[Fault, ...]:
    return interpret(read(body.encode() if isinstance(body, str) else body), KNOWN)


def signal(**changes: Any) -> Signal:
    """What a good alert with these changes asks for; a field changed to None is left out."""
    fields = {k: v for k, v in (GOOD | changes).items() if v is not None}
    found = told(json.dumps(fields))
    assert isinstance(found, Signal), found
    return found


def faults(**changes: Any) -> list[str]:
    fields = {k: v for k, v in (GOOD | changes).items() if v is not None}
    found = told(json.dumps(fields))
    assert isinstance(found, tuple), found
    return [str(fault) for fault in found]


def fault_in(text: str) -> str:
    """The one fault of a good alert that has this text instead of its quantity."""
    found = told(json.dumps(GOOD).replace('"quantity": 10', text))
    assert isinstance(found, tuple), found
    (fault,) = found
    return str(fault)


# --- what is readable -----------------------------------------------------------------------------


def test_a_whole_alert_is_read_field_by_field() -> None:
    assert signal() == Signal(
        strategy=DEMO,
        symbol=AAPL,
        action=Action.BUY,
        quantity=Decimal(10),
        price=Decimal("150.25"),
        fired_at=AT,
        message="crossed",
        client_id="t-1",
    )


def test_a_close_needs_no_quantity_and_hardly_anything_else() -> None:
    least = told('{"ticker": "AAPL", "action": "close_long", "strategy": "demo"}')
    assert isinstance(least, Signal)
    assert (least.quantity, least.price, least.fired_at, least.client_id) == (None,) * 4


@pytest.mark.parametrize(("word", "action"), [("BUY", Action.BUY), ("Close_Long", "close_long")])
def test_an_action_is_read_in_any_case(word: str, action: str) -> None:
    assert signal(action=word).action == action


@pytest.mark.parametrize(
    ("ticker", "symbol"), [("aapl", "AAPL"), (" BRK.B ", "BRK.B"), ("F", "F"), ("SPY2", "SPY2")]
)
def test_a_ticker_becomes_a_symbol(ticker: str, symbol: str) -> None:
    assert signal(ticker=ticker).symbol == symbol


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ('"quantity": "10"', "10"),
        ('"quantity": " 10.50 "', "10.5"),
        ('"quantity": "+3"', "3"),
        ('"quantity": 1e2', "100"),
        ('"quantity": 1000000000', "1000000000"),
        ('"quantity": 0.00000001', "0.00000001"),
        ('"quantity": 1.0000000000', "1"),
    ],
)
def test_a_number_is_exact_whether_quoted_or_not(text: str, quantity: str) -> None:
    found = told(json.dumps(GOOD).replace('"quantity": 10', text))
    assert isinstance(found, Signal)
    assert found.quantity == Decimal(quantity)


@pytest.mark.parametrize(
    "text", ["2026-03-02T15:00:00Z", "2026-03-02T10:00:00-05:00", "2026-03-02T15:00:00+00:00"]
)
def test_a_fire_time_is_an_instant_whatever_its_zone(text: str) -> None:
    assert signal(timestamp=text).fired_at == AT


def test_the_time_of_a_bar_is_not_when_the_alert_fired() -> None:
    assert signal(strategy="bars").fired_at is None


@pytest.mark.parametrize(("given_id", "client_id"), [(7, "7"), ("", None), (None, None)])
def test_an_id_may_be_a_number_or_be_missing(given_id: object, client_id: str | None) -> None:
    assert signal(id=given_id).client_id == client_id


# --- every fault, with its place ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"ticker": None}, "ticker: is required"),
        ({"ticker": ""}, "ticker: is required"),
        ({"action": None}, "action: is required"),
        ({"strategy": None}, "strategy: is required"),
        ({"quantity": None}, "quantity: is required for buy and sell"),
        ({"action": "sell", "quantity": None}, "quantity: is required for buy and sell"),
        ({"strategy": "dmo"}, 'strategy: unknown strategy "dmo". Did you mean demo?'),
        ({"strategy": "xyzzy"}, 'strategy: unknown strategy "xyzzy"'),
        ({"strategy": 7}, "strategy: must be text; got 7"),
        ({"tickr": "AAPL"}, "tickr: unknown field. Did you mean ticker?"),
        ({"Secret": "s3cret"}, "Secret: unknown field. Did you mean secret?"),
        ({"stop_los": 1}, "stop_los: unknown field. Did you mean stop_loss?"),
        ({"ticker": ["AAPL"]}, "ticker: must be text; got a list"),
        ({"message": {"a": 1}}, "message: must be text; got an object"),
        ({"message": True}, "message: must be text; got true"),
        ({"message": "x" * (MAX_TEXT + 1)}, "message: is longer than 2000 characters"),
        ({"message": "x" * 65_000}, "message: is longer than 2000 characters"),
        ({"message": "\ud800"}, "message: holds half a character (a lone surrogate)"),
        ({"id": "\udfff"}, "id: holds half a character (a lone surrogate)"),
        ({"id": int("9" * (MAX_TEXT + 1))}, "id: is longer than 2000 digits"),
        ({"id": False}, "id: must be text; got false"),
        ({"timestamp": 1772463600}, "timestamp: must be text; got 1772463600"),
        ({"price": [1]}, "price: must be a number; got a list"),
        ({"price": 0}, "price: must be above 0; got 0"),
    ],
)
def test_a_fault_is_told_with_its_place(changes: dict[str, Any], fault: str) -> None:
    assert faults(**changes) == [fault]


@pytest.mark.parametrize(
    ("action", "shown"), [("long", '"long"'), ("{{strategy.order.action}}", None), ("", None)]
)
def test_an_unknown_action_names_those_that_are_known(action: str, shown: str | None) -> None:
    (fault,) = faults(action=action)
    known = f"must be one of buy, sell, close_long, close_short; got {shown or json.dumps(action)}"
    assert fault == ("action: is required" if not action else f"action: {known}")


@pytest.mark.parametrize(
    "ticker",
    [
        "NASDAQ:AAPL",
        "BRK/B",
        "BRK-B",
        "BTC-USD",
        "A" * 12,
        "7UP",
        "{{ticker}}",
        "ß",
        "ﬁx",
        "\u0131bm",
    ],
)
def test_a_ticker_is_never_bent_into_a_symbol(ticker: str) -> None:
    (fault,) = faults(ticker=ticker)
    assert "is not a US stock or ETF symbol; stocks and ETFs only" in fault


def test_a_futures_contract_is_called_one() -> None:
    (fault,) = faults(ticker="ES1!")
    assert fault == 'ticker: "ES1!" is a futures contract; stocks and ETFs only, as AAPL or BRK.B'


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2026-03-02T15:00:00",  # whose time?
        "2026-02-30T15:00:00Z",
        "1772463600",
        "{{timenow}}",
        "0001-01-01T00:00:00+14:00",  # before the first year
        "9999-12-31T23:59:59-14:00",  # after the last
        "",
    ],
)
def test_a_timestamp_that_is_no_instant_is_a_fault(text: str) -> None:
    (fault,) = faults(timestamp=text)
    assert fault.startswith("timestamp: must be a time as 2026-11-20T14:30:00Z; got ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('"quantity": NaN', "must be a number; got NaN"),
        ('"quantity": -Infinity', "must be a number; got -Infinity"),
        ('"quantity": "ten"', 'must be a number; got "ten"'),
        ('"quantity": "1e3"', 'must be a number; got "1e3"'),
        ('"quantity": "NaN"', 'must be a number; got "NaN"'),
        ('"quantity": ""', 'must be a number; got ""'),
        ('"quantity": true', "must be a number; got true"),
        ('"quantity": {}', "must be a number; got an object"),
        ('"quantity": -0', "must be above 0; got -0"),
        ('"quantity": -0.0', "must be above 0; got -0.0"),
        ('"quantity": -5', "must be above 0; got -5"),
        ('"quantity": "-5"', 'must be above 0; got "-5"'),
        ('"quantity": 1e999999', "must be at most 1000000000 with 8 decimals; got 1E+999999"),
        ('"quantity": 1e-999999', "must be at most 1000000000 with 8 decimals; got 1E-999999"),
        (
            '"quantity": 1000000000.5',
            "must be at most 1000000000 with 8 decimals; got 1000000000.5",
        ),
        ('"quantity": 0.000000001', "must be at most 1000000000 with 8 decimals; got 1E-9"),
    ],
)
def test_what_is_no_usable_number_is_a_fault(text: str, fault: str) -> None:
    assert fault_in(text) == f"quantity: {fault}"


def test_decimals_are_counted_to_the_last_one() -> None:
    assert "with 8 decimals" in fault_in(f'"quantity": 1.{"0" * 40}1')


def test_all_faults_are_told_at_once() -> None:
    body = '{"ticker": "ES1!", "action": "go", "price": NaN, "oops": 1, "oops": 2}'
    found = told(body)
    assert isinstance(found, tuple)
    assert [fault.place for fault in found] == [
        "oops",
        "strategy",
        "action",
        "ticker",
        "price",
        "oops",
    ]


def test_a_body_that_is_no_object_has_only_its_own_fault() -> None:
    assert told("[]") == (Fault("body", "must be one JSON object: {...}"),)
    assert told("") == (Fault("line 1 column 1", "the body is empty"),)


def test_an_empty_object_lacks_what_is_required() -> None:
    found = told("{}")
    assert isinstance(found, tuple)
    assert [str(fault) for fault in found] == [
        "strategy: is required",
        "action: is required",
        "ticker: is required",
    ]


def test_the_name_of_an_unknown_field_is_shown_short() -> None:
    (fault,) = faults(**{"x" * 60_000: 1})
    assert fault == "x" * 40 + ": unknown field"


def test_a_fault_can_be_written_to_any_file() -> None:
    (fault,) = faults(**{"\ud800": 1})
    assert fault.encode() == b"?: unknown field"


def test_no_fault_repeats_the_secret() -> None:
    assert "s3cret" not in " ".join(faults(ticker="ES1!", action="go", oops=1))
    assert "s3cret" not in " ".join(faults(secret=["s3cret"], oops=1))


# --- ids ------------------------------------------------------------------------------------------


def test_two_sends_of_one_alert_share_a_fingerprint_and_no_others_do() -> None:
    assert fingerprint(DEMO, b"x") == fingerprint(DEMO, b"x")
    assert len({fingerprint(DEMO, b"x"), fingerprint(BARS, b"x"), fingerprint(DEMO, b"y")}) == 3


def test_an_alert_id_sorts_by_time() -> None:
    assert new_alert_id(datetime(2026, 11, 20, 14, 30, tzinfo=UTC), "7f3a9c21") == (
        "20261120T143000-7f3a9c21"
    )


# --- whatever comes -------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())  # lone surrogates too
    | st.sampled_from(["demo", "AAPL", "buy", "2026-03-02T15:00:00Z", "{{close}}"])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(), SCALARS, max_size=2)
NAMES = st.sampled_from([*GOOD, "oops"]) | st.text()


def judged(body: bytes) -> None:
    """Whatever comes of a body is a signal fit for the journal, or faults with places."""
    found = told(body)
    if isinstance(found, Signal):
        assert found.strategy in KNOWN
        f"{found.message}{found.client_id}".encode()
        assert all(n is None or n > 0 for n in (found.quantity, found.price))
    else:
        assert found
        assert all(str(fault).encode() for fault in found)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_no_object_makes_interpreting_raise(fields: dict[str, Any]) -> None:
    judged(json.dumps(fields).encode())


@given(st.dictionaries(st.sampled_from([*GOOD]), SCALARS, max_size=3))
def test_no_change_of_a_good_alert_makes_interpreting_raise(changes: dict[str, Any]) -> None:
    judged(json.dumps(GOOD | changes).encode())


@given(VALUES.map(json.dumps) | st.text())
def test_no_json_and_no_text_makes_interpreting_raise(text: str) -> None:
    judged(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=200))
def test_no_bytes_make_interpreting_raise(body: bytes) -> None:
    judged(body)


@given(st.integers(0, 400), st.binary(max_size=3))
def test_no_damage_to_a_good_alert_makes_interpreting_raise(place: int, damage: bytes) -> None:
    good = json.dumps(GOOD).encode()
    judged(good[:place] + damage + good[place + 1 :])


def test_no_body_that_people_really_post_makes_interpreting_raise() -> None:
    payloads = SHARED / "payloads.jsonl"
    if not payloads.exists():
        pytest.skip(f"{payloads} is not here")
    bodies = [json.loads(line)["body"] for line in payloads.read_text().splitlines()]
    assert len(bodies) > 100
    for body in bodies:
        judged(body.encode())
