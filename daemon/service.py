"""The daemon as a service: ready or not, how it stands in words, and a sign that it lives."""

from typing import Final

from actors.runtime import TreeState
from daemon.notify import Notify
from web.edge import Edge
from web.state import Word, standing


BEAT_S: Final = 1.0
"""How often the main thread looks, and at most how often a status is told."""
START_GOES_ON_S: Final = 15.0
"""How much more time is asked for while it starts: a long past, or a disk that refuses."""
LONGEST_STATUS: Final = 250


class Service:
    """Tells the service manager what becomes of the daemon; used by the main thread only."""

    def __init__(self, notify: Notify, edge: Edge, watchdog_s: float | None) -> None:
        self._notify = notify
        self._edge = edge
        self._watchdog_s = watchdog_s
        self._status = ""
        self._status_at = -BEAT_S
        self._life_seen = 0.0

    @property
    def beat_s(self) -> float | None:
        """How long to rest between two beats; None where nobody asked for any."""
        if not self._notify.is_asked:
            return None
        return BEAT_S if self._watchdog_s is None else min(BEAT_S, self._watchdog_s / 4)

    def starts(self) -> None:
        """It is not ready yet, and needs more time; to be called again and again."""
        if self._is_due():
            status = self._new_status()
            self._notify.tell(STATUS=status, EXTEND_TIMEOUT_USEC=round(START_GOES_ON_S * 1e6))

    def is_ready(self) -> None:
        """Every actor has folded its past, and alerts are taken."""
        if self._notify.is_asked:
            self._notify.tell(READY=1, STATUS=self._new_status())

    def beats(self) -> None:
        """Tell what has changed, and that it lives, as far as anybody has seen it live."""
        if self._is_due() and self._words() != self._status:
            self._notify.tell(STATUS=self._new_status())
        life = sign_of_life(self._edge.tree.current)
        if self._watchdog_s is not None and life > self._life_seen:
            self._life_seen = life
            self._notify.tell(WATCHDOG=1)

    def stops(self) -> None:
        """It ends: what is in hand is brought to rest."""
        unfinished = self._edge.view.current.unfinished
        status = f"stopping: {counted(unfinished, 'alert or order', 'alerts or orders')} in hand"
        self._notify.tell(STOPPING=1, STATUS=status)

    def _is_due(self) -> bool:
        return self._notify.is_asked and self._edge.clock.monotonic() - self._status_at >= BEAT_S

    def _new_status(self) -> str:
        self._status, self._status_at = self._words(), self._edge.clock.monotonic()
        return self._status

    def _words(self) -> str:
        words = in_words(self._edge)
        return words if len(words) <= LONGEST_STATUS else f"{words[: LONGEST_STATUS - 1]}…"


def sign_of_life(tree: TreeState) -> float:
    """The last monotonic instant at which every actor was seen to live."""
    return tree.probed_at


def in_words(edge: Edge) -> str:
    """How the daemon stands, in a line: `healthy: paper, 2 accounts, 1 working order`."""
    view = edge.view.current
    now = standing(edge, view)
    if now.word is Word.STARTING:
        return edge.readiness.reason() or now.word.value
    working = sum(not order.order.is_terminal for order in view.orders)
    parts = (
        edge.settings.mode.value,
        counted(len(edge.settings.accounts), "account", "accounts"),
        counted(working, "working order", "working orders"),
    )
    line = f"{now.word.value}: {', '.join(parts)}"
    return line if now.word is Word.HEALTHY else f"{line}; {now.reason}"


def counted(number: int, one: str, several: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else several}"
