import pytest
from attrs import evolve

from actors.doorkeeper import JUDGED_WITHIN_S, OWED, Doorkeeper
from actors.people import Acted, Admission, Judged, Knock, PasswordSet
from actors.runtime.replies import ThreadReply
from tests.actors.room import Room
from trading.event import Event
from trading.people import OperatorActed, PasswordWrong
from trading.vocabulary import Act


HERE, THERE = "192.0.2.1", "198.51.100.7"


def acted(name: str = "r1", act: Act = Act.RESUME, **more: object) -> OperatorActed:
    event = OperatorActed(at=Room().clock.now(), act_id=name, act=act, by="session a", address=HERE)
    return evolve(event, **more)  # type: ignore[arg-type]  # fields of the event


class Porch:
    """The doorkeeper with a journal, and a password's file whose mark the test says."""

    def __init__(self, *past: Event, mark: str = "first") -> None:
        self.room = Room()
        self.room.commit(*past) if past else None
        self.room.journal()
        self.mark = mark
        self.begin()

    def begin(self, incarnation: int = 1) -> None:
        self.actor = Doorkeeper(
            self.room.birth("doorkeeper", incarnation),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            alarms=self.room.timers,
            password_mark=lambda: self.mark,
        )
        self.room.begin(self.actor)

    def tell(self, message: object) -> None:
        self.room.address("doorkeeper").tell(message, control=True)
        self.room.run()

    def knock(self, name: str, address: str = HERE, act: Act = Act.SIGN_IN) -> int:
        reply = ThreadReply[Admission]()
        self.tell(Knock(id=name, act=act, by="stranger", address=address, reply=reply))
        return reply.wait(0).wait_s

    def wrong(self, number: int, address: str = HERE) -> None:
        for n in range(number):
            assert self.knock(f"{address}-{n}", address) == 0
            self.tell(Judged(f"{address}-{n}", is_wrong=True))

    def wrong_ones(self) -> list[PasswordWrong]:
        return self.room.events(PasswordWrong)

    def acts(self) -> list[OperatorActed]:
        return self.room.events(OperatorActed)


@pytest.fixture
def porch() -> Porch:
    return Porch()


# --- letting in -----------------------------------------------------------------------------------


def test_a_wrong_password_is_a_fact_with_how_many_it_were_and_the_wait(porch: Porch) -> None:
    porch.wrong(5)
    assert [(e.tries, e.wait_s, e.address) for e in porch.wrong_ones()] == [
        *((n, 0, HERE) for n in range(1, 5)),
        (5, 60, HERE),
    ]
    assert porch.knock("late") == 60
    assert porch.knock("other", THERE) == 0


def test_many_at_the_same_instant_do_not_slip_through_together(porch: Porch) -> None:
    assert [porch.knock(f"{n}") for n in range(7)] == [0, 0, 0, 0, 0, 60, 60]
    assert porch.wrong_ones() == []


def test_tries_that_came_together_are_counted_one_by_one(porch: Porch) -> None:
    for name in ("a", "b", "c"):
        porch.knock(name)
    for name in ("a", "b", "c"):
        porch.tell(Judged(name, is_wrong=True))
    assert [e.tries for e in porch.wrong_ones()] == [1, 2, 3]


def test_a_try_that_could_not_be_judged_counts_for_nothing(porch: Porch) -> None:
    for n in range(20):
        assert porch.knock(f"{n}") == 0
        porch.tell(Judged(f"{n}", is_wrong=False))
    assert porch.wrong_ones() == []


def test_who_knocked_and_never_came_back_is_forgotten(porch: Porch) -> None:
    for n in range(5):
        porch.knock(f"{n}")
    assert porch.knock("next") == 60
    porch.room.advance(JUDGED_WITHIN_S)
    assert porch.knock("next") == 0


def test_the_right_password_ends_the_counting(porch: Porch) -> None:
    porch.wrong(4)
    porch.knock("s")
    porch.tell(Acted(acted("s", Act.SIGN_IN, showed_password=True)))
    porch.wrong(4)
    assert porch.wrong_ones()[-1].tries == 4


def test_a_verdict_on_nobody_who_knocked_is_none(porch: Porch) -> None:
    porch.tell(Judged("made-up", is_wrong=True))
    assert porch.wrong_ones() == []


def test_what_is_turned_away_is_told_once_a_minute(
    porch: Porch, caplog: pytest.LogCaptureFixture
) -> None:
    porch.wrong(5)
    for _ in range(3):
        porch.knock("late")
    porch.room.advance(59.5)
    porch.knock("late")
    assert caplog.messages == ["password_not_tried"]
    porch.wrong(5, THERE)
    porch.room.advance(1)
    porch.knock("late", THERE)
    told = [vars(record) for record in caplog.records]
    assert [(t["since_last"], t["address"], t["wait_s"]) for t in told] == [
        (1, HERE, 60),
        (4, THERE, 59),
    ]


# --- a life after another -------------------------------------------------------------------------


def test_a_restart_is_no_way_to_new_tries(porch: Porch) -> None:
    porch.wrong(5)
    porch.room.end("doorkeeper", ValueError("boom"))
    porch.begin(incarnation=2)
    assert porch.knock("late") == 60


def test_the_tries_are_known_before_the_journal_lets_anybody_in() -> None:
    before = Porch()
    before.wrong(5)
    porch = Porch.__new__(Porch)
    porch.room, porch.mark = Room(before.room.store, before.room.clock), "first"
    porch.begin()
    assert porch.knock("late") == 60


# --- while the journal does not commit ------------------------------------------------------------


def test_the_door_is_kept_while_the_journal_refuses_and_written_down_when_it_does_not(
    porch: Porch,
) -> None:
    porch.room.store.refusal = "disk full"
    porch.wrong(5)
    porch.tell(Acted(acted("h1", Act.HALT)))
    assert porch.knock("late") == 60
    porch.room.store.refusal = None
    porch.room.advance(10)
    assert [e.tries for e in porch.wrong_ones()] == [1, 2, 3, 4, 5]
    assert [e.act_id for e in porch.acts()] == ["h1"]
    assert porch.actor._owed == {}
    assert porch.knock("late") == 50


def test_each_fact_is_written_once_however_often_the_journal_fails(porch: Porch) -> None:
    for round_ in range(3):
        porch.room.store.refusal = "disk full"
        porch.tell(Acted(acted(f"r{round_}")))
        porch.room.advance(1)
        porch.room.store.refusal = None
        porch.room.advance(10)
    assert [e.act_id for e in porch.acts()] == ["r0", "r1", "r2"]


def test_of_too_much_that_is_owed_the_oldest_is_let_go(porch: Porch) -> None:
    porch.room.store.refusal = "disk full"
    for number in range(OWED + 5):
        porch.tell(Acted(acted(f"r{number}")))
    porch.room.store.refusal = None
    porch.room.advance(10)
    written = [e.act_id for e in porch.acts()]
    assert (written[0], written[-1], len(written)) == ("r5", f"r{OWED + 4}", OWED)


def test_a_journal_that_is_swamped_is_told_again_a_second_later(porch: Porch) -> None:
    journal = porch.room.address("journal")
    bound, journal.mailbox.bound = journal.mailbox.bound, 0
    porch.tell(Acted(acted()))
    assert porch.acts() == []
    journal.mailbox.bound = bound
    porch.room.advance(1)
    assert [e.act_id for e in porch.acts()] == ["r1"]


# --- the password's file --------------------------------------------------------------------------


def test_the_first_sight_of_a_password_is_no_change(porch: Porch) -> None:
    porch.room.advance(3)
    assert porch.acts() == []


def test_a_new_password_is_a_fact_once(porch: Porch) -> None:
    porch.mark = "second"
    porch.room.advance(3)
    (fact,) = porch.acts()
    assert (fact.act, fact.by, fact.before, fact.after) == (
        Act.PASSWORD,
        "command line",
        {"password": "first"},
        {"password": "second"},
    )


def test_who_said_so_before_is_whose_act_it_is(porch: Porch) -> None:
    event = acted("p1", Act.PASSWORD, showed_password=True, after={"password": "second"})
    porch.tell(PasswordSet(event))
    porch.room.advance(1)
    assert porch.acts() == []
    porch.mark = "second"
    porch.room.advance(1)
    (fact,) = porch.acts()
    assert (fact.act_id, fact.by, fact.before) == ("p1", "session a", {"password": "first"})


def test_who_said_so_and_did_not_is_not_taken_for_who_did(porch: Porch) -> None:
    for number in range(30):
        event = acted(f"p{number}", Act.PASSWORD, after={"password": f"never {number}"})
        porch.tell(PasswordSet(event))
    porch.mark = "second"
    porch.room.advance(1)
    assert [e.by for e in porch.acts()] == ["command line"]
    assert len(porch.actor._announced) == 20


def test_a_file_that_cannot_be_read_for_a_while_is_no_change(porch: Porch) -> None:
    porch.mark = ""
    porch.room.advance(2)
    porch.mark = "first"
    porch.room.advance(2)
    assert porch.acts() == []


def test_once_it_has_changed_a_change_between_two_lives_is_seen_too() -> None:
    changed = acted("p1", Act.PASSWORD, after={"password": "second"})
    porch = Porch(changed, mark="third")
    porch.room.advance(1)
    assert [e.before for e in porch.acts()[1:]] == [{"password": "second"}]


def test_a_password_whose_file_comes_late_is_no_change() -> None:
    porch = Porch(mark="")
    porch.mark = "first"
    porch.room.advance(2)
    assert porch.acts() == []


# --- the rest -------------------------------------------------------------------------------------


def test_nothing_else_is_understood(porch: Porch) -> None:
    with pytest.raises(TypeError, match="does not know"):
        porch.tell("something")
