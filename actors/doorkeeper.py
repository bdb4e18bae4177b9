"""Doorkeeper: may this password be tried now, and what did people do?"""

import logging
from collections.abc import Callable
from functools import reduce
from typing import Final

from attrs import evolve, frozen

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Memory
from actors.messages import Tick
from actors.people import Acted, Admission, Judged, Knock, PasswordSet
from actors.runtime import Address, Alarms, Birth, MailboxFull
from actors.tries import Tries, evolve_tries, wait_s, wrong_in_a_row
from journal import Recorded
from journal.recall import Recall
from trading.event import Event
from trading.people import OperatorActed, PasswordWrong
from trading.vocabulary import Act


log = logging.getLogger("trading_bot.doorkeeper")

INTEREST: Final = interest((OperatorActed, PasswordWrong))
LOOK: Final = Tick("look")
LOOK_EVERY_S: Final = 1.0
JUDGED_WITHIN_S: Final = 30.0
"""After so long nobody is judging any more: whoever knocked has gone."""

OWED: Final = 1_000
"""Facts that are kept for a journal that cannot commit; of more the oldest are let go."""

ANNOUNCED: Final = 20
QUIET_S: Final = 60.0
"""How long after a line about tries turned away there is none: anybody can cause them."""

BY_FILE: Final = "command line"
REPLACED: Final = "the password's file was replaced"


def tries_memory() -> Memory[Tries]:
    """What the Doorkeeper remembers."""
    return Memory("doorkeeper", kind=Tries, begin=Tries, step=evolve_tries, interest=INTEREST)


@frozen
class _Judging:
    """A try that was let in and has not come back."""

    knock: Knock
    since: float


class Doorkeeper(EventSourced[Tries]):
    """Lets passwords be tried, slower and slower where they are wrong, and writes down what people
    do.

    It never sees a password. A try counts as wrong from its knock on until it is judged, so that
    many at the same instant do not slip through together. It works while the journal does not:
    what is to be written is owed until it is durable.

    It looks at the mark of the password's file each second, so that a new password is a fact
    whoever put it there.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        alarms: Alarms,
        password_mark: Callable[[], str],
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=tries_memory())
        self._alarms = self.own(alarms)
        self._password_mark = password_mark
        self._mark = ""
        self._judging: dict[str, _Judging] = {}
        self._announced: dict[str, OperatorActed] = {}
        self._owed: dict[str, OperatorActed | PasswordWrong] = {}
        self._sent: set[str] = set()
        self._turned_away = 0
        self._told_at = -QUIET_S
        self._looking = self._alarms.every(LOOK_EVERY_S, self.address, LOOK)

    # --- memory ---------------------------------------------------------------------------------

    def on_start(self) -> None:
        """Know the tries from the first knock on: it does not wait to be let in."""
        self.recollect(self._reader.head())
        self._mark = self.state.password or self._password_mark()
        super().on_start()

    def forget(self) -> None:
        """No tries; what is owed to the journal is not forgotten."""
        super().forget()
        self._sent.clear()

    def fold(self, event: Event) -> None:
        """One fact onto the tries; one of the past is not owed any more."""
        super().fold(event)
        if self._epoch is None and isinstance(event, OperatorActed | PasswordWrong):
            self._owed.pop(event.act_id, None)

    def recovered(self) -> None:
        """Write what is owed."""
        self._write()

    def committed(self, recorded: Recorded) -> None:
        """A fact is durable."""
        if isinstance(recorded.event, OperatorActed | PasswordWrong):
            self._owed.pop(recorded.event.act_id, None)
            self._sent.discard(recorded.event.act_id)

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Look at nothing any more."""
        self._looking.cancel()

    # --- messages -------------------------------------------------------------------------------

    def receive(self, message: object) -> None:
        """All of it whether or not the journal answers."""
        match message:
            case Knock():
                self._knock(message)
            case Judged(id=act_id, is_wrong=is_wrong):
                self._judged(act_id, is_wrong=is_wrong)
            case Acted(event=event):
                self._judging.pop(event.act_id, None)
                self._owe(event)
            case PasswordSet(event=event):
                self._announced[event.after["password"]] = event
                while len(self._announced) > ANNOUNCED:
                    del self._announced[next(iter(self._announced))]
            case Tick(name="look"):
                self._look()
                self._write()
            case _:
                super().receive(message)

    def handle(self, message: object) -> None:
        """There is nothing else to be told."""
        raise TypeError(f"the Doorkeeper does not know {message!r}")

    # --- the password ---------------------------------------------------------------------------

    def _knock(self, knock: Knock) -> None:
        wait = wait_s(self._at_worst(), knock.act, knock.address, self.clock.now())
        if wait:
            self._turn_away(knock, wait)
        else:
            self._judging[knock.id] = _Judging(knock, self.clock.monotonic())
        knock.reply.set(Admission(wait))

    def _judged(self, act_id: str, *, is_wrong: bool) -> None:
        judging = self._judging.pop(act_id, None)
        if judging is not None and is_wrong:
            self._owe(self._wrong(judging.knock, self._known()))

    def _wrong(self, knock: Knock, tries: Tries) -> PasswordWrong:
        now, act, address = self.clock.now(), knock.act, knock.address
        event = PasswordWrong(
            at=now,
            act_id=knock.id,
            act=act,
            by=knock.by,
            address=address,
            tries=wrong_in_a_row(tries, act, address, now) + 1,
        )
        return evolve(event, wait_s=wait_s(evolve_tries(tries, event), act, address, now))

    def _known(self) -> Tries:
        """The tries, with what is not written yet."""
        return reduce(evolve_tries, self._not_sent(), self.state)

    def _at_worst(self) -> Tries:
        """The same, those that are being judged taken for wrong."""
        oldest = self.clock.monotonic() - JUDGED_WITHIN_S
        self._judging = {i: j for i, j in self._judging.items() if j.since > oldest}
        tries = self._known()
        for judging in self._judging.values():
            tries = evolve_tries(tries, self._wrong(judging.knock, tries))
        return tries

    def _turn_away(self, knock: Knock, wait: int) -> None:
        self._turned_away += 1
        now = self.clock.monotonic()
        if now - self._told_at < QUIET_S:
            return
        self._told_at = now
        count, self._turned_away = self._turned_away, 0
        extra = {"address": knock.address, "wait_s": wait, "since_last": count}
        log.warning("password_not_tried", extra=extra)

    def _look(self) -> None:
        """A new password is a fact, and whose unless somebody said so before it was there."""
        mark = self._password_mark()
        if mark in ("", self._mark):
            return
        before, self._mark = self._mark, mark
        if not before:
            return
        now = self.clock.now()
        event = self._announced.pop(mark, None) or OperatorActed(
            at=now,
            act_id=f"password-{mark}",
            act=Act.PASSWORD,
            by=BY_FILE,
            address="",
            reason=REPLACED,
            after={"password": mark},
        )
        self._judging.pop(event.act_id, None)
        self._owe(evolve(event, at=now, before={"password": before}))

    # --- the journal ----------------------------------------------------------------------------

    def _owe(self, event: OperatorActed | PasswordWrong) -> None:
        self._owed[event.act_id] = event
        while len(self._owed) > OWED:
            del self._owed[next(iter(self._owed))]
        self._write()

    def _write(self) -> None:
        """Append what is owed, unless it is under way."""
        if self._epoch is None:
            return
        for event in self._not_sent():
            try:
                self.append(event, cause=event.act_id)
            except MailboxFull:  # it is tried again with the next look
                return
            self._sent.add(event.act_id)

    def _not_sent(self) -> list[OperatorActed | PasswordWrong]:
        return [event for act_id, event in self._owed.items() if act_id not in self._sent]
