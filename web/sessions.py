"""Who is signed in. Sessions live in memory: a restart signs everybody out."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from trading.clock import Clock


IDLE: Final = timedelta(hours=12)
ABSOLUTE: Final = timedelta(days=7)


@frozen
class Session:
    """A person's sign-in; `csrf` proves that a form came from our own page."""

    id: str
    csrf: str
    began: datetime


class Sessions:
    """All sessions, shared by the threads that serve requests.

    There is no lock: each operation on shared state is one step on one dict, which the interpreter
    does atomically. A session is valid only while `_sessions` holds it, so that a request under way
    in another thread cannot bring one back that was just ended.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._seen: dict[str, datetime] = {}
        self._notes: dict[str, str] = {}

    def begin(self) -> Session:
        """A new session, with an id that cannot be guessed."""
        self._forget_expired()
        now = self._clock.now()
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now)
        self._seen[session.id] = now
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str) -> Session | None:
        """The session of this id if it is still valid; it then counts as used."""
        session = self._sessions.get(session_id)
        if session is None:
            return None
        now = self._clock.now()
        if self._is_over(session, now):
            self.end(session_id)
            return None
        self._seen[session_id] = now
        return session

    def end(self, session_id: str) -> None:
        """Sign out."""
        self._sessions.pop(session_id, None)
        self._seen.pop(session_id, None)
        self._notes.pop(session_id, None)

    def leave_note(self, session: Session, text: str) -> None:
        """Something to tell on the next page."""
        self._notes[session.id] = text

    def take_note(self, session: Session) -> str | None:
        """What was left to tell, once."""
        return self._notes.pop(session.id, None)

    def _is_over(self, session: Session, now: datetime) -> bool:
        seen = self._seen.get(session.id, session.began)
        return now - session.began >= ABSOLUTE or now - seen >= IDLE

    def _forget_expired(self) -> None:
        now = self._clock.now()
        for session in tuple(self._sessions.values()):
            if self._is_over(session, now):
                self.end(session.id)
        for left in tuple(self._seen.keys() | self._notes.keys()):
            if left not in self._sessions:
                self.end(left)
