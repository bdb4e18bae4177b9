"""The password, asked for at sign-in and once more for what only a person may do."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from actors.people import Admission, Judged, Knock
from actors.runtime import NoAnswer, ThreadReply
from settings.secrets import SecretUnreadable
from trading.vocabulary import Act
from web.callers import Caller
from web.edge import Edge
from web.problems import Problem


ANSWER_WITHIN_S: Final = 0.5
"""How long the doorkeeper is waited for; it has nothing else to do."""

UNREAD: Final = 100
"""So many messages wait only where nobody reads them, and no more are put there."""

TRIES: Final = 5
WINDOW: Final = timedelta(minutes=1)


class PasswordCheck:
    """The one check for whatever asks for the password; shared by all threads.

    The doorkeeper says whether a try may be judged now. While nobody keeps the door, at a start or
    when its actor is parked, five tries a minute are all there are.
    """

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._unattended: deque[datetime] = deque(maxlen=TRIES)

    def require(self, act_id: str, act: Act, password: str, caller: Caller) -> str:
        """The mark of the password if it is right; then the act must be written down under this id.

        Raises:
            Problem: 403 WRONG_PASSWORD, 429 TOO_MANY_ATTEMPTS, 503 PASSWORD_UNREADABLE.
        """
        self._wait_to_be_let_in(act_id, act, caller)
        secrets = self._edge.secrets
        mark = secrets.password_mark()  # before it is judged: a newer one ends what begins with it
        try:
            is_right = secrets.verify_password(password)
        except SecretUnreadable as error:
            self._tell(Judged(act_id, is_wrong=False))
            raise Problem(503, "PASSWORD_UNREADABLE", str(error)) from None
        if not is_right:
            self._tell(Judged(act_id, is_wrong=True))
            raise Problem(
                403,
                "WRONG_PASSWORD",
                "the password is wrong; `python app.py password` sets a new one",
            )
        self._unattended.clear()
        return mark

    def _wait_to_be_let_in(self, act_id: str, act: Act, caller: Caller) -> None:
        wait_s = self._wait_s(act_id, act, caller)
        if wait_s:
            raise Problem(
                429,
                "TOO_MANY_ATTEMPTS",
                f"too many wrong passwords; try again in {wait_s} s",
                headers={"Retry-After": str(wait_s)},
            )

    def _wait_s(self, act_id: str, act: Act, caller: Caller) -> int:
        if len(self._edge.doorkeeper) >= UNREAD:
            return self._wait_unattended()
        reply = ThreadReply[Admission]()
        self._tell(Knock(id=act_id, act=act, by=caller.who, address=caller.address, reply=reply))
        try:
            return reply.wait(ANSWER_WITHIN_S).wait_s
        except NoAnswer:
            return self._wait_unattended()

    def _wait_unattended(self) -> int:
        """A try is written down before it is judged, in one atomic step.

        So many at the same instant do not slip through together; a right one clears them.
        """
        now = self._edge.clock.now()
        tries = tuple(self._unattended)
        if len(tries) == TRIES and now - tries[0] < WINDOW:
            return max(int((tries[0] + WINDOW - now).total_seconds()), 1)
        self._unattended.append(now)
        return 0

    def _tell(self, message: Knock | Judged) -> None:
        # By the control lane, the only one that is read while the journal cannot commit.
        self._edge.doorkeeper.tell(message, control=True)
