"""How the shapes that hold other values stand in JSON: tuples, sets, and mappings with any keys.

Everything is a list there: a mapping is one of pairs, in its own order, since a key may be more
than a text.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import Any, Final, TypeAlias, get_args, get_origin

from attrs import frozen


Write: TypeAlias = Callable[[Any], Any]
Read: TypeAlias = Callable[[Any, Any], Any]  # cattrs hands the declared type over as well


@frozen
class Shape:
    """A type that holds others: which, and how it is written and read by means of theirs."""

    parts: tuple[Any, ...]
    writer: Callable[[Sequence[Write]], Write]
    reader: Callable[[Sequence[Read]], Read]


def shape_of(declared: Any) -> Shape | None:
    """The shape of a declared type; None where it holds nothing that is declared apart."""
    origin, parts = get_origin(declared), get_args(declared)
    if origin is tuple and len(parts) == 2 and isinstance(parts[1], EllipsisType):
        return Shape(parts[:1], _writes_many, _reads_many(tuple))
    if origin is tuple:
        return Shape(parts, _writes_row, _reads_row)
    if origin is frozenset:
        return Shape(parts, _writes_set, _reads_many(frozenset))
    if origin in _MAPPINGS:
        return Shape(parts, _writes_mapping(_MAPPINGS[origin]), _reads_mapping(_MAPPINGS[origin]))
    return None


_MAPPINGS: Final[Mapping[Any, type[dict[Any, Any]]]] = {
    Mapping: dict,
    dict: dict,
    OrderedDict: OrderedDict,
}
"""What a mapping is made of when it is read."""


def _is_list(value: Any, length: int | None = None) -> list[Any]:
    if type(value) is not list or length not in (None, len(value)):
        raise TypeError(f"{value!r} is not a list" + (f" of {length}" if length else ""))
    return value


def _writes_many(parts: Sequence[Write]) -> Write:
    (write_item,) = parts
    return lambda value: [write_item(item) for item in value]


def _reads_many(make: Callable[[list[Any]], Any]) -> Callable[[Sequence[Read]], Read]:
    def reads(parts: Sequence[Read]) -> Read:
        (read_item,) = parts
        return lambda value, _: make([read_item(item, None) for item in _is_list(value)])

    return reads


def _writes_set(parts: Sequence[Write]) -> Write:
    (write_item,) = parts
    return lambda value: sorted(write_item(item) for item in value)  # the same text at each writing


def _writes_row(parts: Sequence[Write]) -> Write:
    def write(value: Any) -> list[Any]:
        return [write_part(item) for write_part, item in zip(parts, value, strict=True)]

    return write


def _reads_row(parts: Sequence[Read]) -> Read:
    def read(value: Any, _: Any) -> tuple[Any, ...]:
        items = _is_list(value, len(parts))
        return tuple([read_part(item, None) for read_part, item in zip(parts, items, strict=True)])

    return read


def _writes_mapping(made_of: type[dict[Any, Any]]) -> Callable[[Sequence[Write]], Write]:
    def writes(parts: Sequence[Write]) -> Write:
        write_key, write_value = parts

        def write(value: Any) -> list[Any]:
            if not isinstance(value, made_of):
                raise TypeError(f"{value!r} is not {made_of.__name__}")
            return [[write_key(key), write_value(held)] for key, held in value.items()]

        return write

    return writes


def _reads_mapping(made_of: type[dict[Any, Any]]) -> Callable[[Sequence[Read]], Read]:
    def reads(parts: Sequence[Read]) -> Read:
        read_key, read_value = parts

        def read(value: Any, _: Any) -> dict[Any, Any]:
            pairs = [_is_list(pair, 2) for pair in _is_list(value)]
            return made_of([(read_key(key, None), read_value(held, None)) for key, held in pairs])

        return read

    return reads
