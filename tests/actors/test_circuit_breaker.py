from pathlib import Path

import pytest

from actors.circuit_breaker import CircuitBreaker
from actors.messages import (
    CloseGate,
    GateClosed,
    Halt,
    HaltAnswer,
    Join,
    Resume,
    ResumeAnswer,
)
from actors.runtime.replies import NoAnswer, ThreadReply
from actors.stop_file import StopFile
from tests.actors.facts import AT, PAPER, actor_started, halted, resumed, tripped
from tests.actors.room import Room, append_of
from trading.breaker import NO_STOPS
from trading.event import Event
from trading.events import Halted, Resumed, Scope
from trading.vocabulary import AccountName, Code, TradingState


OTHER = AccountName("other")
EVERYTHING = Scope()


class Post:
    """The circuit breaker with two brokers, whose gates close when the test says so."""

    def __init__(self, folder: Path, *past: Event, has_journal: bool = True) -> None:
        self.room = Room()
        self.room.commit(*past) if past else None
        if has_journal:
            self.room.journal()
        self.stop = folder / "STOP"
        self.brokers = {a: self.room.address(f"broker:{a}") for a in (PAPER, OTHER)}
        self.begin()

    def begin(self, incarnation: int = 1) -> None:
        self.actor = CircuitBreaker(
            self.room.birth("breaker:*", incarnation),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            alarms=self.room.timers,
            brokers=self.brokers,
            stop_file=StopFile(self.stop),
        )
        self.room.begin(self.actor)

    def halt(self, name: str = "h", scope: Scope = EVERYTHING) -> ThreadReply[HaltAnswer]:
        reply = ThreadReply[HaltAnswer]()
        self.actor.receive(
            Halt(id=name, at=AT, scope=scope, reason="a test", by="someone", reply=reply)
        )
        return reply

    def resume(self, scope: Scope = EVERYTHING) -> ResumeAnswer | None:
        reply = ThreadReply[ResumeAnswer]()
        self.room.address("breaker:*").tell(
            Resume(id="r", at=AT, scope=scope, reason="looked", by="someone", reply=reply)
        )
        self.room.run()
        try:
            return reply.wait(0)
        except NoAnswer:
            return None

    def confirm(self, *accounts: AccountName) -> None:
        """These gates are closed as they were asked to be."""
        for account in accounts or tuple(self.brokers):
            for message in self.brokers[account].take():
                assert isinstance(message, CloseGate)
                self.actor.receive(GateClosed(account, message.generation))

    def happens(self, event: Event) -> None:
        self.room.address("journal").tell(
            Join(self.room.address("others"), self.actor._interest, 1)
        )
        self.room.run()
        self.room.address("journal").tell(append_of("others", self.room.store.head, event))
        self.room.run()


def answer(reply: ThreadReply[HaltAnswer]) -> HaltAnswer | None:
    try:
        return reply.wait(0)
    except NoAnswer:
        return None


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


# --- halting ------------------------------------------------------------------------------------


def test_gates_come_first_then_the_journal_then_the_answer(post: Post) -> None:
    reply = post.halt()
    post.room.run()
    assert [m for b in post.brokers.values() for m in b.told if isinstance(m, CloseGate)]
    assert post.room.events(Halted) == []
    post.confirm()
    assert answer(reply) is None
    post.room.run()
    (fact,) = post.room.events(Halted)
    assert answer(reply) == HaltAnswer(
        act_id="h",
        scope=EVERYTHING,
        generation=fact.generation,
        durable=True,
        gates={PAPER: True, OTHER: True},
        before=NO_STOPS,
        after=post.actor.state,
    )


def test_only_the_gates_of_the_scope_are_closed(post: Post) -> None:
    post.halt(scope=Scope(account=PAPER))
    assert [type(m) for m in post.brokers[PAPER].told] == [CloseGate]
    assert post.brokers[OTHER].told == []


def test_a_dead_broker_does_not_hang_the_answer(post: Post) -> None:
    reply = post.halt()
    post.confirm(PAPER)
    post.room.advance(0.24)
    assert answer(reply) is None
    post.room.advance(0.02)
    told = answer(reply)
    assert told is not None
    assert (told.durable, told.gates) == (True, {PAPER: True, OTHER: False})


def test_a_house_without_accounts_is_halted_too(tmp_path: Path) -> None:
    post = Post(tmp_path)
    post.actor._brokers = {}
    reply = post.halt()
    post.room.run()
    told = answer(reply)
    assert told is not None
    assert told.durable


def test_two_halts_at_once_have_generations_of_their_own(post: Post) -> None:
    replies = [post.halt("one"), post.halt("two", Scope(account=PAPER))]
    post.confirm()
    post.room.run()
    assert {e.act_id: e.generation for e in post.room.events(Halted)} == {"one": 1, "two": 2}
    assert all(answer(reply) for reply in replies)


def test_a_halt_knows_the_generation_before_the_journal_lets_it_in(tmp_path: Path) -> None:
    post = Post(tmp_path, halted(6), resumed(7), has_journal=False)
    post.halt()
    (message,) = post.brokers[PAPER].told
    assert isinstance(message, CloseGate)
    assert message.generation == 8


# --- while the journal does not commit ----------------------------------------------------------


def refused(post: Post) -> ThreadReply[HaltAnswer]:
    """A halt whose gates are closed and which the disk refuses."""
    post.room.store.refusal = "disk full"
    reply = post.halt()
    post.confirm()
    post.room.run()
    return reply


def test_a_halt_that_is_not_durable_says_so_after_40_ms_and_writes_stop(post: Post) -> None:
    reply = refused(post)
    post.room.advance(0.039)
    assert (answer(reply), post.stop.exists()) == (None, False)
    post.room.advance(0.002)
    told = answer(reply)
    assert told is not None
    assert (told.durable, set(told.gates.values())) == (False, {True})
    assert (told.before.state, told.after.state) == (TradingState.ACTIVE, TradingState.HALTED)
    assert post.stop.read_text() == "a test\n"


def test_a_halt_is_owed_until_the_journal_holds_it_and_stop_goes_then(post: Post) -> None:
    refused(post)
    post.room.advance(1)
    post.room.store.refusal = None
    post.room.advance(5)
    assert [e.act_id for e in post.room.events(Halted)] == ["h"]
    assert not post.stop.exists()


def test_a_disk_that_refuses_stop_as_well_is_asked_again_each_second(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "later"
    post = Post(folder)
    refused(post)
    post.room.advance(1)
    folder.mkdir()
    post.room.advance(1)
    assert post.stop.exists()


def test_a_stop_file_that_a_person_wrote_is_not_taken_away(post: Post) -> None:
    post.stop.write_text("mine\n")
    refused(post)
    post.room.advance(1)
    post.room.store.refusal = None
    post.room.advance(5)
    assert post.room.events(Halted)
    assert post.stop.read_text() == "mine\n"


def test_no_resume_while_a_halt_is_owed(post: Post) -> None:
    post.halt()
    refusal = post.resume()
    assert refusal is not None
    assert "not durable yet" in refusal.refused
    assert post.room.events(Resumed) == []


def test_the_stop_file_halts_while_the_journal_refuses(post: Post) -> None:
    post.happens(resumed(1))
    post.room.store.refusal = "disk full"
    post.resume()  # what was refused makes the breaker wait for the journal
    post.stop.touch()
    post.room.advance(1)
    assert [type(m) for m in post.brokers[PAPER].told] == [CloseGate]


def test_a_resume_that_is_not_durable_is_refused(post: Post) -> None:
    post.happens(halted(1))
    post.room.store.refusal = "disk full"
    refusal = post.resume()
    assert refusal is not None
    assert "cannot commit" in refusal.refused
    post.room.store.refusal = None
    post.room.advance(5)
    assert post.actor.state.in_force


def test_a_broker_that_starts_anew_while_a_halt_is_owed_is_told_again(post: Post) -> None:
    post.halt()
    post.brokers[PAPER].take()
    post.happens(actor_started("broker:paper"))
    assert [type(m) for m in post.brokers[PAPER].told] == [CloseGate]


def test_whoever_waits_for_a_resume_when_the_actor_ends_is_told(post: Post) -> None:
    reply = ThreadReply[ResumeAnswer]()
    post.happens(halted(1))
    post.actor.receive(
        Resume(id="r", at=AT, scope=EVERYTHING, reason="looked", by="someone", reply=reply)
    )
    post.room.end("breaker:*", ValueError("boom"))
    assert reply.wait(0).refused


# --- the STOP file ------------------------------------------------------------------------------


def test_the_stop_file_halts_everything_within_a_second(post: Post) -> None:
    post.stop.touch()
    post.room.advance(1)
    post.confirm()
    post.room.run()
    (fact,) = post.room.events(Halted)
    assert (fact.code, fact.scope, fact.by) == (Code.STOP_FILE, EVERYTHING, "STOP file")


def test_the_stop_file_halts_before_anybody_trades(tmp_path: Path) -> None:
    (tmp_path / "STOP").touch()
    post = Post(tmp_path)
    assert [type(m) for m in post.brokers[PAPER].told] == [CloseGate]


def test_one_stop_file_is_one_halt_however_long_it_lies_there(post: Post) -> None:
    post.stop.touch()
    for _ in range(5):
        post.room.advance(1)
        post.confirm()
    post.room.end("breaker:*")
    post.begin(incarnation=2)
    post.room.advance(2)
    assert len(post.room.events(Halted)) == 1


def test_deleting_the_stop_file_resumes_nothing(post: Post) -> None:
    post.stop.touch()
    post.room.advance(1)
    post.confirm()
    post.stop.unlink()
    post.room.advance(2)
    assert post.actor.state.in_force
    assert post.room.events(Resumed) == []


def test_a_folder_that_cannot_be_read_counts_as_a_stop(tmp_path: Path) -> None:
    class Unreadable(type(tmp_path)):  # type: ignore[misc]  # whichever Path this system has
        def exists(self) -> bool:
            raise PermissionError("not yours")

    assert StopFile(Unreadable(tmp_path)).exists()


# --- resuming -----------------------------------------------------------------------------------


def test_a_resume_lifts_what_is_in_force(tmp_path: Path) -> None:
    post = Post(tmp_path, halted(1), tripped(2))
    given = post.resume()
    assert given is not None
    assert (given.act_id, given.scope, given.lifted, given.refused) == ("r", EVERYTHING, 2, "")
    assert (len(given.before.in_force), given.after) == (2, post.actor.state)
    assert post.actor.state.in_force == ()
    assert [e.generation for e in post.room.events(Resumed)] == [3]


def test_a_narrow_resume_leaves_a_wider_stop(tmp_path: Path) -> None:
    post = Post(tmp_path, halted(1), tripped(2))
    given = post.resume(Scope(account=PAPER))
    assert given is not None
    assert given.lifted == 1
    assert [s.scope for s in post.actor.state.in_force] == [EVERYTHING]


def test_no_resume_while_the_stop_file_exists(tmp_path: Path) -> None:
    post = Post(tmp_path, halted(1, code=Code.STOP_FILE))
    post.stop.touch()
    refusal = post.resume()
    assert refusal is not None
    assert "delete it first" in refusal.refused
    assert post.room.events(Resumed) == []


def test_a_resume_is_answered_when_it_is_durable_and_not_before(post: Post) -> None:
    post.happens(halted(1))
    reply = ThreadReply[ResumeAnswer]()
    post.actor.receive(
        Resume(id="r", at=AT, scope=EVERYTHING, reason="looked", by="someone", reply=reply)
    )
    with pytest.raises(NoAnswer):
        reply.wait(0)
    post.room.run()
    assert reply.wait(0).lifted == 1


def test_a_resume_waits_until_the_stops_are_known(tmp_path: Path) -> None:
    post = Post(tmp_path, halted(1), has_journal=False)
    assert post.resume() is None
    post.room.journal()
    assert len(post.room.events(Resumed)) == 1


def test_an_unknown_message_is_a_bug(post: Post) -> None:
    with pytest.raises(TypeError, match="does not know"):
        post.actor.receive("hello")
