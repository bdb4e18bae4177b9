"""Hypothesis strategies for events of any type, built from what their fields declare."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from trading.event import Event


INSTANTS = st.datetimes(
    min_value=datetime(1970, 1, 3),  # noqa: DTZ001 - hypothesis adds the zone itself
    timezones=st.sampled_from((UTC, timezone(timedelta(hours=-5)))),
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)
TEXTS = st.text(
    alphabet="aZ0 '\"\\/{\x00\n\x7fé€\u2028😀", max_size=8
)  # what JSON must escape, and more
MOST = timedelta(days=100_000_000)
"""In microseconds it still fits 64 bits, as everything must that is written."""

INTEGERS = st.integers(min_value=-(2**63), max_value=2**63 - 1)


def instances_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of an attrs class, each field drawn by its declared type."""
    hints = get_type_hints(kind)
    given = (it for it in attrs.fields(kind) if it.init)
    return st.builds(kind, **{it.alias: values_of(hints[it.name]) for it in given})


def values_of(declared: Any) -> st.SearchStrategy[Any]:
    """Any value that a field of this declared type may hold."""
    declared = getattr(declared, "__supertype__", declared)  # a NewType is what it is based on
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXTS,
        int: INTEGERS,
        bool: st.booleans(),
        Decimal: NUMBERS,
        datetime: INSTANTS,
        type(None): st.none(),
        timedelta: st.timedeltas(-MOST, MOST),
        date: st.dates(),
        time: st.times(),
        dict[str, str]: st.dictionaries(TEXTS, TEXTS, max_size=3),
    }
    if declared in plain:
        return plain[declared]
    if get_origin(declared) in (UnionType, Union):
        return st.one_of(*map(values_of, get_args(declared)))
    if get_origin(declared) in HOLDING:
        return _held_by(get_origin(declared), get_args(declared))
    if issubclass(declared, StrEnum):
        return st.sampled_from(declared)
    return instances_of(declared)


def _held_by(shape: Any, parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if shape is tuple and parts[-1] is not ...:
        return st.tuples(*map(values_of, parts))
    if shape in (tuple, frozenset):
        return st.lists(values_of(parts[0]), max_size=2).map(shape)
    pairs = st.tuples(*map(values_of, parts))
    return st.lists(pairs, max_size=2).map(OrderedDict if shape is OrderedDict else dict)


HOLDING: Final = (tuple, frozenset, dict, Mapping, OrderedDict)


def events(*kinds: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of any of these types."""
    return st.one_of(*map(instances_of, kinds))
