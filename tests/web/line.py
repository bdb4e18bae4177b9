"""A webhook listener on a real socket, and someone who answers for the WebhookActor."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from actors.messages import Answer, JournalHealth, Receive
from actors.runtime import Address, Publication
from actors.runtime.testing import ManualClock
from settings.model import Listen, WebhookListener
from tests.web.house import RUNNING
from web import webhook
from web.deadlines import Deadlines
from web.readiness import Readiness


ROUTE = "/webhook/tradingview"
ACCEPTED = Answer(200, {"status": "accepted", "alert_id": "a1"})
SHORT = Deadlines(head_s=0.3, body_s=0.3, answer_s=0.3, idle_s=0.6, linger_s=0.1)

HEAD = f"POST {ROUTE} HTTP/1.1\r\nHost: bot\r\n".encode()
BODY = b"Content-Length: 2\r\n\r\n{}"
PATIENT = Deadlines(head_s=10, body_s=10, answer_s=10)

Script = Callable[[Receive], Answer | None]


def accept(_request: Receive) -> Answer:
    return ACCEPTED


class Line:
    """The listener and what stands behind it; `heard` are the requests that came through."""

    def __init__(self, listener: webhook.WebhookListener, address: Address) -> None:
        self.listener = listener
        self.address = address
        self.heard: list[Receive] = []
        self.journal = Publication(JournalHealth(commits=True, reason=""))
        self.tree = Publication(RUNNING)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.listener.port), timeout=10)

    def send(
        self, method: str = "POST", path: str = ROUTE, body: bytes = b"{}", **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """One request on a connection of its own: status, body, headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = http.client.HTTPConnection("127.0.0.1", self.listener.port, timeout=10)
        with closing(client):
            client.request(method, path, body, named)
            response = client.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None, dict(response.headers)

    def answer(self, script: Script) -> None:
        """Read the mailbox until it says end."""
        while True:
            self.address.mailbox.wait()
            letter = self.address.mailbox.take(ordinary=True)
            if letter is None:
                continue
            request = letter[2]
            if not isinstance(request, Receive):
                return
            self.heard.append(request)
            if (answer := script(request)) is not None:
                request.reply.set(answer)


@contextmanager
def open_line(
    script: Script | None = accept,
    *,
    bound: int = 1000,
    deadlines: Deadlines = SHORT,
    **settings: Any,
) -> Iterator[Line]:
    """An open line; without a script nobody reads the mailbox."""
    address = Address("webhook", bound)
    given = WebhookListener(listen=Listen("127.0.0.1", 0), **settings)
    tree, journal = Publication(RUNNING), Publication(JournalHealth(commits=True, reason=""))
    listener = webhook.WebhookListener(
        given,
        address,
        Readiness(tree, journal),
        ManualClock(),
        lambda now: f"{now:%Y%m%d}-1",
        deadlines=deadlines,
    )
    line = Line(listener, address)
    line.tree, line.journal = tree, journal
    listener.open()
    reader = threading.Thread(target=line.answer, args=(script,)) if script else None
    if reader:
        reader.start()
    try:
        yield line
    finally:
        listener.close()
        if reader:
            address.tell("end", reserved=True)
            reader.join(5)


def said(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    found = b""
    while part := connection.recv(65536):
        found += part
    return found


def one_answer(connection: socket.socket) -> bytes:
    """One whole answer, where the connection stays open."""
    found = b""
    while b"}" not in found:
        found += connection.recv(65536)
    return found
