"""A local Schwab in a thread of its own, and a person who signs in there from the command line."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import web
from attrs import define, field

from brokers.schwab.simulator.desk import Desk, new_desk
from brokers.schwab.simulator.open_always import OpenAlways
from brokers.schwab.simulator.server import QUOTES, application
from tests.daemon.process import HOUSE, PATIENCE_S


KEY, SECRET, NUMBER = "key-of-the-app", "secret-of-the-app", "12345678"
ENVIRON = {"TOS_API_KEY": KEY, "TOS_API_SECRET": SECRET, "TOS_ACCOUNT_ID": NUMBER}
REHEARSAL = """\
web:
  webhook: {{listen: 127.0.0.1:0}}
  dashboard: {{listen: 127.0.0.1:0}}
accounts:
  main:
    broker: schwab
    account_number: env:TOS_ACCOUNT_ID
    app_key: env:TOS_API_KEY
    app_secret: env:TOS_API_SECRET
    callback_url: {callback}
    base_url: {url}
    hours: always
strategies:
  demo: {{accounts: [main], allow_repeats: true, allow_add: true}}
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@define
class Simulated:
    """A simulator; its clock is the world's, and `passed` more."""

    key: str = KEY
    secret: str = SECRET
    port: int = field(factory=free_port)
    passed: timedelta = timedelta(0)
    repeats: bool = False
    desk: Desk = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.desk = new_desk(
            quotes=QUOTES,
            calendar=OpenAlways(),
            now=lambda: datetime.now(UTC) + self.passed,
            app_key=self.key,
            app_secret=self.secret,
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, is_up: threading.Event, end: asyncio.Event) -> None:
        app = application(self.desk)
        if self.repeats:
            app.middlewares.insert(0, repeating)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            is_up.set()
            await end.wait()
        finally:
            await runner.cleanup()


@web.middleware
async def repeating(request: web.Request, handler: Any) -> web.StreamResponse:
    """Whatever was sent stands in the answer to what fails, as text or in JSON."""
    sent = f"you sent {dict(request.headers)} {await request.text()} from {NUMBER}"
    answer: web.StreamResponse = await handler(request)
    if answer.status < 400:
        return answer
    said = {"message": sent, "error": f"invalid_grant {sent}"}
    if answer.content_type == "application/json":
        return web.json_response(said, status=answer.status)
    return web.Response(text=sent, status=answer.status)


@contextmanager
def simulated(
    key: str = KEY, secret: str = SECRET, *, repeats: bool = False
) -> Iterator[Simulated]:
    """A simulator that answers until the end; it `repeats` what it was sent in every error."""
    simulator, is_up = Simulated(key, secret, repeats=repeats), threading.Event()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(simulator.serve(is_up, end),))
    thread.start()
    try:
        assert is_up.wait(PATIENCE_S)
        yield simulator
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(PATIENCE_S)
        loop.close()


def allowed(address: str) -> str:
    """Click Allow on the page of an address; where the browser is sent then."""
    parts = urlsplit(address)
    with closing(HTTPConnection(parts.netloc, timeout=PATIENCE_S)) as browser:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        browser.request("POST", parts.path, parts.query, headers)
        answer = browser.getresponse()
        answer.read()
        assert answer.status == 302
        return str(answer.headers["Location"])


def followed(address: str) -> str:
    """What the browser shows there, past its warning of the certificate."""
    parts = urlsplit(address)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with closing(HTTPSConnection(parts.netloc, timeout=PATIENCE_S, context=trusting)) as browser:
        browser.request("GET", f"{parts.path}?{parts.query}")
        return browser.getresponse().read().decode()


class Login:
    """`auth login`, from its start to its end, with whoever sits before it."""

    def __init__(self, settings: Path, *words: str, environ: Mapping[str, str] = ENVIRON) -> None:
        command = [sys.executable, str(HOUSE / "app.py"), "auth", "login", *words]
        self.said = ""
        self.process = subprocess.Popen(
            [*command, "--settings", str(settings)],
            env={**os.environ, **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def address(self) -> str:
        """The next one that it asks to open, once it has said what to do with it."""
        address = ""
        while not (address and "last page" in self.said.rpartition(address)[2]):
            line = self._line()
            address = line.strip() if line.startswith("  http://") else address
        return address

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.said
        self.said += line
        return line

    def paste(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Its exit status; all that it said has been read then."""
        rest, _ = self.process.communicate(timeout=PATIENCE_S)
        self.said += rest
        return self.process.returncode


def sign_in(settings: Path, *words: str) -> str:
    """Sign in once, by paste; what the command said."""
    with Login(settings, *words) as login:
        login.paste(allowed(login.address()))
        assert login.end() == 0, login.said
        return login.said


def rehearsal(folder: Path, simulator: Simulated, **changes: str) -> Path:
    """Settings of one account at a simulator."""
    told = {"url": simulator.url, "callback": f"https://127.0.0.1:{free_port()}"}
    path = folder / "settings.yaml"
    path.write_text(REHEARSAL.format(**{**told, **changes}))
    return path
