"""Events to JSON and back: exact, strict, and quick enough to replay a year at start.

Money is a string, never a float; times are UTC with Z and microseconds. What is written can be
read: a value that does not fit its field is refused on the way in, not found years later.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import attrs
import orjson
from cattrs import Converter, transform_error

from journal.errors import UnknownEventType, UnreadableEvent, UnwritableEvent
from journal.fields import reader_of, writer_of
from trading.event import FOR_PEOPLE, Event


INSTANT: Final = slice(len('{"at":"'), len('{"at":"2026-11-20T14:30:00.000000Z'))
"""Where the instant stands in every event's JSON: `at` is the first field of them all."""


class Codec:
    """Encodes and decodes events of the given types; safe to call from any thread.

    Raises TypeError on construction where a field is declared as what JSON cannot hold exactly.
    """

    def __init__(self, event_types: Sequence[type[Event]]) -> None:
        self._types = {kind.__name__: kind for kind in event_types}
        if len(self._types) != len(event_types):
            raise ValueError("two event types bear the same name")
        converter = Converter()
        self._writers = {kind: writer_of(kind) for kind in event_types}
        self._readers = {kind.__name__: reader_of(kind, converter) for kind in event_types}
        self._ends = {kind.__name__: end for kind in event_types if (end := _end_of(kind))}

    def encode(self, event: Event) -> tuple[str, str]:
        """The event's type name and its JSON; see `write`."""
        type_name, _, body = self.write(event)
        return type_name, body

    def write(self, event: Event) -> tuple[str, dict[str, Any], str]:
        """The event's type name, its fields as they go into JSON, and its JSON.

        Raises:
            UnknownEventType: the codec was not told of this type.
            UnwritableEvent: a value does not fit its field.
        """
        kind = type(event)
        write = self._writers.get(kind)
        if write is None:
            raise UnknownEventType(f"{kind.__name__} is not an event this version knows")
        try:
            fields = write(event)
            body = orjson.dumps(fields, option=orjson.OPT_UTC_Z).decode()
        except Exception as error:  # whatever a wrong value provokes is a wrong value
            raise UnwritableEvent(f"{kind.__name__}: {error}") from error
        return kind.__name__, fields, body

    def decode(self, type_name: str, body: str | bytes) -> Event:
        """The event that `encode` was given; a field the body lacks takes its default.

        Raises:
            UnknownEventType: no known event bears this name.
            UnreadableEvent: the body does not fit the type; every fault with its field.
        """
        read = self._readers.get(type_name)
        if read is None:
            raise UnknownEventType(f"{type_name} is not an event this version knows")
        kind = self._types[type_name]
        try:
            event: Event = read(orjson.loads(body), kind)
        except Exception as error:  # whatever a broken body provokes is a broken body
            raise UnreadableEvent(f"{type_name}: {_faults(kind, body)}") from error
        return event

    def fact(self, type_name: str, body: str) -> Event:
        """The event as states are made of it: read up to what it holds for people alone.

        Raises:
            UnknownEventType, UnreadableEvent: as `decode` does of what it reads.
        """
        end = self._ends.get(type_name)
        if end is not None:
            head, found, _ = body.partition(end)
            body = f"{head}}}" if found else body
        return self.decode(type_name, body)

    def names(self, types: Collection[type[Event]]) -> tuple[str, ...]:
        """The names of these types and of all known ones derived from them.

        Raises:
            UnknownEventType: one of them stands for no known event.
        """
        for wanted in types:
            if not any(issubclass(kind, wanted) for kind in self._types.values()):
                raise UnknownEventType(f"{wanted.__name__} is not an event this version knows")
        bases = tuple(types)
        return tuple(name for name, kind in self._types.items() if issubclass(kind, bases))


def _end_of(kind: type[Event]) -> str | None:
    """What stands in an event's JSON before its last field, where that is for people alone.

    No text can hold it, since quotes in a text are escaped.
    """
    last = attrs.fields(kind)[-1]
    return f',"{last.name}":' if FOR_PEOPLE in last.metadata else None


def _faults(kind: type[Event], body: str | bytes) -> str:
    """Every fault of a body that is known to be broken, found by the slower reader."""
    try:
        reader_of(kind, Converter(), detailed=True)(orjson.loads(body), kind)
    except orjson.JSONDecodeError as error:
        return f"not JSON: {error}"
    except Exception as error:  # noqa: BLE001 - cattrs groups errors of any kind
        return "; ".join(transform_error(error, path="body", format_exception=_told))
    return "the quick reader refuses it, the slow one does not"


def _told(error: BaseException, _: type | None) -> str:
    return "required field is missing" if isinstance(error, KeyError) else str(error)
