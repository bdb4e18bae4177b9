"""A person puts an account's books in order: asked of risk, answered once it is durable."""

from decimal import Decimal
from typing import Any

import pytest

from actors.by_hand import BookByHand, BookedByHand
from actors.messages import NotCommitted
from actors.parked import ParkedAccount
from actors.risk import NOT_BOOKED, RiskActor
from tests.actors.facts import AAPL, AT, DEMO, OPENED, PAPER, READY, booked, filled
from tests.actors.room import DEMO as RULES
from tests.actors.room import ORPHAN, Room
from trading.bookings import Adjusted, Adopted, SharesTransferred, Transferred
from trading.by_hand import Adjust, Adopt, Ask, Declined, Signature, Transfer
from trading.event import Event
from trading.vocabulary import Code, StrategyName


OTHER = StrategyName("other")
CAME = booked(SharesTransferred, symbol=AAPL, quantity=Decimal(12), price=Decimal(100))
ADOPT = Adopt(strategy=DEMO, symbol=AAPL, quantity=Decimal(10), price=Decimal(90))


class Answers(list[BookedByHand]):
    """Where the answers go."""

    def set(self, answer: BookedByHand) -> None:
        self.append(answer)


class Office:
    """A risk actor, its journal, and a person who asks."""

    def __init__(self, *past: Event) -> None:
        self.room = Room()
        self.room.commit(OPENED, READY, *past)
        self.room.journal()
        self.answers = Answers()
        self.risk = RiskActor(
            self.room.birth("risk:paper"),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            account=PAPER,
            broker=self.room.address("broker:paper"),
            alarms=self.room.timers,
            rules={DEMO: RULES},
            orphan=ORPHAN,
        )
        self.room.begin(self.risk)

    def message(self, ask: Ask, act_id: str = "act-1") -> BookByHand:
        signature = Signature(act_id=act_id, at=AT, reason="mine", by="ann")
        return BookByHand(ask, signature, self.answers)

    def asks(self, ask: Ask, act_id: str = "act-1") -> None:
        self.room.address("risk:paper").tell(self.message(ask, act_id))
        self.room.run()


def test_an_act_is_answered_once_it_is_durable() -> None:
    office = Office(CAME)
    office.risk.receive(office.message(ADOPT))
    assert office.answers == []
    assert office.room.events(Adopted) == []
    office.room.run()
    (event,) = office.room.events(Adopted)
    assert (event.booking_id, event.reason, event.by) == ("act-1", "mine", "ann")
    assert office.answers == [
        BookedByHand(before={"external": "12", "demo": "0"}, after={"external": "2", "demo": "10"})
    ]
    assert office.risk.state.book.own(AAPL) == 10


def test_the_next_decision_sees_it_before_it_is_durable() -> None:
    office = Office(CAME)
    office.risk.receive(office.message(ADOPT))
    office.risk.receive(office.message(ADOPT, "act-2"))
    assert [a.declined for a in office.answers] == [
        Declined(Code.NOT_THAT_MANY, {"asked": "10", "external_holds": "2"})
    ]


@pytest.mark.parametrize(
    ("ask", "kind", "after"),
    [
        (
            Transfer(strategy=DEMO, to=OTHER, symbol=AAPL, quantity=Decimal(4)),
            Transferred,
            {"demo": "6", "other": "4"},
        ),
        (
            Adjust(strategy=DEMO, symbol=AAPL, quantity=Decimal(-1), price=Decimal(1)),
            Adjusted,
            {"demo": "9"},
        ),
        (Adjust(symbol=AAPL, quantity=Decimal(1), price=Decimal(1)), Adjusted, {"external": "1"}),
        (Adjust(cash=Decimal(-5)), Adjusted, {"cash": "23995"}),
    ],
    ids=["transfer", "share", "external", "cash"],
)
def test_each_act_tells_what_is_held_after_it(
    ask: Ask, kind: type[Any], after: dict[str, str]
) -> None:
    office = Office(filled("a"))
    office.asks(ask)
    assert len(office.room.events(kind)) == 1
    assert office.answers[0].after == after


def test_a_journal_that_does_not_commit_books_nothing() -> None:
    office = Office(CAME)
    office.risk.receive(office.message(ADOPT))
    epoch = office.risk._epoch
    assert epoch is not None
    office.room.address("journal").take()
    office.risk.receive(NotCommitted(epoch, ()))
    office.room.run()
    assert office.answers == [BookedByHand(failed=NOT_BOOKED)]
    assert office.risk.state.book.own(AAPL) == 0


def test_a_journal_that_is_swamped_is_told() -> None:
    office = Office(CAME)
    office.room.address("journal").mailbox.bound = 0
    office.risk.receive(office.message(ADOPT))
    assert [a.failed for a in office.answers] == [NOT_BOOKED]


def test_who_waits_for_an_actor_that_ends_is_told() -> None:
    office = Office(CAME)
    office.risk.receive(office.message(ADOPT))
    office.room.end("risk:paper")
    assert [a.failed for a in office.answers] == [NOT_BOOKED]


def test_a_parked_account_books_nothing() -> None:
    office = Office(CAME)
    office.room.end("risk:paper")
    parked = ParkedAccount(
        office.room.birth("risk:paper", 2),
        journal=office.room.address("journal"),
        reader=office.room.reader,
        account=PAPER,
        group="account:paper",
        reason=("book:paper", "a bug"),
    )
    office.room.begin(parked)
    office.asks(ADOPT)
    inputs = {"actor": "book:paper", "reason": "a bug"}
    assert office.answers == [BookedByHand(declined=Declined(Code.ACCOUNT_PARKED, inputs))]
    assert office.room.events(Adopted) == []
