"""Whether alerts can be taken, and if not, why."""

from actors.messages import JournalHealth
from actors.runtime import UP, Publication, State, TreeState


class Readiness:
    """What listeners ask before they let a request in; any thread may ask.

    Once all actors have run, only the journal and the end of the daemon make it not ready again: an
    actor that is being restarted keeps its mailbox, and what waits there is not lost. Both marks
    are set once and never taken back, so they need no lock.
    """

    def __init__(self, tree: Publication[TreeState], journal: Publication[JournalHealth]) -> None:
        self._tree = tree
        self._journal = journal
        self._has_started = False
        self._is_draining = False

    def drain(self) -> None:
        """From now on nothing new is let in."""
        self._is_draining = True

    @property
    def has_started(self) -> bool:
        """Whether all actors have been running once."""
        if not self._has_started:
            self._has_started = self._tree.current.ready
        return self._has_started

    def reason(self) -> str | None:
        """Why nothing can be let in, as a sentence; None means ready."""
        if self._is_draining:
            return "shutting down"
        if not self.has_started:
            return _starting(self._tree.current, self._journal.current)
        journal = self._journal.current
        if not journal.commits:
            return f"the journal cannot commit: {journal.reason}"
        return _blocked(self._tree.current)

    def health(self) -> str:
        """The daemon's health in a word: healthy, degraded or starting."""
        reason = self.reason()
        if not self.has_started:
            return "starting"
        return "healthy" if reason is None and _is_well(self._tree.current) else "degraded"


def _is_well(tree: TreeState) -> bool:
    late_or_gone = {State.DEGRADED, State.PARKED}
    return tree.ready and not any(child.state in late_or_gone for child in tree.children)


def _blocked(tree: TreeState) -> str | None:
    """A journal that hangs in a commit can say nothing itself; that its probes stay out says it."""
    journal = tree.child("journal")
    if journal is None or journal.state is not State.HUNG:
        return None
    return "the journal cannot commit: the disk has not answered for several probes"


def _starting(tree: TreeState, journal: JournalHealth) -> str:
    if journal.has_failed:
        return f"starting: the journal cannot be used: {journal.reason}"
    waiting = [child.name for child in tree.children if child.state not in {*UP, State.PARKED}]
    return f"starting: waiting for {waiting[0]}" if waiting else "starting"
