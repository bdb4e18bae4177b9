"""Datagrams to whoever keeps the daemon as a service, in the words of sd_notify(3)."""

import logging
import socket
from collections.abc import Mapping


log = logging.getLogger("trading_bot.service")

SEND_WITHIN_S = 1.0


class Notify:
    """Tells the service manager named by NOTIFY_SOCKET; where nobody asked it tells nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # An @ stands for the zero byte that an abstract address begins with.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._is_heard = True

    @property
    def is_asked(self) -> bool:
        """Whether anybody wants to be told."""
        return bool(self._address)

    def tell(self, **words: object) -> None:
        """Send these assignments as one datagram; an unreachable manager is no reason to end."""
        if not self._address:
            return
        # A line break would begin another assignment.
        lines = (f"{name}={' '.join(str(value).split())}" for name, value in words.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaking:
                speaking.settimeout(SEND_WITHIN_S)
                speaking.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            if self._is_heard:
                log.warning("service_not_told", extra={"error": str(error)})
            self._is_heard = False
        else:
            self._is_heard = True


def watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    """How long the manager waits for a sign of life before it kills this process; None: for ever.

    From WATCHDOG_USEC, which is another process's where WATCHDOG_PID says so.
    """
    interval = environ.get("WATCHDOG_USEC", "")
    if not interval.isdecimal() or int(interval) == 0:
        return None
    return int(interval) / 1e6 if environ.get("WATCHDOG_PID", str(pid)) == str(pid) else None
