"""Whether an incarnation answers probes; and if it does not, whether it reads anything at all."""

from typing import Final

from attrs import define


HUNG_AFTER: Final = 3
"""Rounds in which an actor has neither answered nor read anything before it counts as hung."""


@define
class Pulse:
    """The probes of one incarnation.

    `missed` counts the rounds in a row without an answer, `stuck` those of them in which nothing
    was read either. Who reads works off a backlog, and the answer stands behind it.
    """

    missed: int = 0
    stuck: int = 0
    _asked: int = 0
    _answered: int = 0
    _reads: int = 0

    @property
    def is_hung(self) -> bool:
        """Whether it has been stuck for too long."""
        return self.stuck >= HUNG_AFTER

    def ask(self, number: int, reads: int) -> None:
        """Note that a probe was sent when so many messages had been read."""
        self._asked, self._reads = number, reads

    def hear(self, number: int) -> None:
        """Take an answer; one to an earlier probe comes late, and shows a backlog."""
        self._answered = max(self._answered, number)
        self.stuck = 0
        if self._answered == self._asked:
            self.missed = 0

    def round_is_over(self, reads: int) -> None:
        """See what became of the last probe, now that so many messages have been read."""
        if self._answered == self._asked:
            return
        self.missed += 1
        self.stuck = self.stuck + 1 if reads == self._reads else 0
