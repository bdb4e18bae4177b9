"""The addresses at which this machine reaches its own listeners."""

from typing import Final

from settings.listen import Listen


WEBHOOK_PATH: Final = "/webhook/tradingview"
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


def reachable(listen: Listen, port: int | None = None) -> Listen:
    """Where to connect to for a listener; one that listens everywhere is reached by loopback."""
    host = _EVERYWHERE.get(listen.host, listen.host)
    return Listen(host, listen.port if port is None else port)


def url(listen: Listen, path: str, port: int | None = None) -> str:
    """The http address of a path at a listener."""
    return f"http://{reachable(listen, port)}{path}"
