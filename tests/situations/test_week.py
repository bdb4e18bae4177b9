"""Two accounts under one sign-in: one who renews it, one stream, and a person once a week.

Here the hours in which something happens; all of them: `python -m tests.campaign week`.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.situations.week import Household, wrong_after


@pytest.fixture
def house() -> Iterator[Household]:
    house = Household()
    yield house
    house.close()


def test_one_renews_one_listens_and_after_a_week_a_person_signs_in(house: Household) -> None:
    assert wrong_after(house, timedelta(hours=3), skipped=timedelta(days=6, hours=20)) == []
