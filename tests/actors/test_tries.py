from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from actors.tries import (
    FORGOTTEN_AFTER,
    FREE,
    LONGEST_WAIT,
    PER_WINDOW,
    PLACES_KEPT,
    WINDOW,
    Door,
    Tries,
    evolve_tries,
    wait_s,
    wrong_in_a_row,
)
from trading.events import OperatorActed, PasswordWrong
from trading.vocabulary import Act


AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
HERE = "192.0.2.1"


def wrong(at: datetime = AT, address: str = HERE, act: Act = Act.SIGN_IN) -> PasswordWrong:
    return PasswordWrong(at=at, act_id="x", act=act, by="stranger", address=address, tries=1)


def right(at: datetime = AT, address: str = HERE, act: Act = Act.SIGN_IN) -> OperatorActed:
    return OperatorActed(
        at=at, act_id="x", act=act, by="session a", address=address, showed_password=True
    )


def after(*events: PasswordWrong | OperatorActed) -> Tries:
    return reduce(evolve_tries, events, Tries())


def seconds(number: float) -> datetime:
    return AT + timedelta(seconds=number)


# --- one place ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "wait"),
    [(0, 0), (4, 0), (5, 60), (6, 120), (7, 240), (8, 480), (9, 900), (29, 900)],
)
def test_five_are_free_and_from_there_each_doubles_the_wait(number: int, wait: int) -> None:
    assert wait_s(after(*[wrong()] * number), Act.SIGN_IN, HERE, AT) == wait


def test_the_wait_counts_from_the_last_wrong_one_and_ends() -> None:
    tries = after(*[wrong()] * 4, wrong(seconds(30)))
    assert [wait_s(tries, Act.SIGN_IN, HERE, seconds(s)) for s in (30, 30.1, 89.5, 90)] == [
        *(60, 60, 1, 0)
    ]


def test_a_right_one_clears_the_wrong_ones() -> None:
    tries = after(*[wrong()] * 9, right())
    assert wait_s(tries, Act.SIGN_IN, HERE, AT) == 0
    assert wrong_in_a_row(tries, Act.SIGN_IN, HERE, AT) == 0


def test_an_act_without_the_password_clears_nothing() -> None:
    halted = OperatorActed(at=AT, act_id="x", act=Act.HALT, by="API token", address=HERE)
    tries = after(*[wrong(act=Act.RESUME)] * 5, halted)
    assert wait_s(tries, Act.RESUME, HERE, AT) == 60


def test_after_an_hour_of_quiet_a_place_begins_anew() -> None:
    tries = after(*[wrong()] * 12)
    assert wrong_in_a_row(tries, Act.SIGN_IN, HERE, AT + FORGOTTEN_AFTER) == 0
    again = evolve_tries(tries, wrong(AT + FORGOTTEN_AFTER))
    assert wrong_in_a_row(again, Act.SIGN_IN, HERE, AT + FORGOTTEN_AFTER) == 1


def test_who_signs_in_does_not_wait_for_who_is_known_nor_the_other_way_round() -> None:
    tries = after(*[wrong()] * 5)
    assert [wait_s(tries, act, HERE, AT) for act in (Act.SIGN_IN, Act.RESUME)] == [60, 0]
    tries = after(*[wrong(act=Act.PASSWORD)] * 5)
    waits = [wait_s(tries, act, HERE, AT) for act in (Act.SIGN_IN, Act.RESUME, Act.PASSWORD)]
    assert waits == [0, 60, 60]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("not an address", "not an address", True),
    ],
)
def test_a_place_is_an_address_or_a_network_of_ipv6(one: str, other: str, is_same: bool) -> None:  # noqa: FBT001 - a parameter of the table
    tries = after(*[wrong(address=one)] * 5)
    assert (wait_s(tries, Act.SIGN_IN, other, AT) > 0) is is_same


# --- all places together --------------------------------------------------------------------------


def storm(number: int, at: datetime = AT) -> list[PasswordWrong]:
    return [wrong(at, f"198.51.{n // 250}.{n % 250}") for n in range(number)]


def test_all_places_together_have_thirty_in_ten_minutes() -> None:
    assert wait_s(after(*storm(PER_WINDOW - 1)), Act.SIGN_IN, HERE, AT) == 0
    tries = after(*storm(PER_WINDOW))
    assert wait_s(tries, Act.SIGN_IN, HERE, seconds(60)) == 540
    assert wait_s(tries, Act.SIGN_IN, HERE, AT + WINDOW) == 0
    assert wait_s(tries, Act.RESUME, HERE, AT) == 0


def test_the_next_window_begins_with_the_first_wrong_one_after_it() -> None:
    tries = after(*storm(PER_WINDOW), wrong(AT + WINDOW))
    assert tries.windows[Door.STRANGERS].wrong == 1


def test_where_the_right_one_was_shown_before_nobody_waits_for_others() -> None:
    tries = after(right(), *storm(PER_WINDOW))
    assert wait_s(tries, Act.SIGN_IN, HERE, AT) == 0
    tries = after(right(), *storm(PER_WINDOW), *[wrong()] * 5)
    assert wait_s(tries, Act.SIGN_IN, HERE, AT) == 60


def test_no_more_places_are_kept_than_fit_and_the_welcome_ones_longest() -> None:
    old = [wrong(AT, f"10.{n // 250}.0.{n % 250}") for n in range(PLACES_KEPT)]
    tries = after(right(AT - timedelta(days=1)), *old, *storm(20, seconds(1)))
    assert len(tries.places) == PLACES_KEPT
    assert f"strangers {HERE}" in tries.places
    assert "strangers 198.51.0.19" in tries.places
    assert "strangers 10.0.0.0" not in tries.places


# --- the clock ------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back_makes_nobody_wait_for_hours() -> None:
    tries = after(*[wrong(AT + timedelta(days=1))] * 40)
    assert wait_s(tries, Act.SIGN_IN, HERE, AT) == LONGEST_WAIT.total_seconds()


TIMES = st.integers(0, 40_000).map(seconds)
PLACES = st.sampled_from([HERE, "198.51.100.1", "198.51.100.2", "2001:db8::1"])
EVENTS = st.lists(st.builds(wrong, TIMES, PLACES) | st.builds(right, TIMES, PLACES), max_size=60)


@given(EVENTS, PLACES, TIMES)
@trials(deadline=None, derandomize=True, max_examples=200)
def test_nobody_waits_longer_than_the_longest_wait(
    events: list[PasswordWrong | OperatorActed], place: str, now: datetime
) -> None:
    wait = wait_s(after(*events), Act.SIGN_IN, place, now)
    assert 0 <= wait <= LONGEST_WAIT.total_seconds()


@pytest.mark.parametrize("places", [1, 50])
def test_whoever_guesses_as_fast_as_he_may_gets_nowhere(places: int) -> None:
    """A day of it: what is judged, and so what is written, stays small."""
    tries, now, judged = Tries(), AT, 0
    addresses = [f"198.51.100.{n}" for n in range(places)]
    while now < AT + timedelta(days=1):
        waits = {a: wait_s(tries, Act.SIGN_IN, a, now) for a in addresses}
        address = min(waits, key=lambda a: waits[a])
        now += timedelta(seconds=waits[address])
        tries = evolve_tries(tries, wrong(now, address))
        judged += 1
    a_window = PER_WINDOW * (timedelta(days=1) / WINDOW)
    assert judged <= (105 if places == 1 else a_window + 1)
    assert judged > FREE


# --- the password's mark --------------------------------------------------------------------------


def test_the_mark_of_the_password_is_that_of_its_last_change() -> None:
    def change(mark: str, refused: str = "") -> OperatorActed:
        return OperatorActed(
            at=AT,
            act_id="x",
            act=Act.PASSWORD,
            by="command line",
            address="",
            refused=refused,
            after={"password": mark},
        )

    assert after(change("a"), change("b"), change("c", "full"), right()).password == "b"
