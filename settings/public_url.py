"""The address at which people reach the pages from elsewhere, as they write it."""

import re

from attrs import frozen

from settings.faults import BadValue


_WRITTEN = re.compile(
    r"https://((?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?))(?::([0-9]{1,5}))?/?",
    re.IGNORECASE,
)


@frozen
class PublicUrl:
    """An https address without a path: TLS stands there, and passes on to the pages."""

    host: str
    port: int = 443

    @classmethod
    def parse(cls, text: str) -> "PublicUrl":
        """Read `https://host` or `https://host:port`; raises BadValue."""
        found = _WRITTEN.fullmatch(text)
        if not found:
            raise BadValue("must be https://host or https://host:port, without a path", text)
        host, port = found.groups()
        if port is not None and not 1 <= int(port) <= 65535:
            raise BadValue("the port must be 1 to 65535", text)
        return cls(host.lower(), int(port or 443))

    def __str__(self) -> str:
        """As browsers write an origin: in lower case, without the usual port."""
        return f"https://{self.host}" + ("" if self.port == 443 else f":{self.port}")
