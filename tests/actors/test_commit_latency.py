import pytest

from actors.commit_latency import ALARM_ABOVE_S, FEWEST, LATEST, CommitLatency
from actors.histogram import Histogram


def latency(*seconds: float, at: float = 0.0) -> CommitLatency:
    found = CommitLatency(Histogram())
    for one in seconds:
        found.add(at, one)
    found.look(at)
    return found


def test_it_is_what_95_of_100_commits_stay_within() -> None:
    assert latency(*(n / 1000 for n in range(1, 101))).p95 == 0.095


def test_a_few_commits_say_nothing() -> None:
    assert latency(*[1.0] * (FEWEST - 1)).slow == ""
    assert "1000 ms" in latency(*[1.0] * FEWEST).slow


def test_one_slow_commit_in_twenty_is_allowed_and_two_are_not() -> None:
    assert latency(*[0.001] * 19, 1.0).slow == ""
    assert latency(*[0.001] * 18, 1.0, 1.0).slow


def test_the_alarm_is_above_50_ms() -> None:
    assert not latency(*[ALARM_ABOVE_S] * 20).slow
    assert latency(*[ALARM_ABOVE_S + 0.001] * 20).slow


def test_only_the_latest_commits_of_the_last_minute_count() -> None:
    found = latency(*[1.0] * LATEST)
    for _ in range(LATEST):
        found.add(1.0, 0.001)
    found.look(1.0)
    assert found.p95 == 0.001
    found.look(62.0)
    assert found.p95 == 0.0


def test_it_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    found = latency()
    told = []
    for second in range(130):
        for _ in range(20):
            found.add(second, 0.2)
        found.look(second)
        told.append(len(caplog.records))
    assert [second for second in range(1, 130) if told[second] > told[second - 1]] == [60, 120]
    assert told[0] == 1
