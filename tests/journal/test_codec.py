"""The journal's JSON: exact, strict, and the same for ever."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from attrs import evolve, fields, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from journal import Codec, UndecodableEvent, UnknownEventType, UnreadableEvent, UnwritableEvent
from tests.journal.event_strategies import NUMBERS, instances_of
from tests.journal.samples import AT, CODEC, FILLED, OPENED
from trading.alert_events import Checked, SignalApproved
from trading.event import Event
from trading.events import EVENT_TYPES, AccountOpened, ActorStarted, Halted, Scope
from trading.vocabulary import AccountName, AlertId, Code, StrategyName, Symbol


GOLDEN = Path(__file__).with_name("golden_events.jsonl").read_text(encoding="utf-8").splitlines()


def body_of(event: Event) -> dict[str, object]:
    return cast("dict[str, object]", orjson.loads(CODEC.encode(event)[1]))


# --- what is on disk stays readable ---------------------------------------------------------------


@pytest.mark.parametrize("line", GOLDEN, ids=lambda line: orjson.loads(line)["type"])
def test_json_written_by_this_schema_is_read_and_written_the_same_for_ever(line: str) -> None:
    """But for fields added since, which then read as if they had been left at their default."""
    stored = orjson.loads(line)
    name, body = CODEC.encode(CODEC.decode(stored["type"], orjson.dumps(stored["body"]).decode()))
    today = orjson.loads(body)
    assert (name, filled_up(stored["body"], today)) == (stored["type"], today)


def filled_up(stored: Any, today: Any) -> Any:
    """What was written then, with the fields of today that it lacks, however deep."""
    if isinstance(stored, dict) and isinstance(today, dict):
        return today | {name: filled_up(value, today.get(name)) for name, value in stored.items()}
    if isinstance(stored, list) and isinstance(today, list) and len(stored) == len(today):
        return [filled_up(*pair) for pair in zip(stored, today, strict=True)]
    return stored


def test_the_last_golden_line_of_a_type_has_all_its_fields() -> None:
    last = {orjson.loads(line)["type"]: orjson.loads(line)["body"] for line in GOLDEN}
    for it in EVENT_TYPES:
        assert list(last[it.__name__]) == [field.name for field in fields(it)]


def test_every_event_type_has_a_golden_line() -> None:
    assert {orjson.loads(line)["type"] for line in GOLDEN} == {it.__name__ for it in EVENT_TYPES}


def test_a_fill_reads_as_this_json() -> None:
    assert body_of(FILLED) == {
        "at": "2026-03-02T14:30:00.000250Z",
        "order_id": "a1.paper.1",
        "alert_id": "a1",
        "account": "paper",
        "strategy": "demo",
        "symbol": "BRK.B",
        "side": "buy",
        "execution_id": "X-1",
        "quantity": "10",
        "price": "250.10",
        "fee": "0.00",
        "executed_at": "2026-03-02T14:30:00.000250Z",
        "label": "",
        "is_fee_estimated": False,
    }


def test_nested_values_read_as_this_json() -> None:
    approved = SignalApproved(
        at=AT,
        alert_id=AlertId("a1"),
        account=AccountName("paper"),
        strategy=StrategyName("demo"),
        symbol=Symbol("AAPL"),
        checks=(Checked(Code.CASH, passed=True, inputs={"cash": "25000.00"}),),
    )
    assert body_of(approved)["checks"] == [
        {"code": "CASH", "passed": True, "inputs": {"cash": "25000.00"}}
    ]
    halted = Halted(
        at=AT, act_id="h1", scope=Scope(), generation=2, code=Code.OPERATOR, reason="", by="ann"
    )
    assert body_of(halted)["scope"] == {"account": None, "strategy": None, "symbol": None}


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=10)
def test_every_event_survives_the_round_trip(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(instances_of(kind))
    assert CODEC.decode(*CODEC.encode(event)) == event


@given(cash=NUMBERS)
@settings(deadline=None, derandomize=True, max_examples=40)
def test_money_keeps_every_digit_and_its_exponent(cash: Decimal) -> None:
    back = CODEC.decode(*CODEC.encode(evolve(OPENED, cash=cash)))
    assert isinstance(back, AccountOpened)
    assert back.cash.as_tuple() == cash.as_tuple()


def test_whole_seconds_keep_their_microseconds_so_that_times_sort_as_text() -> None:
    assert body_of(evolve(OPENED, at=datetime(2026, 3, 2, tzinfo=UTC)))["at"] == (
        "2026-03-02T00:00:00.000000Z"
    )


def test_times_of_other_zones_are_written_in_utc() -> None:
    new_york = timezone(timedelta(hours=-5))
    event = evolve(OPENED, at=datetime(2026, 3, 2, 9, 30, 0, 7, tzinfo=new_york))
    assert body_of(event)["at"] == "2026-03-02T14:30:00.000007Z"


# --- what states are made of ----------------------------------------------------------------------


APPROVED = SignalApproved(
    at=AT,
    alert_id=AlertId('a,"checks":1'),
    account=AccountName("paper"),
    strategy=StrategyName("demo"),
    symbol=Symbol("AAPL"),
    checks=(Checked(Code.CASH, passed=True, inputs={"checks": ',"checks":[]'}),),
)


@pytest.mark.parametrize("line", GOLDEN, ids=lambda line: orjson.loads(line)["type"])
def test_a_fact_is_the_event_without_what_it_says_to_people_alone(line: str) -> None:
    stored = orjson.loads(line)
    name, body = stored["type"], orjson.dumps(stored["body"]).decode()
    event = CODEC.decode(name, body)
    if isinstance(event, SignalApproved):
        event = evolve(event, checks=())
    assert CODEC.fact(name, body) == event


def test_only_what_is_for_people_is_left_out_whatever_the_texts_before_it_hold() -> None:
    assert CODEC.fact(*CODEC.encode(APPROVED)) == evolve(APPROVED, checks=())


def test_what_is_for_people_need_not_be_there_nor_be_readable() -> None:
    name, body = CODEC.encode(APPROVED)
    old = orjson.dumps({k: v for k, v in orjson.loads(body).items() if k != "checks"}).decode()
    assert CODEC.fact(name, old) == CODEC.fact(name, body.replace("CASH", "MASH"))


@pytest.mark.parametrize("body", ["{", '{"at":"2026-03-02T14:30:00.000250Z"}', '{"checks":[]}'])
def test_a_fact_that_does_not_fit_is_refused_as_its_event_is(body: str) -> None:
    with pytest.raises(UnreadableEvent):
        CODEC.fact("SignalApproved", body)
    with pytest.raises(UnknownEventType):
        CODEC.fact("Unheard", body)


# --- what may change: fields with a default -------------------------------------------------------


def test_a_field_that_old_rows_lack_takes_its_default() -> None:
    old = {name: value for name, value in body_of(FILLED).items() if name not in ("fee", "label")}
    assert CODEC.decode("OrderFilled", orjson.dumps(old)) == FILLED


# --- what is refused on the way out ---------------------------------------------------------------


def test_a_body_names_every_fault_with_its_field() -> None:
    body = body_of(FILLED) | {"side": "hold", "quantity": 10, "colour": "red"}
    del body["price"]
    with pytest.raises(UnreadableEvent) as caught:
        CODEC.decode("OrderFilled", orjson.dumps(body))
    for named in ("OrderFilled", "side", "quantity", "colour", "price"):
        assert named in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account", 7),
        ("account", None),
        ("quantity", 10.5),
        ("quantity", "ten"),
        ("quantity", "NaN"),
        ("side", "BUY"),
        ("side", ["buy"]),
        ("at", 1772461800),
        ("at", "2026-03-02T14:30:00"),
        ("at", "2026-03-02T14:30:00-05:00"),
        ("at", "yesterday"),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_not_read(field: str, value: object) -> None:
    body = body_of(FILLED) | {field: value}
    with pytest.raises(UnreadableEvent, match=field):
        CODEC.decode("OrderFilled", orjson.dumps(body))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("checks", {"code": "CASH"}),
        ("checks", [{"code": "CASH", "passed": 1}]),
        ("checks", [{"code": "CASH", "passed": True, "inputs": {"cash": 1}}]),
        ("checks", [{"code": "CASH", "passed": True, "inputs": []}]),
        ("checks", [{"code": "CASH", "passed": True, "why": "x"}]),
    ],
)
def test_a_nested_value_that_does_not_fit_is_not_read(field: str, value: object) -> None:
    names = ("alert_id", "account", "strategy", "symbol")
    body = {"at": "2026-03-02T14:30:00.000250Z", **dict.fromkeys(names, "x"), field: value}
    with pytest.raises(UnreadableEvent, match=field):
        CODEC.decode("SignalApproved", orjson.dumps(body))


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', b"\xff"])
def test_a_body_that_is_no_json_object_is_not_read(body: str | bytes) -> None:
    with pytest.raises(UnreadableEvent, match="AccountOpened"):
        CODEC.decode("AccountOpened", body)


def test_an_unknown_type_name_is_not_read() -> None:
    with pytest.raises(UnknownEventType, match="OrderTeleported is not an event") as caught:
        CODEC.decode("OrderTeleported", "{}")
    assert isinstance(caught.value, UndecodableEvent)


# --- what is refused on the way in ----------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"cash": 25000.0},
        {"cash": None},
        {"cash": Decimal("Infinity")},
        {"account": None},
        {"account": Symbol},
        {"account": "\ud800"},
        {"at": datetime(2026, 3, 2)},  # noqa: DTZ001 - the fault under test
        {"at": "2026-03-02"},
    ],
)
def test_a_value_that_does_not_fit_its_field_is_not_written(wrong: dict[str, Any]) -> None:
    event = evolve(OPENED, **wrong)
    with pytest.raises(UnwritableEvent, match="AccountOpened"):
        CODEC.encode(event)


def test_nested_values_that_do_not_fit_are_not_written() -> None:
    started = ActorStarted(at=AT, actor="risk", incarnation=True)
    with pytest.raises(UnwritableEvent, match="True is not int"):
        CODEC.encode(started)
    inputs = cast("dict[str, str]", {"cash": 1})
    checked = Checked(Code.CASH, passed=True, inputs=inputs)
    with pytest.raises(UnwritableEvent, match="1 is not str"):
        CODEC.encode(
            SignalApproved(
                at=AT,
                alert_id=AlertId("a1"),
                account=AccountName("paper"),
                strategy=StrategyName("demo"),
                symbol=Symbol("AAPL"),
                checks=(checked,),
            )
        )


def test_an_event_the_codec_was_not_told_of_is_not_written() -> None:
    with pytest.raises(UnknownEventType, match="AccountOpened"):
        Codec([Halted]).encode(OPENED)


def test_a_type_with_a_float_has_no_codec() -> None:
    @frozen(kw_only=True)
    class Measured(Event):
        price: float

    with pytest.raises(TypeError, match=r"float.* has no exact form in JSON"):
        Codec([Measured])


def test_two_types_of_one_name_cannot_share_a_codec() -> None:
    with pytest.raises(ValueError, match="same name"):
        Codec([Halted, type("Halted", (Event,), {})])
