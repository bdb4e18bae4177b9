"""Who is signed in. Sessions live in memory: a restart signs everybody out."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from trading.clock import Clock


IDLE: Final = timedelta(hours=12)
ABSOLUTE: Final = timedelta(days=7)
AT_MOST: Final = 100


@frozen
class Session:
    """A person's sign-in; `csrf` proves that a form came from our own page.

    `name` is what it is called where it is written down, `password` the mark of the password it
    was begun with, and what began by TLS `is_secure`.
    """

    id: str
    csrf: str
    name: str
    began: datetime
    password: str
    is_secure: bool


class Sessions:
    """All sessions, shared by the threads that serve requests.

    There is no lock: each operation on shared state is one step on one dict, which the interpreter
    does atomically. A session is valid only while `_sessions` holds it, so that a request under way
    in another thread cannot bring one back that was just ended.

    `password_mark` tells the mark of the password as it is now: another password ends every
    session, whoever set it. Empty is not known, and ends none: a disk that fails must not keep
    anyone from stopping.
    """

    def __init__(self, clock: Clock, password_mark: Callable[[], str]) -> None:
        self._clock = clock
        self._password_mark = password_mark
        self._sessions: dict[str, Session] = {}
        self._seen: dict[str, datetime] = {}
        self._notes: dict[str, str] = {}

    def begin(self, password: str, *, is_secure: bool) -> Session:
        """A new session, with an id that cannot be guessed."""
        self._forget_some()
        session = Session(
            id=secrets.token_urlsafe(32),
            csrf=secrets.token_urlsafe(32),
            name=secrets.token_hex(4),
            began=self._clock.now(),
            password=password,
            is_secure=is_secure,
        )
        self._seen[session.id] = session.began
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str, *, is_secure: bool) -> Session | None:
        """The session of this id if it is still valid; it then counts as used.

        One that began by TLS is found by the cookie that leaves by TLS only, and no other.
        """
        session = self._sessions.get(session_id)
        if session is None or session.is_secure is not is_secure:
            return None
        now = self._clock.now()
        if self._is_over(session, now, self._password_mark()):
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

    def _is_over(self, session: Session, now: datetime, password: str) -> bool:
        seen = self._seen.get(session.id, session.began)
        is_old = now - session.began >= ABSOLUTE or now - seen >= IDLE
        return is_old or password not in ("", session.password)

    def _forget_some(self) -> None:
        """Those that are over, what is left of them, and the oldest of too many."""
        now, password = self._clock.now(), self._password_mark()
        valid = []
        for session in tuple(self._sessions.values()):
            if self._is_over(session, now, password):
                self.end(session.id)
            else:
                valid.append(session)
        for session in valid[: max(len(valid) - AT_MOST + 1, 0)]:
            self.end(session.id)
        for left in tuple(self._seen.keys() | self._notes.keys()):
            if left not in self._sessions:
                self.end(left)
