"""When the journal's log is moved to its place."""

from actors.checkpoint_pace import EVENTS, TICKS, CheckpointPace


def test_an_idle_journal_is_checkpointed_at_every_tick() -> None:
    pace = CheckpointPace()
    pace.is_due(5)
    assert [pace.is_due(5), pace.is_due(5)] == [True, True]


def test_a_busy_one_only_every_so_many_ticks() -> None:
    pace = CheckpointPace()
    due = [pace.is_due(head) for head in range(1, 2 * TICKS + 1)]
    assert [tick for tick, is_due in enumerate(due, 1) if is_due] == [TICKS, 2 * TICKS]


def test_a_very_busy_one_after_so_many_events() -> None:
    pace = CheckpointPace()
    assert [pace.is_due(head) for head in (1, EVENTS, EVENTS + 1)] == [False, True, False]


def test_the_first_quiet_tick_after_work_is_a_chance_taken() -> None:
    pace = CheckpointPace()
    assert [pace.is_due(head) for head in (7, 8, 8)] == [False, False, True]
