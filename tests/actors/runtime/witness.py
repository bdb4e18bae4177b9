"""An actor that does what its messages say, and a diary that all of a test's actors write to."""

import threading
from collections.abc import Callable

from attrs import Factory, frozen

from actors.runtime import Birth, Worker


class Diary:
    """What happened, in order, whoever did it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._changed = threading.Condition()

    def write(self, line: str) -> None:
        with self._changed:
            self.lines.append(line)
            self._changed.notify_all()

    def holds(self, *wanted: str, timeout_s: float = 5.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: set(wanted) <= set(self.lines), timeout_s)


def ready(actor: "Witness") -> None:
    actor.started()


def nothing(_: object) -> None:
    pass


@frozen
class Script:
    """What a witness does at its start and at its end, and where it writes."""

    diary: Diary = Factory(Diary)
    at_start: "Callable[[Witness], None]" = ready
    at_end: Callable[[BaseException | None], None] = nothing


class Witness(Worker):
    """Calls a message that can be called, writes down any other: <name><incarnation>:<message>."""

    def __init__(self, birth: Birth, script: Script) -> None:
        super().__init__(birth)
        self.script = script

    def on_start(self) -> None:
        self.script.at_start(self)

    def receive(self, message: object) -> None:
        if callable(message):
            message(self)
        else:
            self.script.diary.write(f"{self.address.name}{self.incarnation}:{message}")

    def on_end(self, error: BaseException | None) -> None:
        self.script.diary.write(f"{self.address.name}{self.incarnation} ends of {error!r}")
        self.script.at_end(error)


def die_of(error: BaseException) -> Callable[[object], None]:
    def die(_: object) -> None:
        raise error

    return die


class Gate:
    """A message that holds its actor until the test lets it go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()

    def __call__(self, _: object) -> None:
        self.reached.set()
        assert self._open.wait(30)

    def open(self) -> None:
        self._open.set()
