from datetime import UTC, datetime

from freezegun import freeze_time

from actors.runtime import SystemClock


@freeze_time("2026-03-08 06:59:59")
def test_now_is_the_wall_clock_as_an_aware_utc_datetime() -> None:
    assert SystemClock().now() == datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC)


def test_monotonic_never_goes_backwards() -> None:
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)
