from collections.abc import Iterable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.memory import AnyMemory
from actors.read_model import new_model
from actors.shadow import Shadow
from journal import Recorded
from journal.errors import UnfitState
from journal.snapshot import Kept
from tests.actors.facts import PAPER, a_life, halted
from tests.actors.histories import histories, memories
from trading.events import Event
from trading.vocabulary import AccountName


def shadow(code: str = "code", known: dict[str, AnyMemory] | None = None) -> Shadow:
    return Shadow(known or memories(), code)


def recorded(*events: Event) -> list[Recorded]:
    return [Recorded(seq, event, "x", 0, 0, "") for seq, event in enumerate(events, 1)]


def states(kept: dict[str, Kept]) -> dict[str, Any]:
    return {name: memory.codec.decode(kept[name].state) for name, memory in memories().items()}


def replayed(memory: AnyMemory, records: Iterable[Recorded]) -> Any:
    """A state as the actor itself makes it: each event alone, from the beginning."""
    state = memory.begin()
    for record in records:
        if memory.interest.matches(record.event):
            state = memory.step(state, record.event)
    return state


@given(histories())
@settings(max_examples=60, deadline=None)
def test_one_pass_for_all_makes_what_each_alone_makes(records: list[Recorded]) -> None:
    its = shadow()
    assert its.take_in(records) == len(records)
    alone = {name: replayed(memory, records) for name, memory in memories().items()}
    assert states(its.kept()) == alone


@given(histories(), st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_a_snapshot_and_what_came_after_it_is_all_there_is(
    records: list[Recorded], seq: int
) -> None:
    before, after, whole = shadow(), shadow(), shadow()
    before.take_in(records[:seq])
    assert after.begin_with(before.kept()) == ()
    after.take_in(records[after.seq :])
    whole.take_in(records)
    assert after.kept() == whole.kept()


@given(histories(), st.integers(0, 40), st.sets(st.sampled_from(sorted(memories()))))
@settings(max_examples=50, deadline=None)
def test_those_that_begin_anew_do_not_fold_the_rest_twice(
    records: list[Recorded], seq: int, dropped: set[str]
) -> None:
    before, after, whole = shadow(), shadow(), shadow()
    before.take_in(records[:seq])
    kept = {name: each for name, each in before.kept().items() if name not in dropped}
    assert set(after.begin_with(kept)) == dropped
    after.take_in(records[after.seq :])
    whole.take_in(records)
    assert states(after.kept()) == states(whole.kept())


def test_states_of_other_code_are_not_taken_up() -> None:
    its = shadow()
    its.take_in(recorded(*a_life("a")))
    assert set(shadow("other code").begin_with(its.kept())) == set(memories())


def test_a_state_of_other_settings_is_not_taken_up() -> None:
    its, known = shadow(), memories()
    known["dashboard"] = evolve(
        known["dashboard"], begin=lambda: new_model((AccountName("third"),))
    )
    assert shadow(known=known).begin_with(its.kept()) == ("dashboard",)


def test_a_state_that_does_not_read_is_an_error() -> None:
    kept = shadow().kept()
    kept["risk:paper"] = evolve(kept["risk:paper"], state=b'{"account":7}')
    with pytest.raises(UnfitState, match="Desk cannot be read"):
        shadow().begin_with(kept)


def test_a_kept_state_does_not_move_when_the_shadow_goes_on() -> None:
    its = shadow()
    its.take_in(recorded(*a_life("a")))
    kept = its.kept()
    before = states(kept)
    its.take_in([Recorded(7, halted(), "x", 0, 0, "")])
    assert states(kept) == before


def test_an_interest_in_another_account_makes_another_memory() -> None:
    known = memories()
    digests = {known[f"risk:{account}"].made_by("code") for account in (PAPER, "other")}
    assert len(digests) == 2
