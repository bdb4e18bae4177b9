"""Alerts as TradingView sends them: whole HTTP requests, made beforehand around an id's place."""

import json
from datetime import UTC, datetime

from benchmarks.plans import Target
from cli.alert_text import filled, in_one_line
from trading.vocabulary import StrategyName


SYMBOLS = tuple(f"BM{letter}" for letter in "ABCDEFGHIJKLMNOP")
"""Alerts take turns over these, each a buy of one share: all are filled, none is in the way."""

_HOLE = "0" * 12


def target(port: int, *, strategy: str, secret: str, close: bool = False, run: str = "") -> Target:
    """Alerts of a strategy; `close` asks the server to close the connection after each answer.

    Their ids begin with `run`, for those who send more than once to one server.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    bodies = (
        in_one_line(
            {
                **filled(StrategyName(strategy), timestamp=now, ticker=symbol, secret=secret),
                "id": json.dumps(run + _HOLE),
            }
        )
        for symbol in SYMBOLS
    )
    alerts = tuple(_around_the_id(body, port, close=close) for body in bodies)
    return Target(port=port, alerts=alerts, good=b'"accepted"')


def _around_the_id(body: str, port: int, *, close: bool) -> tuple[bytes, bytes]:
    head = (
        "POST /webhook/tradingview HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        "Content-Type: application/json\r\n"
        f"Connection: {'close' if close else 'keep-alive'}\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n"
    )
    before, _, after = (head + body).rpartition(_HOLE)
    return before.encode(), after.encode()
