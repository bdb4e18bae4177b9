"""Between Schwab's JSON and values of ours: numbers from their raw text to Decimal, never float."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeVar

import attrs
from cattrs import Converter, transform_error
from cattrs.gen import make_dict_structure_fn, override

from brokers.base import BrokerError
from trading.money import plain


T = TypeVar("T")

OTHER: Final = "(another)"
"""What a word is read as that nobody has told us of; new ones come without notice."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class UnreadableBodyError(BrokerError):
    """A body is not what the documents say; its message names every fault."""


class Word(StrEnum):
    """A word of Schwab's. What is not among a kind's words is read as its OTHER."""

    @classmethod
    def _missing_(cls, value: object) -> "Word | None":
        del value
        return cls.__members__.get("OTHER")


def parsed(text: str) -> Any:
    """JSON as plain values: fractions are Decimals, and what is null is as if it were not there.

    Raises:
        UnreadableBodyError: it is no JSON.
    """
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_without_nulls,
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableBodyError(f"no JSON: {error}") from error


def read(text: str, kind: type[T]) -> T:
    """A body as a value of this kind; see `structured`."""
    return structured(parsed(text), kind)


def structured(value: Any, kind: type[T]) -> T:
    """Plain values as a value of this kind.

    Raises:
        UnreadableBodyError: with every fault and where it stands.
    """
    try:
        return _CONVERTER.structure(value, kind)
    except Exception as error:  # cattrs raises groups of whatever a wrong value provokes
        raise UnreadableBodyError("; ".join(transform_error(error))) from error


def written(value: Any) -> str:
    """Plain values as JSON; a Decimal is written as the number it is, to its last digit."""
    match value:
        case Decimal():
            return plain(value)
        case Mapping():
            return f"{{{','.join(f'{json.dumps(k)}:{written(v)}' for k, v in value.items())}}}"
        case list() | tuple():
            return f"[{','.join(written(item) for item in value)}]"
        case str() | int() | None:
            return json.dumps(value)
        case _:
            raise TypeError(f"{value!r} has no place in JSON")


def instant_of(epoch_ms: int) -> datetime:
    """Milliseconds since 1970, as market data has its instants, exactly."""
    seconds, milliseconds = divmod(epoch_ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def epoch_ms(at: datetime) -> int:
    """An instant in milliseconds since 1970; parts of one are cut off."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


# --- how each field is read -----------------------------------------------------------------------


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _without_nulls(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in pairs if value is not None}


def _decimal(value: Any, _: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise TypeError(f"{value!r} is no number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number


def _text(value: Any, _: Any) -> str:
    """Account numbers and ids are numbers in one place and texts in the next."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"{value!r} is neither a text nor a whole number")
    return str(value)


def _whole(value: Any, _: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(f"{value!r} is no number")
    number = Decimal(value)
    if number != number.to_integral_value():
        raise ValueError(f"{value!r} is no whole number")
    return int(number)


def _flag(value: Any, _: Any) -> bool:
    """A boolean, which some fields of the documents have as a number."""
    if value in (True, False):
        return bool(value)
    raise TypeError(f"{value!r} is neither true nor false")


def _instant(value: Any, _: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(f"{value!r} names no time zone")
    return at.astimezone(UTC)


def _word(value: Any, kind: type[Word]) -> Word:
    return kind(str(value))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _made_converter() -> Converter:
    """Their camelCase to our snake_case; what we do not ask for is passed over."""
    converter = Converter()
    hooks = {Decimal: _decimal, str: _text, int: _whole, bool: _flag, datetime: _instant}
    # By the very type: a word is a str too.
    converter.register_structure_hook_func(
        lambda kind: kind in hooks, lambda value, kind: hooks[kind](value, kind)
    )
    converter.register_structure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Word), _word
    )

    def made(kind: type[Any]) -> Any:
        attrs.resolve_types(kind)
        names = {field.name: override(rename=_camel(field.name)) for field in attrs.fields(kind)}
        return make_dict_structure_fn(kind, converter, **names)  # type: ignore[arg-type]

    converter.register_structure_hook_factory(attrs.has, made)
    return converter


_CONVERTER: Final = _made_converter()
