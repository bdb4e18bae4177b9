"""An address to listen at, as people write it."""

import re
from ipaddress import ip_address

from attrs import frozen

from settings.faults import BadValue


_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound
_WRITTEN = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and nobody else can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@frozen
class Listen:
    """An address to listen at; port 0 is any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Listen":
        """Read `host:port`, an IPv6 host in brackets; raises BadValue."""
        found = _WRITTEN.fullmatch(text)
        if not found:
            raise BadValue("must be host:port, like 127.0.0.1:8080 or [::1]:8080", text)
        bracketed, plain, port = found.groups()
        if int(port) > 65535:
            raise BadValue("the port must be 0 to 65535", text)
        return cls(bracketed or plain, int(port))

    def overlaps(self, other: "Listen") -> bool:
        """Whether both cannot be listened at, because one takes the other's place."""
        hosts = {self.host, other.host}
        same_place = len(hosts) == 1 or not _EVERYWHERE.isdisjoint(hosts)
        return self.port == other.port != 0 and same_place

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
