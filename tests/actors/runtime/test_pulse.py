import pytest

from actors.runtime.pulse import HUNG_AFTER, Pulse


def test_an_answer_in_time_is_no_miss() -> None:
    pulse = Pulse()
    pulse.ask(1, reads=0)
    pulse.hear(1)
    pulse.round_is_over(reads=1)
    assert (pulse.missed, pulse.stuck) == (0, 0)


def test_nothing_is_missed_before_anything_was_asked() -> None:
    pulse = Pulse()
    pulse.round_is_over(reads=0)
    assert pulse.missed == 0


@pytest.mark.parametrize("rounds", range(1, 6))
def test_an_actor_that_neither_answers_nor_reads_is_hung_after_three_rounds(rounds: int) -> None:
    pulse = Pulse()
    for number in range(1, rounds + 1):
        pulse.ask(number, reads=7)
        pulse.round_is_over(reads=7)
    assert pulse.missed == rounds
    assert pulse.is_hung == (rounds >= HUNG_AFTER)


def test_an_actor_that_works_off_a_backlog_is_late_and_never_hung() -> None:
    pulse = Pulse()
    for number in range(1, 10):
        pulse.ask(number, reads=number)
        pulse.round_is_over(reads=number + 1)
    assert (pulse.missed, pulse.stuck) == (9, 0)


def test_an_answer_to_an_earlier_probe_shows_life_and_is_late_all_the_same() -> None:
    pulse = Pulse()
    for number in (1, 2):
        pulse.ask(number, reads=0)
        pulse.round_is_over(reads=0)
    pulse.hear(1)
    assert (pulse.missed, pulse.stuck) == (2, 0)
    pulse.hear(2)
    assert pulse.missed == 0
