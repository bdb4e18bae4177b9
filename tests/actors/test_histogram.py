from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from actors.histogram import BOUNDS_S, Histogram


def spread(*seconds: float) -> Histogram:
    histogram = Histogram()
    for each in seconds:
        histogram = histogram.with_one(timedelta(seconds=each))
    return histogram


def test_what_lies_on_a_bound_is_within_it() -> None:
    assert spread(0.001).counts[0] == 1
    assert spread(0.001001).counts[1] == 1


def test_what_is_beyond_all_bounds_has_a_place_of_its_own() -> None:
    assert spread(61).counts[-1] == 1


def test_a_clock_that_was_set_back_makes_no_negative_duration() -> None:
    assert spread(-5) == spread(0)


@given(st.lists(st.integers(0, 100_000_000), max_size=30))
def test_every_duration_is_counted_once_and_the_sum_is_exact(microseconds: list[int]) -> None:
    found = spread(*(us / 1e6 for us in microseconds))
    assert sum(found.counts) == len(microseconds)
    assert found.total_us == sum(microseconds)
    within = sum(us <= BOUNDS_S[4] * 1e6 for us in microseconds)
    assert sum(found.counts[:5]) == within
