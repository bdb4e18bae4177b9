"""The small versions of `python -m tests.campaign stateful` and `month`."""

import pytest

from tests.stateful.machine import life
from tests.stateful.month import month


@pytest.mark.parametrize("seed", range(1, 6))
def test_random_days_leave_books_and_venue_in_agreement(seed: int) -> None:
    lived = life(seed, 120)
    assert lived.found == []
    assert lived.facts["OrderFilled"] > 0


def test_the_same_days_twice_make_the_same_ledger_and_each_day_adds_up() -> None:
    first, again = month(1, 4), month(1, 4)
    assert first.found == []
    assert first.fills > 0
    assert first.ledger == again.ledger
    assert first.books == again.books
