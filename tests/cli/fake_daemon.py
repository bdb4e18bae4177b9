"""A small HTTP server that answers as the daemon's listeners do, from a script."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import Factory, define, frozen


TOKEN = "a-token-of-the-api"

Answer = tuple[int, Mapping[str, Any] | bytes]


@frozen
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any


@define
class FakeDaemon:
    """Answers each (method, path) by its script, and keeps what it was asked."""

    port: int
    needs_token: bool = True
    script: dict[tuple[str, str], Callable[[Asked], Answer]] = Factory(dict)
    asked: list[Asked] = Factory(list)

    def answers(
        self, method: str, path: str, body: Mapping[str, Any] | bytes, status: int = 200
    ) -> None:
        self.script[method, path] = lambda _: (status, body)

    def refuses(self, method: str, path: str, status: int, code: str, detail: str) -> None:
        problem = {"code": code, "title": code.title(), "status": status, "detail": detail}
        self.answers(method, path, problem, status)

    def judge(self, asked: Asked, authorization: str | None) -> Answer:
        self.asked.append(asked)
        if self.needs_token and authorization != f"Bearer {TOKEN}":
            return 401, {"code": "NOT_SIGNED_IN", "title": "Sign in", "status": 401, "detail": "-"}
        scripted = self.script.get((asked.method, asked.path))
        if scripted is None:
            return 404, {
                "code": "NOT_FOUND",
                "title": "Not found",
                "status": 404,
                "detail": asked.path,
            }
        return scripted(asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeDaemon


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        parts = urlsplit(self.path)
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), body)
        status, said = self.server.fake.judge(asked, self.headers["Authorization"])
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[FakeDaemon]:
    """A fake daemon that listens on this machine, until the end of the block."""
    with _Server(("127.0.0.1", 0), _Handler) as server, ThreadPoolExecutor(1) as pool:
        server.fake = FakeDaemon(server.server_port)
        pool.submit(server.serve_forever, 0.01)
        try:
            yield server.fake
        finally:
            server.shutdown()
