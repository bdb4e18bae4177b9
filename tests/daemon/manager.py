"""A service manager for tests: a real datagram socket, and what came in at it."""

import socket
from pathlib import Path
from types import TracebackType
from typing import Self


class Manager:
    """Hears what a process tells NOTIFY_SOCKET; each datagram is a mapping of its lines."""

    def __init__(self, address: str | Path) -> None:
        self.address = str(address)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address.replace("@", "\0", 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    def hears(self, timeout_s: float = 30.0) -> dict[str, str] | None:
        """The next datagram; None where none comes in time."""
        self._socket.settimeout(timeout_s)
        try:
            said = self._socket.recv(65_536).decode()
        except TimeoutError:
            return None
        return dict(line.split("=", 1) for line in said.split("\n"))

    def until(self, name: str, timeout_s: float = 30.0) -> list[dict[str, str]]:
        """Every datagram up to the first one that says this, which is the last."""
        heard: list[dict[str, str]] = []
        while not heard or name not in heard[-1]:
            said = self.hears(timeout_s)
            assert said is not None, f"no {name} after {heard}"
            heard.append(said)
        return heard

    def waiting(self) -> list[dict[str, str]]:
        """Every datagram that has come in already."""
        heard = []
        while (said := self.hears(0.001)) is not None:
            heard.append(said)
        return heard
