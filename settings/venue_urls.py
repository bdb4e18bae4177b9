"""The addresses that belong to a venue: of a simulator of it, and where a sign-in comes back to."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from attrs import frozen

from settings.faults import BadValue


@frozen
class LoopbackUrl:
    """The address of a simulator on this machine; there is no other place for one."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "LoopbackUrl":
        """Read `http://127.0.0.1:8090`; raises BadValue."""
        parts = urlsplit(text)
        if parts.scheme != "http" or not _is_loopback(parts.hostname or "") or _more(text):
            raise BadValue(
                "must be http://127.0.0.1:PORT, a simulator here; leave it out for Schwab itself",
                text,
            )
        return cls(text.rstrip("/"))

    def __str__(self) -> str:
        return self.text


@frozen
class CallbackUrl:
    """Where a browser goes after a sign-in, letter for letter as registered for the app."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "CallbackUrl":
        """Read `https://127.0.0.1:8182`; raises BadValue."""
        if not re.fullmatch(r"https://[^\s?#]+", text):
            raise BadValue("must be https://..., as registered for the app", text)
        return cls(text)

    @property
    def listens_here(self) -> tuple[str, int] | None:
        """Host and port where a browser of this machine can be waited for; None: elsewhere."""
        parts = urlsplit(self.text)
        host = parts.hostname or ""
        return (host, parts.port or 443) if _is_loopback(host) else None

    def __str__(self) -> str:
        return self.text


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _more(text: str) -> bool:
    """Whether it is more than scheme, host and port."""
    try:
        parts = urlsplit(text)
        has_port = parts.port is not None
    except ValueError:
        return True
    return not has_port or parts.path not in ("", "/") or bool(parts.query or parts.fragment)
