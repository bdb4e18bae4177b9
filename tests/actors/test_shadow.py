from collections.abc import Iterable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.memory import AnyMemory
from actors.read_model import new_model
from actors.shadow import Shadow
from journal import Draft, MemoryReader, MemoryStore
from journal.errors import UnfitState
from journal.snapshot import Kept
from journal.store import Fact
from tests.actors.facts import AT, PAPER, a_life, alert, halted, held, later, quarantined
from tests.actors.histories import histories, memories
from tests.actors.room import CODEC
from trading.event import Event
from trading.vocabulary import AccountName


def shadow(code: str = "code", known: dict[str, AnyMemory] | None = None) -> Shadow:
    return Shadow(known or memories(), code)


def numbered(*events: Event) -> list[Fact]:
    return list(enumerate(events, 1))


def states(kept: dict[str, Kept]) -> dict[str, Any]:
    return {name: memory.codec.decode(kept[name].state) for name, memory in memories().items()}


def replayed(memory: AnyMemory, facts: Iterable[Fact]) -> Any:
    """A state as the actor itself makes it: each event alone, from the beginning."""
    state = memory.begin()
    for _, event in facts:
        if memory.interest.matches(event):
            state = memory.step(state, event)
    return state


@given(histories())
@settings(max_examples=60, deadline=None)
def test_one_pass_for_all_makes_what_each_alone_makes(facts: list[Fact]) -> None:
    its = shadow()
    assert its.take_in(facts) == len(facts)
    alone = {name: replayed(memory, facts) for name, memory in memories().items()}
    assert states(its.kept()) == alone


@given(histories(), st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_a_snapshot_and_what_came_after_it_is_all_there_is(facts: list[Fact], seq: int) -> None:
    before, after, whole = shadow(), shadow(), shadow()
    before.take_in(facts[:seq])
    assert after.begin_with(before.kept()) == ()
    after.take_in(facts[after.seq :])
    whole.take_in(facts)
    assert after.kept() == whole.kept()


@given(histories(), st.integers(0, 40))
@settings(max_examples=50, deadline=None)
def test_a_journal_read_for_its_facts_makes_the_same_states(facts: list[Fact], limit: int) -> None:
    store, from_facts, from_events = MemoryStore(CODEC), shadow(), shadow()
    if facts:
        store.commit([Draft(events=tuple(event for _, event in facts), writer="x")])
    reader = MemoryReader(store)
    from_facts.take_in(reader.facts(limit=limit))
    from_facts.take_in(reader.facts(after=from_facts.seq))
    from_events.take_in((it.seq, it.event) for it in reader.events())
    assert from_facts.kept() == from_events.kept()


def test_what_is_drawn_from_a_fuller_state_hears_of_the_same_facts() -> None:
    known = memories()
    drawn = {name: memory for name, memory in known.items() if memory.drawn is not None}
    assert {name.partition(":")[0] for name in drawn} == {"breaker", "broker"}
    for memory in drawn.values():
        assert memory.drawn is not None
        fuller = known[memory.drawn.fuller].interest
        assert fuller.account == memory.interest.account
        assert memory.interest.types - set(memory.drawn.besides) <= fuller.types


def test_the_broker_does_not_hear_that_an_alert_is_held() -> None:
    its = shadow()
    its.take_in(numbered(alert("a"), held("a", later(9))))
    assert list(states(its.kept())["risk:paper"].held) == ["a"]
    assert states(its.kept())["broker:paper"].held == {}


def test_an_alert_that_is_quarantined_does_not_keep_states_from_being_kept() -> None:
    its = shadow()
    its.take_in(numbered(alert("a"), quarantined("a")))
    assert states(its.kept())["dashboard"].view(2, AT).alert("a").code == "QUARANTINED"


def test_states_of_other_code_are_not_taken_up() -> None:
    its = shadow()
    its.take_in(numbered(*a_life("a")))
    assert set(shadow("other code").begin_with(its.kept())) == set(memories())


def test_a_state_of_other_settings_is_not_taken_up() -> None:
    its, known = shadow(), memories()
    its.take_in(numbered(*a_life("a")))
    known["dashboard"] = evolve(
        known["dashboard"], begin=lambda: new_model((AccountName("third"),))
    )
    began = shadow(known=known)
    assert began.begin_with(its.kept()) == ("dashboard",)
    assert began.seq == 0
    assert began.kept() == shadow(known=known).kept()


def test_a_state_that_does_not_read_is_an_error() -> None:
    kept = shadow().kept()
    kept["risk:paper"] = evolve(kept["risk:paper"], state=b'{"account":7}')
    with pytest.raises(UnfitState, match="Desk cannot be read"):
        shadow().begin_with(kept)


def test_a_kept_state_does_not_move_when_the_shadow_goes_on() -> None:
    its = shadow()
    its.take_in(numbered(*a_life("a")))
    kept = its.kept()
    before = states(kept)
    its.take_in([(7, halted())])
    assert states(kept) == before


def test_an_interest_in_another_account_makes_another_memory() -> None:
    known = memories()
    digests = {known[f"risk:{account}"].made_by("code") for account in (PAPER, "other")}
    assert len(digests) == 2
