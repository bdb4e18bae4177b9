"""Where browsers find the pages: which forms are our own, and where TLS stands before them."""

from typing import Final

from attrs import frozen

from settings.listen import is_loopback
from settings.model import DashboardListener
from settings.public_url import PublicUrl


@frozen
class Cookie:
    """The session's cookie, by TLS or without."""

    name: str
    is_secure: bool


SECURE: Final = Cookie("__Host-session", is_secure=True)
"""Browsers take this name by TLS only, from this very host, and send it nowhere else."""

PLAIN: Final = Cookie("session", is_secure=False)
COOKIES: Final = (SECURE, PLAIN)


@frozen
class Front:
    """What the settings say about it. That TLS is there is never guessed: `public_url` says so."""

    public_url: PublicUrl | None
    is_private: bool

    @classmethod
    def of(cls, settings: DashboardListener) -> "Front":
        """The front of this listener; private is one that only this machine reaches."""
        return cls(settings.public_url, is_loopback(settings.listen.host))

    def cookie(self, origin: str) -> Cookie:
        """The cookie for who signs in by a form from there."""
        is_public = self.public_url is not None and origin.lower() == str(self.public_url)
        return SECURE if is_public else PLAIN

    def why_not_ours(self, origin: str | None, host: str | None) -> str:
        """Why a form from this origin, sent to this host, is not one of our pages; empty if it is.

        Ours are the pages at `public_url`, and those at the very host that was asked, without TLS:
        on this machine always, elsewhere where the listener is open to others and no `public_url`
        says that TLS is to be used.
        """
        if not origin or not host:
            return "the Origin is missing"
        origin, host = origin.lower(), host.lower()
        if self.public_url is not None and origin == str(self.public_url):
            return ""
        if origin == f"https://{host}":
            return (
                "a proxy adds TLS and the settings do not say so: "
                f"web.dashboard.public_url: https://{host}"
            )
        if origin != f"http://{host}":
            return "the form comes from another site"
        if is_loopback(_name_of(host)):
            return ""
        if self.public_url is not None:
            return f"sign in at {self.public_url}"
        if self.is_private:
            return (
                f"the pages listen on this machine only and do not know the name {host}; "
                "web.dashboard.public_url says where a proxy stands"
            )
        return ""


def _name_of(host: str) -> str:
    """A Host header without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
