"""Venue trouble on its way to the breaker: told at once, then gathered for a second."""

from attrs import frozen

from trading.vocabulary import ErrorKind


@frozen
class Counted:
    """Failures of one kind that are told together, with what the last of them said."""

    kind: ErrorKind
    count: int
    detail: str


class FailureCount:
    """Gathers failures, so that a venue that keeps failing does not flood the journal."""

    def __init__(self) -> None:
        self._gathered: dict[ErrorKind, Counted] = {}
        self._is_gathering = False

    def add(self, kind: ErrorKind, detail: str) -> bool:
        """Take one in; whether to tell now: the first after a quiet second, and missing funds."""
        before = self._gathered.get(kind)
        self._gathered[kind] = Counted(kind, before.count + 1 if before else 1, detail)
        return kind is ErrorKind.FUNDS or not self._is_gathering

    def take(self) -> tuple[Counted, ...]:
        """What was gathered."""
        taken = tuple(self._gathered.values())
        self._gathered.clear()
        return taken

    def gather(self) -> bool:
        """Begin a second of gathering; False where one is under way."""
        begins = not self._is_gathering
        self._is_gathering = True
        return begins

    def second_is_over(self) -> None:
        """End the second of gathering."""
        self._is_gathering = False
