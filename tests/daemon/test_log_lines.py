"""What a line says and how it is written, as JSON and as text."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.log_lines import (
    as_json,
    as_text,
    event_word,
    fields_of_event,
    fields_of_record,
    level_of,
    written,
)
from journal import Recorded
from tests.actors.facts import a_life
from tests.journal.event_strategies import events
from trading.event import Event
from trading.events import EVENT_TYPES, ActorStarted
from trading.masking import Mask


SECRET = "hunter2-hunter2"
NOBODY = Mask()
TEXT = as_text(colors=False)


def recorded(event: Event, cause: str = "a1") -> Recorded:
    return Recorded(7, event, "risk:paper", 3, 1, cause)


def record(word: str = "actor_crashed", name: str = "trading_bot.runtime", **extra: Any) -> Any:
    given = {"name": name, "levelno": 40, "levelname": "ERROR", "msg": word, "created": 0.25}
    return logging.makeLogRecord({**given, "threadName": "risk:paper", **extra})


def caught() -> Any:
    try:
        int("boom")
    except ValueError:
        return sys.exc_info()


def started(incarnation: int) -> Recorded:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return recorded(ActorStarted(at=at, actor="risk:paper", incarnation=incarnation))


def test_an_event_says_what_it_is_who_wrote_it_and_what_caused_it() -> None:
    *_, filled = a_life("a1")
    line = json.loads(written(fields_of_event(recorded(filled)), NOBODY, as_json))
    assert (line["event"], line["seq"], line["actor"]) == ("order_filled", 7, "risk:paper")
    assert (line["caused_by"], line["alert_id"], line["level"]) == ("a1", "a1", "info")
    assert line["at"].endswith("Z")


def test_every_line_of_an_alert_s_life_names_it() -> None:
    lines = [as_json(fields_of_event(recorded(event))) for event in a_life("a1")]
    assert all('"alert_id":"a1"' in line for line in lines)


def test_a_first_start_is_routine_and_a_later_one_is_not() -> None:
    assert level_of(started(1)) == logging.DEBUG
    assert level_of(started(2)) == logging.WARNING


@given(events(*EVENT_TYPES))
def test_every_event_is_one_line_in_both_forms(event: Event) -> None:
    fields = fields_of_event(recorded(event))
    assert json.loads(written(fields, Mask([SECRET]), as_json))["event"] == fields["event"]
    assert written(fields, NOBODY, TEXT).isprintable()


def test_an_error_is_one_field_and_its_traceback_another() -> None:
    line = json.loads(as_json(fields_of_record(record(exc_info=caught()))))
    assert line["error"].startswith("ValueError: invalid literal")
    assert line["traceback"].startswith("Traceback")
    assert (line["logger"], line["thread"]) == ("trading_bot.runtime", "risk:paper")
    assert line["at"] == "1970-01-01T00:00:00.250000Z"


def test_a_traceback_stands_below_its_line_in_text() -> None:
    text = TEXT(fields_of_record(record(exc_info=caught())))
    first, *below = text.splitlines()
    assert "actor_crashed" in first
    assert below[0] == "Traceback (most recent call last):"
    assert below[-1].startswith("ValueError: invalid literal")


def test_what_a_library_says_is_a_field_of_one_event() -> None:
    line = fields_of_record(record("Using selector: %s", name="asyncio"))
    assert (line["event"], line["said"]) == ("library_said", "Using selector: %s")


@pytest.mark.parametrize(
    "value",
    [SECRET, [SECRET], {"a": (SECRET,)}, f"x{SECRET}y", ValueError(SECRET), SECRET.upper()],
)
@pytest.mark.parametrize("render", [as_json, TEXT])
def test_no_value_shows_a_secret(value: object, render: Any) -> None:
    line = written(fields_of_record(record(value=value)), Mask([SECRET]), render)
    assert SECRET not in line.lower()
    assert "***" in line


def test_a_secret_that_is_a_number_is_hidden_and_the_line_stays_json() -> None:
    line = written(fields_of_record(record(count=12345678)), Mask(["12345678"]), as_json)
    assert json.loads(line)["count"] == "***"


@given(st.text())
def test_text_of_others_cannot_start_a_line_or_steer_a_terminal(said: str) -> None:
    assert TEXT(fields_of_record(record(said=said))).isprintable()


@pytest.mark.parametrize("value", ["\ud800", 2**70])
def test_what_is_beyond_orjson_is_written_all_the_same(value: object) -> None:
    assert json.loads(as_json(fields_of_record(record(value=value))))["value"] == value


def test_an_event_s_word_is_its_type_s() -> None:
    assert event_word("SubmitUnknown") == "submit_unknown"
