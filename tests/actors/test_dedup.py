from datetime import timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.dedup import Dedup
from tests.actors.facts import AAPL, AT, DEMO, alert, later
from trading.alert_events import AlertAccepted
from trading.alerts import Signal
from trading.vocabulary import Action, StrategyName


BODY = b"{}"


def signal(*, client_id: str | None = None, is_timed: bool = False) -> Signal:
    return Signal(
        strategy=DEMO,
        symbol=AAPL,
        action=Action.BUY,
        quantity=None,
        price=None,
        fired_at=AT if is_timed else None,
        message="",
        client_id=client_id,
    )


def dedup() -> Dedup:
    return Dedup(timedelta(seconds=45))


def key(known: Dedup, seconds: float, given: Signal | None = None, body: bytes = BODY) -> str:
    return known.key(given or signal(), body, later(seconds), id_is_unique=True)


def accept(known: Dedup, seconds: float) -> str:
    """Take the bare body at that time, as the journal would; its key."""
    its = key(known, seconds)
    known.fold(alert("x", at=later(seconds), dedup=its))
    return its


def test_an_id_that_is_unique_is_the_key_whatever_the_body_and_the_time() -> None:
    known = dedup()
    named = signal(client_id="7")
    assert key(known, 0, named) == key(known, 1e6, named, b"other") == "accept:demo:7"


def test_an_id_that_is_not_unique_tells_nothing() -> None:
    known = dedup()
    keys = {
        known.key(signal(client_id="7"), body, AT, id_is_unique=False) for body in (BODY, b"other")
    }
    assert len(keys) == 2


def test_a_fire_time_makes_a_body_one_for_ever() -> None:
    known = dedup()
    timed = signal(is_timed=True)
    assert key(known, 0, timed) == key(known, 1e6, timed)


def test_a_bare_body_is_the_same_within_the_window() -> None:
    known = dedup()
    assert accept(known, 0) == key(known, 45)


def test_a_bare_body_is_new_after_the_window() -> None:
    known = dedup()
    first = accept(known, 0)
    assert accept(known, 45.001) != first


def test_the_window_runs_from_the_first_however_often_it_is_repeated() -> None:
    known = dedup()
    first = accept(known, 0)
    assert accept(known, 44) == first
    assert key(known, 46) != first


def test_strategies_do_not_share_a_body() -> None:
    known = dedup()
    other = evolve(signal(), strategy=StrategyName("other"))
    assert key(known, 0) != key(known, 0, other)


@given(st.lists(st.floats(0, 200), max_size=20))
def test_keys_are_told_apart_exactly_by_windows(instants: list[float]) -> None:
    known, first, keys = dedup(), None, []
    for instant in sorted(instants):
        if first is None or later(instant) - later(first) > timedelta(seconds=45):
            first = instant
            keys.append(accept(known, instant))
        assert key(known, instant) == keys[-1]
    assert len(set(keys)) == len(keys)


@given(st.lists(st.floats(0, 200), max_size=20))
def test_folding_again_what_was_accepted_knows_the_same(instants: list[float]) -> None:
    known = dedup()
    events: list[AlertAccepted] = []
    for instant in sorted(instants):
        its = key(known, instant)
        if its not in {e.dedup for e in events}:
            events.append(alert("x", at=later(instant), dedup=its))
            known.fold(events[-1])
    again = dedup()
    for event in events:
        again.fold(event)
    assert key(again, 300) == key(known, 300)
