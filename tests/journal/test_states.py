from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.dedup import Dedup
from actors.read_model import ReadModel
from journal.errors import UnfitState
from journal.states import StateCodec, state_codec
from tests.journal.event_strategies import instances_of
from trading.breaker import Stops, Watch
from trading.desk import Desk
from trading.positions import Book
from trading.statement import Statement


KINDS = (Book, Statement, Desk, Watch, Stops, ReadModel, Dedup)


@frozen
class Shelf:
    """Something of every shape."""

    row: tuple[str, Decimal | None]
    many: tuple[int, ...]
    some: frozenset[str]
    by_pair: Mapping[tuple[str, int], Decimal]
    in_order: OrderedDict[str, int]
    texts: dict[str, str]


SHELF = Shelf(
    row=("a", Decimal("1.50")),
    many=(3, 1, 2),
    some=frozenset({"x", "y"}),
    by_pair={("b", 2): Decimal("-0"), ("a", 1): Decimal("1E+3")},
    in_order=OrderedDict(z=1, a=2),
    texts={"k": "v"},
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_state_reads_back_as_it_was(kind: Any, data: st.DataObject) -> None:
    state = data.draw(instances_of(kind))
    codec = state_codec(kind)
    assert codec.decode(codec.encode(state)) == state


def test_digits_and_order_are_kept_too() -> None:
    codec = StateCodec(Shelf)
    again = codec.decode(codec.encode(SHELF))
    assert [str(n) for n in again.by_pair.values()] == ["-0", "1E+3"]
    assert list(again.by_pair) == [("b", 2), ("a", 1)]
    assert list(again.in_order) == ["z", "a"]
    assert type(again.in_order) is OrderedDict


def test_what_is_read_shares_nothing_with_what_was_written() -> None:
    codec = StateCodec(Shelf)
    again = codec.decode(codec.encode(SHELF))
    again.texts["k"] = "another"
    assert SHELF.texts == {"k": "v"}


def test_a_state_is_one_line() -> None:
    shelf = Shelf(("a\nb", None), (), frozenset(), {}, OrderedDict(), {"\n": "\r\n"})
    assert b"\n" not in StateCodec(Shelf).encode(shelf)


@pytest.mark.parametrize(
    "wrong",
    [
        {"row": ("a", 1.5)},
        {"row": ("a",)},
        {"many": (True,)},
        {"some": frozenset({1})},
        {"by_pair": {"b": Decimal(1)}},
        {"in_order": {"a": 1}},
        {"texts": {"a": 1}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_value_that_does_not_fit_its_field_is_refused(wrong: dict[str, Any]) -> None:
    shelf = evolve(SHELF, **wrong)
    with pytest.raises(UnfitState, match="Shelf cannot be written"):
        StateCodec(Shelf).encode(shelf)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"row":["a","x"]}', b'{"row":{},"more":1}'],
)
def test_a_body_that_does_not_fit_is_refused(body: bytes) -> None:
    with pytest.raises(UnfitState, match="Shelf cannot be read"):
        StateCodec(Shelf).decode(body)


def test_a_field_of_another_number_of_parts_is_refused() -> None:
    body = StateCodec(Shelf).encode(SHELF).replace(b'["a","1.50"]', b'["a","1.50","b"]')
    with pytest.raises(UnfitState, match="list of 2"):
        StateCodec(Shelf).decode(body)


@frozen(eq=False)
class Unlike:
    """Two of them are never equal."""

    text: str


def test_what_does_not_read_back_as_equal_is_not_written() -> None:
    with pytest.raises(UnfitState, match="another state"):
        StateCodec(Unlike).encode(Unlike("a"))


@frozen
class Inexact:
    """JSON has no exact form for it."""

    ratio: float


def test_a_class_that_json_cannot_hold_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="no exact form"):
        StateCodec(Inexact)
