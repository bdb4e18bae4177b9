"""A changed value is what attrs itself would have made, and the old one stays as it was."""

from decimal import Decimal

import pytest
from attrs import evolve, exceptions, fields

from tests.trading.builders import ACCOUNT, AT, desk, planned, started
from trading.breaker import Stops, Watch
from trading.changed import changed
from trading.desk import Desk, new_desk
from trading.equity import Curve
from trading.orders import Order
from trading.position import Position
from trading.positions import Book
from trading.trades import Trades


def test_it_makes_what_attrs_would_make() -> None:
    order = Order(plan=planned())
    assert changed(order, error="no", submitted_at=AT) == evolve(order, error="no", submitted_at=AT)


def test_nothing_changed_makes_an_equal_value_of_its_own() -> None:
    before = desk(planned(), started())
    after = changed(before)
    assert after == before
    assert after is not before


def test_the_old_value_stays_as_it_was() -> None:
    before = new_desk(ACCOUNT)
    changed(before, venue_ready=True)
    assert before == new_desk(ACCOUNT)


def test_a_changed_value_is_as_frozen_as_the_old_one() -> None:
    book = changed(Book(account=ACCOUNT), opening_equity=Decimal(1))
    with pytest.raises(exceptions.FrozenInstanceError):
        book.cash = None  # type: ignore[misc]  # what mypy refuses as well


@pytest.mark.parametrize("cls", [Book, Curve, Desk, Order, Position, Stops, Trades, Watch])
def test_no_class_that_is_changed_has_what_would_be_left_out(cls: type[Desk]) -> None:
    assert not any(a.converter or a.validator for a in fields(cls))
