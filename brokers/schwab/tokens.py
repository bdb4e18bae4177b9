"""What a sign-in gave us, and the one file that keeps it: 0600, written whole or not at all."""

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from attrs import field, frozen

from brokers.base import UnreachableError
from brokers.schwab.wire_json import UnreadableBodyError, read, written


REFRESH_LASTS: Final = timedelta(days=7)
"""From the sign-in on; no refresh prolongs it."""

EARLY: Final = timedelta(seconds=60)
"""How long before its end an access token is renewed."""


@frozen(kw_only=True)
class Tokens:
    """What a sign-in gave: the access token for half an hour, the refresh token for a week.

    `signed_in_at` is when a person signed in: only that starts the week anew.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_expires_at: datetime
    signed_in_at: datetime

    @property
    def refresh_expires_at(self) -> datetime:
        """When a person has to sign in again, as far as one can tell: it may come earlier."""
        return self.signed_in_at + REFRESH_LASTS

    def is_fresh(self, now: datetime) -> bool:
        """Whether the access token need not be renewed yet."""
        return now < self.access_expires_at - EARLY

    def is_usable(self, now: datetime) -> bool:
        """Whether the access token still passes."""
        return now < self.access_expires_at

    def left(self, now: datetime) -> timedelta:
        """How long until a person has to sign in again; never below zero."""
        return max(self.refresh_expires_at - now, timedelta(0))


class TokenFile:
    """The file that keeps one app key's tokens. Its methods block; any one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Tokens | None:
        """What was kept; None: nothing, or nothing that makes sense, which is the same.

        Raises:
            UnreachableError: there is a file, and we may not read it.
        """
        try:
            return read(self.path.read_text("utf-8"), Tokens)
        except (FileNotFoundError, UnicodeDecodeError, UnreadableBodyError):
            return None
        except OSError as error:
            raise UnreachableError(f"{self.path}: {error.strerror}") from None

    def write(self, tokens: Tokens) -> None:
        """Keep these. After it returns they outlive a loss of power; before, the old ones do.

        Raises:
            OSError: they could not be written; what was kept still is.
        """
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{self.path.name}.{secrets.token_hex(8)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(written(_plain(tokens)))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)
        _sync(folder)


def _plain(tokens: Tokens) -> dict[str, str]:
    return {
        "accessToken": tokens.access_token,
        "refreshToken": tokens.refresh_token,
        "accessExpiresAt": tokens.access_expires_at.isoformat(),
        "signedInAt": tokens.signed_in_at.isoformat(),
    }


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
