"""How a value of each declared type is written to JSON and read back: exactly, or not at all.

The functions are put together once per type from its annotations; cattrs generates the code that
reads the fields of a class.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from journal.shapes import Read, Write, shape_of


def writer_of(declared: Any) -> Write:
    """What turns a value of this type into one that orjson takes; it raises what does not fit.

    Raises:
        TypeError: the type has no exact form in JSON, a float for one.
    """
    declared = _based_on(declared)
    if declared in _PLAIN:
        return _PLAIN[declared][0]
    if (shape := shape_of(declared)) is not None:
        return shape.writer([writer_of(part) for part in shape.parts])
    if (present := _unless_none(declared)) is not None:
        write = writer_of(present)
        return lambda value: None if value is None else write(value)
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        return _writes_exactly(declared)
    if attrs.has(declared):
        hints = get_type_hints(declared)
        return _writes_fields({it: hints[it] for it in _names(declared)})
    raise TypeError(f"{declared} has no exact form in JSON")


def reader_of(declared: Any, converter: Converter, *, detailed: bool = False) -> Read:
    """What turns the JSON of a value of this type back into it; it raises what does not fit.

    The converter is a plain one, which cattrs wants for its code; nothing is registered with it.
    A `detailed` reader is slower and finds every fault of a class, the other only the first.
    """
    declared = _based_on(declared)
    if declared in _PLAIN:
        return _PLAIN[declared][1]
    if (shape := shape_of(declared)) is not None:
        parts = [reader_of(part, converter, detailed=detailed) for part in shape.parts]
        return shape.reader(parts)
    if (present := _unless_none(declared)) is not None:
        read = reader_of(present, converter, detailed=detailed)
        return lambda value, _: None if value is None else read(value, present)
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        return _reads_word(declared)
    hints = get_type_hints(declared)
    overrides: dict[str, Any] = {
        it: override(struct_hook=reader_of(hints[it], converter, detailed=detailed))
        for it in _names(declared)
    }
    return make_dict_structure_fn(
        declared,
        converter,
        _cattrs_forbid_extra_keys=True,
        _cattrs_detailed_validation=detailed,
        **overrides,
    )


# --- what an annotation says ----------------------------------------------------------------------


def _based_on(declared: Any) -> Any:
    """What a NewType is a new name for; any other type as it is."""
    return getattr(declared, "__supertype__", declared)


def _unless_none(declared: Any) -> Any | None:
    """The X of `X | None`, None for anything else."""
    if get_origin(declared) not in (Union, UnionType):
        return None
    first, second = get_args(declared)
    return first if second is type(None) else None


def _names(declared: type[Any]) -> list[str]:
    """The names of a class's fields, but for those that follow from the others."""
    return [it.name for it in attrs.fields(declared) if it.init]


def _good_as_it_is(declared: Any) -> type | None:
    """The type of which a value goes into JSON as it is where this is declared."""
    declared = _based_on(declared)
    is_word = isinstance(declared, type) and issubclass(declared, StrEnum)
    return declared if is_word or declared in (str, int, bool) else None


# --- a class -------------------------------------------------------------------------------------


def _writes_fields(declared: Mapping[str, Any]) -> Write:
    """What writes a value with these fields, as code made for them.

    A value that goes into JSON as it is costs a look at its type; only others cost a call.
    """
    names: dict[str, Any] = {}
    lines = ["def write(value):"]
    for field, kind in declared.items():
        present = _unless_none(kind)
        tests = [] if present is None else [f"{field} is not None"]
        if (good := _good_as_it_is(present or kind)) is not None:
            names[f"{field}_type"] = good
            tests.append(f"type({field}) is not {field}_type")
        names[f"write_{field}"] = writer_of(present or kind)
        lines.append(f"    {field} = value.{field}")
        lines.append(f"    if {' and '.join(tests) or True}: {field} = write_{field}({field})")
    lines.append(f"    return {{{', '.join(f'{field!r}: {field}' for field in declared)}}}")
    exec("\n".join(lines), names)  # noqa: S102 - as attrs and cattrs do; of our own field names
    write: Write = names["write"]
    return write


# --- one kind of value each -----------------------------------------------------------------------


def _writes_exactly(wanted: type) -> Write:
    def write(value: Any) -> Any:
        if type(value) is not wanted:
            raise TypeError(f"{value!r} is not {wanted.__name__}")
        return value

    return write


def _reads_exactly(wanted: type) -> Read:
    def read(value: Any, _: Any) -> Any:
        if type(value) is not wanted:
            raise TypeError(f"{value!r} is not {wanted.__name__}")
        return value

    return read


def _reads_word(wanted: type[StrEnum]) -> Read:
    words = {word.value: word for word in wanted}

    def read(value: Any, _: Any) -> StrEnum:
        if value not in words:
            raise ValueError(f"{value!r} is not {wanted.__name__}")
        return words[value]

    return read


def _write_decimal(value: Any) -> str:
    if type(value) is not Decimal or not value.is_finite():
        raise TypeError(f"{value!r} is not a finite Decimal")
    return str(value)


def _read_decimal(value: Any, _: Any) -> Decimal:
    if type(value) is not str:
        raise TypeError(f"{value!r} is not a number in a string")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value!r} is not finite")
    return number


def _write_instant(value: Any) -> datetime | str:
    """An aware instant for orjson, which writes it faster but drops microseconds that are zero."""
    if type(value) is datetime and value.tzinfo is UTC and value.microsecond:
        return value
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(f"{value!r} is not a time with its zone")
    utc = value.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{utc.removesuffix('+00:00')}Z"


def _read_instant(value: Any, _: Any) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is not UTC:
        raise ValueError(f"{value!r} is not a time in UTC")
    return instant


def _write_span(value: Any) -> int:
    if type(value) is not timedelta:
        raise TypeError(f"{value!r} is not a span of time")
    return value // _MICROSECOND


def _read_span(value: Any, _: Any) -> timedelta:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a number of microseconds")
    return value * _MICROSECOND


def _write_day(value: Any) -> str:
    if type(value) is not date:
        raise TypeError(f"{value!r} is not a day")
    return value.isoformat()


def _read_day(value: Any, _: Any) -> date:
    day = date.fromisoformat(value)
    if day.isoformat() != value:
        raise ValueError(f"{value!r} is not a day like 2026-11-27")
    return day


def _write_time_of_day(value: Any) -> str:
    if type(value) is not time or value.tzinfo is not None:
        raise TypeError(f"{value!r} is not a time of day without a zone")
    return value.isoformat()


def _read_time_of_day(value: Any, _: Any) -> time:
    read = time.fromisoformat(value)
    if read.isoformat() != value or read.tzinfo is not None:
        raise ValueError(f"{value!r} is not a time like 09:30:00")
    return read


_MICROSECOND: Final = timedelta(microseconds=1)


def _write_texts(value: Any) -> dict[str, str]:
    for text in value.values():
        if type(text) is not str:
            raise TypeError(f"{text!r} is not str")
    return value  # type: ignore[no-any-return]  # checked but for its keys, which orjson checks


def _read_texts(value: Any, _: Any) -> dict[str, str]:
    return _write_texts(value)


_PLAIN: Final[dict[Any, tuple[Write, Read]]] = {
    str: (_writes_exactly(str), _reads_exactly(str)),
    int: (_writes_exactly(int), _reads_exactly(int)),
    bool: (_writes_exactly(bool), _reads_exactly(bool)),
    Decimal: (_write_decimal, _read_decimal),
    datetime: (_write_instant, _read_instant),
    timedelta: (_write_span, _read_span),
    date: (_write_day, _read_day),
    time: (_write_time_of_day, _read_time_of_day),
    dict[str, str]: (_write_texts, _read_texts),
}
