"""A minute's worth of alerts at once, then one for each part of a minute that passes."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.limiter import Bucket, filled, taken


def test_a_new_bucket_holds_a_minutes_worth() -> None:
    assert filled(None, Decimal(7), 60) == Bucket(Decimal(60), Decimal(7))


def test_a_token_is_taken_while_there_is_one() -> None:
    assert taken(Bucket(Decimal(1), Decimal(0)), 60) == (Bucket(Decimal(0), Decimal(0)), None)


def test_an_empty_bucket_tells_the_whole_seconds_until_the_next_token() -> None:
    empty = Bucket(Decimal(0), Decimal(0))
    assert taken(empty, 60) == (empty, 1)
    assert taken(empty, 7) == (empty, 9)  # 8.57 s
    assert taken(Bucket(Decimal("0.9999"), Decimal(0)), 600)[1] == 1


def test_a_bucket_fills_with_time_but_never_over_its_edge() -> None:
    assert filled(Bucket(Decimal(0), Decimal(0)), Decimal(30), 60).tokens == 30
    assert filled(Bucket(Decimal(50), Decimal(0)), Decimal(999), 60).tokens == 60


def test_who_waits_as_long_as_told_gets_a_token() -> None:
    empty = Bucket(Decimal(0), Decimal(0))
    (_, wait_s) = taken(empty, 7)
    assert wait_s is not None
    assert taken(filled(empty, Decimal(wait_s), 7), 7)[1] is None


@given(st.lists(st.integers(0, 30), max_size=80), st.integers(1, 40))
def test_no_minute_lets_more_through_than_two_buckets(pauses: list[int], rate: int) -> None:
    bucket, now, passed = None, Decimal(0), list[Decimal]()
    for pause in pauses:
        now += pause
        bucket, wait_s = taken(filled(bucket, now, rate), rate)
        passed += [now] if wait_s is None else []
    for start in passed:
        assert sum(start <= at <= start + 60 for at in passed) <= 2 * rate
