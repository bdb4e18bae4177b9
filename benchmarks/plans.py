"""What a client is asked to send, and its account of what became of it."""

from attrs import define, field, frozen


SLOW = 50
"""Alerts a second up to which client and watcher may spend a fifth of a processor on exactness."""


@frozen(kw_only=True)
class Target:
    """Where to send, what, and how a good answer reads: `before` and `after` stand around an id."""

    port: int
    alerts: tuple[tuple[bytes, bytes], ...]
    good: bytes

    def request(self, number: int) -> bytes:
        """The whole request with this id in it; alerts take turns."""
        before, after = self.alerts[number % len(self.alerts)]
        return b"%b%012d%b" % (before, number, after)


@frozen(kw_only=True)
class ClosedLoop:
    """So many connections, each sending its next alert as soon as the last one is answered."""

    connections: int
    warm_s: float
    seconds: float


@frozen(kw_only=True)
class OpenLoop:
    """So many alerts a second at even distances, however slowly they are answered."""

    rate: int
    new_connections: bool
    warm_s: float
    seconds: float

    @property
    def is_slow(self) -> bool:
        """Whether there is processor enough left to measure more finely."""
        return self.rate <= SLOW


Plan = ClosedLoop | OpenLoop


@define(kw_only=True)
class Tally:
    """What was sent and answered: `due` and `answered` by the number of the alert, 0.0 for never.

    Only what was due between `began` and `ended` is measured, the rest warms up.
    """

    began: float
    ended: float
    due: list[float] = field(factory=list)
    answered: list[float] = field(factory=list)
    wrong: int = 0
    example: bytes = b""

    def start(self, due: float) -> int:
        """The number of a new alert."""
        self.due.append(due)
        self.answered.append(0.0)
        return len(self.due) - 1

    def end(self, number: int, answer: bytes, now: float, good: bytes) -> None:
        """An answer came, empty if the connection was lost instead."""
        if answer.startswith(b"HTTP/1.1 200 ") and good in answer:
            self.answered[number] = now
        else:
            self.wrong += 1
            self.example = self.example or answer or b"connection lost"

    def good(self) -> list[int]:
        """The numbers of all alerts that were answered well."""
        return [n for n, at in enumerate(self.answered) if at]

    def measured(self) -> list[int]:
        """Those of them that count."""
        return [n for n in self.good() if self.began <= self.due[n] < self.ended]
