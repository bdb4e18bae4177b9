"""One thing that happened, as one line: a log record or a committed event, as JSON or as text."""

import json
import logging
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import attrs
import orjson
import structlog

from journal import Recorded
from trading.alert_events import AlertQuarantined, AlertUnreadable, ProtectionRemoved, StillHeld
from trading.bookings import ExternallyClosed, ExternalTraded
from trading.event import Event
from trading.events import (
    EVENT_TYPES,
    AccountParked,
    ActorStarted,
    CommandQuarantined,
    Halted,
    Tripped,
    VenueFailed,
    VenueLost,
)
from trading.masking import Mask
from trading.order_events import (
    CancelOverdue,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAbandoned,
    OrderAbsent,
    OrderRefused,
    OrderRejected,
    OrderSuspended,
    SubmitUnknown,
)
from trading.people import PasswordWrong
from trading.sign_ins import SignInDue, VenueSignedOut


Fields = dict[str, Any]
"""A line before it is written: `at`, `level` and `event` first, then whatever belongs to it."""

OURS: Final = "trading_bot"
"""The loggers whose messages are event words; what libraries say is free text."""

GRAVE: Final[frozenset[type[Event]]] = frozenset(
    {
        AccountParked,
        AlertQuarantined,
        AlertUnreadable,
        CommandQuarantined,
        ExecutionBusted,
        ExecutionCorrected,
        ExternalTraded,
        ExternallyClosed,
        Halted,
        OrderAbandoned,
        OrderAbsent,
        CancelOverdue,
        OrderRefused,
        OrderRejected,
        OrderSuspended,
        PasswordWrong,
        ProtectionRemoved,
        StillHeld,
        SubmitUnknown,
        Tripped,
        VenueFailed,
        VenueLost,
        VenueSignedOut,
        SignInDue,
    }
)
_NOT_SHOWN: Final = frozenset({"at", "body", "calendar", "checks", "dedup", "marks"})
"""Long or of no use to a reader; the journal has them."""

_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


# --- what a line says -------------------------------------------------------------------------


def level_of(recorded: Recorded) -> int:
    """How grave an event is: a first start is routine, a later one is a crash survived."""
    event = recorded.event
    if isinstance(event, ActorStarted):
        return logging.DEBUG if event.incarnation == 1 else logging.WARNING
    return logging.WARNING if type(event) in GRAVE else logging.INFO


@cache
def event_word(name: str) -> str:
    """The event's type as the log writes it: order_filled for OrderFilled."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def fields_of_event(recorded: Recorded) -> Fields:
    """A committed event, with what caused it; `at` is when it became a fact."""
    event = recorded.event
    fields: Fields = {
        "at": event.at,
        "level": logging.getLevelName(level_of(recorded)).lower(),
        "event": event_word(type(event).__name__),
        "seq": recorded.seq,
        "actor": recorded.writer,
    }
    if recorded.cause:
        fields["caused_by"] = recorded.cause
    for name in _SHOWN[type(event)]:
        if (value := getattr(event, name)) or isinstance(value, int | Decimal):  # nothing empty
            fields[name] = value
    return fields


def fields_of_record(record: logging.LogRecord) -> Fields:
    """A log record of ours, or of a library, which says `library_said` and what."""
    fields: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC),
        "level": record.levelname.lower(),
        "event": record.getMessage(),
    }
    if record.name.partition(".")[0] != OURS:
        fields |= {"event": "library_said", "said": record.getMessage()}
    fields |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
    fields |= {"logger": record.name, "thread": record.threadName}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fields["error"] = f"{type(error).__name__}: {error}"
        fields["traceback"] = "".join(traceback.format_exception(error))
    return fields


def _shown(kind: type[Event]) -> tuple[str, ...]:
    return tuple(a.name for a in attrs.fields(kind) if a.name not in _NOT_SHOWN)


_SHOWN: Final = {kind: _shown(kind) for kind in EVENT_TYPES}


# --- how a line is written --------------------------------------------------------------------


def written(fields: Fields, mask: Mask, render: Callable[[Fields], str]) -> str:
    """The line, with every known secret hidden in every value.

    Looked for once in all of it, as JSON, which is one of the writings that a mask knows.
    """
    line = as_json(fields)
    if mask.finds(line):
        fields = {name: _hidden(value, mask) for name, value in fields.items()}
    elif render is as_json:
        return line
    return render(fields)


def all_written(lines: Sequence[Fields], mask: Mask, render: Callable[[Fields], str]) -> list[str]:
    """What `written` makes of each; secrets, which are hardly ever there, are looked for once."""
    plain = [as_json(fields) for fields in lines]
    if mask.finds("\n".join(plain)):
        return [written(fields, mask, render) for fields in lines]
    return plain if render is as_json else [render(fields) for fields in lines]


def _hidden(value: Any, mask: Mask) -> Any:
    if isinstance(value, str):
        return mask.hide(value)
    if isinstance(value, list | tuple):
        return [_hidden(one, mask) for one in value]
    if isinstance(value, Mapping):
        return {key: _hidden(one, mask) for key, one in value.items()}
    text = str(_plain(value))
    return mask.hide(text) if mask.finds(text) else value


def _plain(value: Any) -> Any:
    """A value of the kinds that JSON has."""
    match value:
        case None | bool() | int() | float() | Mapping() | list():
            return value
        case tuple():
            return list(value)
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case _:
            return str(value)


def _odd(value: Any) -> Any:
    """What orjson does not know; of that, Decimals are by far the most."""
    return format(value, "f") if isinstance(value, Decimal) else _plain(value)


def as_json(fields: Fields) -> str:
    """One object in one line."""
    try:
        return orjson.dumps(fields, default=_odd, option=orjson.OPT_UTC_Z).decode()
    except TypeError:  # half a surrogate pair, or a number beyond 64 bits
        return json.dumps(fields, default=_plain)


def as_text(*, colors: bool, with_time: bool = True) -> Callable[[Fields], str]:
    """A renderer for people: one line, a traceback below it."""
    console = structlog.dev.ConsoleRenderer(
        colors=colors,
        pad_event_to=20,
        sort_keys=False,
        timestamp_key="at",
        exception_formatter=structlog.dev.plain_traceback,
    )

    def render(fields: Fields) -> str:
        shown = {key: _readable(_plain(value)) for key, value in fields.items()}
        if not with_time:
            del shown["at"]
        if "traceback" in fields:
            shown["exception"] = str(fields["traceback"]).rstrip()
            del shown["traceback"]
        return str(console(None, shown["level"], shown))

    return render


def _readable(value: Any) -> str:
    """A value in one line: what a terminal would obey instead of show is escaped."""
    if isinstance(value, list):
        return ",".join(_readable(_plain(one)) for one in value)
    if isinstance(value, Mapping):
        return ",".join(f"{_readable(key)}:{_readable(_plain(one))}" for key, one in value.items())
    text = str(value)
    return text if text.isprintable() else repr(text)[1:-1]
