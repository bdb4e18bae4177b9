"""Secrets: values that do not show themselves, and where they are found."""

import hmac
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from hashlib import scrypt, sha256
from pathlib import Path
from typing import Final, NoReturn

from attrs import evolve, frozen

from settings.faults import BadValue


class Secret:
    """A text that shows itself only to who asks for it by name; it prints as ***."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def matches(self, text: str) -> bool:
        """Whether `text` is the secret, in a time that tells nothing about either."""
        return hmac.compare_digest(_digest(self._text), _digest(text))

    def __repr__(self) -> str:
        return "***"

    def __format__(self, _spec: str) -> str:
        return "***"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a Secret is neither copied nor pickled")


def _digest(text: str) -> bytes:
    # A request may hold half a surrogate pair; it is no match, and no error either.
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


class SecretUnreadable(Exception):  # noqa: N818 - says what is the matter
    """A secret is not where it should be; the message says where and what to do."""


class Keeper(StrEnum):
    """Who keeps a secret for us: systemd, a file, or the environment."""

    CREDENTIAL = "credential"
    FILE = "file"
    ENV = "env"


_NAMES = {
    Keeper.CREDENTIAL: re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]+"),
    Keeper.FILE: re.compile(r"[^\0]+"),
    Keeper.ENV: re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
}


@frozen
class SecretRef:
    """Where a secret is to be found; not the secret."""

    keeper: Keeper
    name: str

    @classmethod
    def parse(cls, text: str) -> "SecretRef":
        """Read credential:NAME, file:PATH or env:NAME; raises BadValue, without the text in it."""
        keeper, _, name = text.partition(":")
        if keeper not in list(Keeper):
            raise BadValue(
                "a secret does not stand in settings.yaml: use credential:, file: or env:"
            )
        if not _NAMES[Keeper(keeper)].fullmatch(name):
            raise BadValue(f"what follows {keeper}: is not a name")
        return cls(Keeper(keeper), name)

    def below(self, folder: Path) -> "SecretRef":
        """The same, a file's relative path taken from `folder`."""
        return evolve(self, name=str(folder / self.name)) if self.keeper is Keeper.FILE else self

    def __str__(self) -> str:
        return f"{self.keeper}:{self.name}"


def resolve(ref: SecretRef, environ: Mapping[str, str]) -> Secret:
    """The secret a reference points to; raises SecretUnreadable."""
    match ref.keeper:
        case Keeper.ENV:
            text = environ.get(ref.name, "")
            if not text:
                raise SecretUnreadable(f"{ref}: the environment variable is not set")
        case Keeper.FILE:
            text = read_private(Path(ref.name))
        case Keeper.CREDENTIAL:
            folder = environ.get("CREDENTIALS_DIRECTORY")
            if not folder:
                raise SecretUnreadable(f"{ref}: no CREDENTIALS_DIRECTORY; systemd sets it")
            # systemd lets the unit's user in by an access list, which shows as rights of the group.
            text = _read(Path(folder) / ref.name, shut_out=0o007)
    return Secret(text)


def read_private(path: Path) -> str:
    """The text of a file that nobody else may read; raises SecretUnreadable."""
    return _read(path, shut_out=0o077)


def _read(path: Path, *, shut_out: int) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read().decode().rstrip("\r\n")
    except OSError as error:
        raise SecretUnreadable(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretUnreadable(f"{path}: is not UTF-8 text") from None
    if stat.S_IMODE(mode) & shut_out:
        wanted = "600" if shut_out == 0o077 else "o="
        raise SecretUnreadable(f"{path}: others can read it; chmod {wanted} {path}")
    if not text:
        raise SecretUnreadable(f"{path}: is empty")
    return text


SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 500


class StateSecrets:
    """The secrets the daemon makes for itself, in a folder that only its user can enter.

    They are made at first use, each in one step: a file is there whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: set[str] = set()

    @property
    def made_now(self) -> frozenset[str]:
        """The names of the files made since this object was: not empty means a first run."""
        return frozenset(self._made)

    def webhook_secret(self, environ: Mapping[str, str]) -> Secret:
        """WEBHOOK_SECRET of the environment if set, else our own; raises SecretUnreadable."""
        given = environ.get("WEBHOOK_SECRET")
        return Secret(given) if given else self._own("webhook_secret")

    def api_token(self) -> Secret:
        """The bearer token of the API; raises SecretUnreadable."""
        return self._own("api_token")

    def first_password(self) -> Secret | None:
        """At first run a new password, told this once; None when there is one."""
        if self._has("password"):
            return None
        password = "-".join(
            "".join(secrets.choice(_CLEAR_LETTERS) for _ in range(4)) for _ in range(4)
        )
        return Secret(password) if self._make("password", _hashed(password)) else None

    def set_password(
        self, text: str, *, announce: Callable[[str], None] = lambda _mark: None
    ) -> None:
        """Put a new password in the place of the old one; `announce` is told its mark just before.

        Raises:
            SecretUnreadable, OSError: the folder cannot be written to.
        """
        hashed = _hashed(text)
        with _written(self._prepared(), hashed) as draft:
            announce(_mark(hashed))
            draft.replace(self._folder / "password")
        _sync(self._folder)

    def password_mark(self) -> str:
        """What tells this password's file from any other, and nothing of the password.

        Empty where the file cannot be read.
        """
        try:
            return _mark(read_private(self._folder / "password"))
        except SecretUnreadable:
            return ""

    def verify_password(self, text: str) -> bool:
        """Whether `text` is the password, in constant time; raises SecretUnreadable."""
        stored = read_private(self._folder / "password")
        found = re.fullmatch(r"scrypt:([0-9a-f]{32}):([0-9a-f]{128})", stored)
        if not found:
            raise SecretUnreadable(f"{self._folder / 'password'}: is damaged; set a new password")
        salt, expected = map(bytes.fromhex, found.groups())
        return hmac.compare_digest(_stretched(text, salt), expected)

    def _own(self, name: str) -> Secret:
        if not self._has(name):
            self._make(name, secrets.token_urlsafe(32))
        return Secret(read_private(self._folder / name))

    def _make(self, name: str, text: str) -> bool:
        """Make a file unless it exists; the loser of a race finds the winner's."""
        with _written(self._prepared(), text) as draft:
            try:
                os.link(draft, self._folder / name)
            except FileExistsError:
                return False
        _sync(self._folder)
        self._made.add(name)
        return True

    def _prepared(self) -> Path:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
        except OSError as error:
            raise SecretUnreadable(f"{self._folder}: {error.strerror}") from None
        return self._folder

    def _has(self, name: str) -> bool:
        return os.path.lexists(self._folder / name)


_CLEAR_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter in it is taken for another; sixteen of them are 79 bits."""


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt:{salt.hex()}:{_stretched(password, salt).hex()}"


def _mark(stored: str) -> str:
    # A guess cannot be checked against it: what it is a digest of begins with a random salt.
    return _digest(stored).hex()[:16]


def _stretched(password: str, salt: bytes) -> bytes:
    return scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=2**14, r=8, p=1)


@contextmanager
def _written(folder: Path, text: str) -> Iterator[Path]:
    """A draft with `text` on disk under a name of its own, gone again at the end."""
    draft = folder / f".{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
