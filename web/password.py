"""The password, asked for at sign-in and to start trading again: five wrong ones a minute."""

import logging
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from settings.secrets import SecretUnreadable, StateSecrets
from trading.clock import Clock
from web.problems import Problem


log = logging.getLogger("trading_bot.web")

TRIES: Final = 5
WINDOW: Final = timedelta(minutes=1)


class PasswordCheck:
    """One check for all who ask, whatever page they ask from; shared by all threads.

    A try is written down before it is judged, in one atomic step, so that many at the same instant
    do not slip through together; a right one clears them.
    """

    def __init__(self, secrets: StateSecrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._tries: deque[datetime] = deque(maxlen=TRIES)

    def require(self, password: str, asked_from: str) -> None:
        """Return if it is right.

        Raises:
            Problem: 403 WRONG_PASSWORD, 429 TOO_MANY_ATTEMPTS, 503 PASSWORD_UNREADABLE.
        """
        now = self._clock.now()
        tries = tuple(self._tries)
        if len(tries) == TRIES and now - tries[0] < WINDOW:
            wait_s = max(int((tries[0] + WINDOW - now).total_seconds()) + 1, 1)
            raise Problem(
                429,
                "TOO_MANY_ATTEMPTS",
                f"{TRIES} wrong passwords within a minute; try again in {wait_s} s",
                headers={"Retry-After": str(wait_s)},
            )
        self._tries.append(now)
        try:
            is_right = self._secrets.verify_password(password)
        except SecretUnreadable as error:
            raise Problem(503, "PASSWORD_UNREADABLE", str(error)) from None
        if not is_right:
            log.warning("password_wrong", extra={"address": asked_from})
            raise Problem(
                403,
                "WRONG_PASSWORD",
                "the password is wrong; `python app.py password` sets a new one",
            )
        self._tries.clear()
