"""Alerts as a strategy sends them, over HTTP, by a few threads that share nothing."""

import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path

from attrs import frozen


ROUTE = "/webhook/tradingview"
SYMBOLS = ("AAPL", "AMZN", "BRK.B", "F", "IWM", "KO", "MSFT", "NVDA", "QQQ", "SPY", "T", "XLF")
SENDERS = 4
RESENDS = 3
RESEND_AFTER_S = 0.2
"""TradingView sends again three times after a 5xx; here 5 s are 0.2 s."""
END_WITHIN_S = 60.0


@frozen
class Alert:
    """An alert's own id and the body, the same each time it is sent."""

    id: str
    body: bytes


def written(alert_id: str, secret: str, fields: Mapping[str, str]) -> Alert:
    """An alert of the demo strategy: its `ticker`, `action` and what else it says."""
    body = {"strategy": "demo", **fields, "secret": secret, "id": alert_id}
    return Alert(alert_id, json.dumps(body).encode())


def mixed(seed: str, secret: str) -> Iterator[Alert]:
    """Buys, sells and closes without end, the same for the same seed."""
    chance = random.Random(seed)
    for number in count(1):
        action = chance.choices(("buy", "sell", "close_long", "close_short"), (6, 3, 2, 1))[0]
        alert = {
            "ticker": chance.choice(SYMBOLS),
            "action": action,
            "price": f"{chance.randint(2_000, 30_000) / 100:.2f}",
        }
        if action in ("buy", "sell") or chance.random() < 0.5:
            alert["quantity"] = str(chance.randint(1, 9))
        yield written(f"{seed}-{number}", secret, alert)


@frozen
class Answered:
    """When an answer came (monotonic), and its status."""

    at: float
    status: int


class Sender(threading.Thread):
    """Sends one alert after the other at its pace; notes what was promised as the answers come.

    It ends when told to, when there is nothing left, or when nobody listens any more. `open` is
    what got no final answer or was never sent, `wrong` what should never be answered.
    """

    def __init__(
        self,
        port: int,
        alerts: Iterator[Alert],
        *,
        first: list[Alert],
        acks: Path,
        every_s: float,
        stop: threading.Event,
    ) -> None:
        super().__init__(name="sender", daemon=True)
        self._connection = HTTPConnection("127.0.0.1", port, timeout=10)
        self._first = deque(first)
        self._alerts = alerts
        self._acks = acks
        self._every_s = every_s
        self._ended = stop
        self._unanswered: list[Alert] = []
        self.answers: list[Answered] = []
        self.wrong: list[str] = []

    @property
    def open(self) -> list[Alert]:
        return [*self._unanswered, *self._first]

    def run(self) -> None:
        with self._acks.open("a") as acks:
            try:
                while not self._ended.wait(self._every_s) and (alert := self._next()) is not None:
                    self._unanswered.append(alert)
                    if (promise := self._sent(alert)) is not None:
                        acks.write(json.dumps(promise) + "\n")
                        acks.flush()
                        self._unanswered.pop()
            except ConnectionRefusedError:
                return
            finally:
                self._connection.close()

    def _next(self) -> Alert | None:
        return self._first.popleft() if self._first else next(self._alerts, None)

    def _sent(self, alert: Alert) -> dict[str, str] | None:
        """What the daemon promised, None where it promised nothing."""
        for _ in range(1 + RESENDS):
            try:
                self._connection.request("POST", ROUTE, alert.body)
                response = self._connection.getresponse()
                body = response.read()
            except ConnectionRefusedError:
                raise
            except (OSError, HTTPException):
                self._connection.close()
                return None
            self.answers.append(Answered(time.monotonic(), response.status))
            if response.status == 200:
                return {**json.loads(body), "id": alert.id}
            if response.status != 503:
                self.wrong.append(f"alert {alert.id} was answered {response.status}: {body!r}")
                return None
            self._ended.wait(RESEND_AFTER_S)
        return None


class Load:
    """So many alerts a second until it is stopped or the daemon is gone.

    `first` are sent before new ones: what a former load got no answer to. With `new` False there
    are no others, and `stop` waits until they are through.
    """

    def __init__(
        self,
        port: int,
        secret: str,
        *,
        seed: str,
        acks: Path,
        rate: int,
        first: list[Alert],
        new: bool = True,
    ) -> None:
        self._ended = threading.Event()
        self._is_endless = new
        self._senders = [
            Sender(
                port,
                mixed(f"{seed}.{n}", secret) if new else iter(()),
                first=first[n::SENDERS],
                acks=acks,
                every_s=SENDERS / rate,
                stop=self._ended,
            )
            for n in range(SENDERS)
        ]
        for sender in self._senders:
            sender.start()

    def answers(self, since: float = 0.0, until: float = float("inf")) -> Counter[int]:
        """How many answers of each status came in a span of time."""
        return Counter(
            answer.status
            for sender in self._senders
            for answer in tuple(sender.answers)
            if since <= answer.at <= until
        )

    @property
    def wrong(self) -> list[str]:
        """Answers that should never be."""
        return [line for sender in self._senders for line in sender.wrong]

    def stop(self) -> list[Alert]:
        """End it; what got no final answer, to be sent again."""
        if self._is_endless:
            self._ended.set()
        for sender in self._senders:
            sender.join(END_WITHIN_S)
        return [alert for sender in self._senders for alert in sender.open]
