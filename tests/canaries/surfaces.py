"""Everything that can be said to a daemon, said with a secret in it; all answers are kept."""

import json
import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

from attrs import define, field

from tests.canaries.birds import COMMON, MISPLACED, NEW_PASSWORD, OWN, PASSWORD, TOKEN
from tests.crash.process import HOUSE, Process


PATIENCE_S = 20.0
HOOK = "/webhook/tradingview"
PAGES = (
    "/",
    "/?resume=1",
    "/signin",
    "/password",
    "/health",
    "/ready",
    "/metrics",
    "/openapi.json",
    *(f"/{page}" for page in ("alerts", "orders", "positions", "risk", "performance")),
    *(f"/{page}" for page in ("system", "settings", "audit", "setup")),
    *(f"/api/{name}" for name in ("status", "account", "positions", "positions?by=strategy")),
    *(f"/api/{name}" for name in ("orders", "alerts", "risk", "actors", "settings", "equity")),
)
SETTINGS = """\
web:
  webhook: {listen: 127.0.0.1:0, rate_limit_per_minute: null}
  dashboard: {listen: 127.0.0.1:0, trusted_proxies: [127.0.0.1]}
accounts:
  paper: {broker: paper, hours: always}
strategies:
  demo: {accounts: [paper], allow_repeats: true, allow_add: true}
  other: {accounts: [paper], secret: file:secrets/own}
logging: {level: DEBUG}
"""
ALERT = {"strategy": "demo", "ticker": "AAPL", "action": "buy", "quantity": 1, "price": 100}
VICTIMS = {
    COMMON: ("webhook", "dashboard", "risk:paper"),
    OWN: ("broker:paper", "breaker:*"),
    TOKEN: ("breaker:paper", "journal"),
}
"""Who dies with which secret in his last words; one more than ten would end the daemon."""

TEXT_FIELDS = ("ticker", "message", "strategy", "action", "id", "timestamp", "price", "quantity")


@define
class Surfaces:
    """A running daemon to talk to, and what it has answered."""

    folder: Path
    process: Process
    answers: dict[str, str] = field(factory=dict)

    def drive(self) -> None:
        """Say everything."""
        for secret, victims in VICTIMS.items():
            self._alerts(secret)
            self._pages(secret)
            self._acts(secret)
            for actor in victims:
                self.process.crash(actor, secret)
        self._sign_in()
        self._pages(COMMON)
        self._commands()

    # --- the webhook ------------------------------------------------------------------------------

    def _alerts(self, secret: str) -> None:
        common = {**ALERT, "secret": COMMON}
        own = {**ALERT, "strategy": "other", "secret": OWN}
        bodies = [{**common}, {**own}, {**ALERT, "secret": secret}, {**ALERT, secret: 1}]
        bodies += [{**common, name: secret} for name in TEXT_FIELDS]
        bodies += [{**common, name: f"x {quote(secret)} y"} for name in TEXT_FIELDS]
        bodies += [{**common, "message": b64encode(f"u:{secret}".encode()).decode()}]
        bodies += [{**common, "message": json.dumps({"secret": secret})}]
        bodies += [{**common, secret: secret}, {**common, "action": [secret]}]
        for body in bodies:
            self._hook(json.dumps(body).encode())
            self._hook(json.dumps(body, ensure_ascii=False).encode())
        for broken in _broken(secret):
            self._hook(broken)
            self._hook(broken, f"{HOOK}/{quote(COMMON, safe='')}")
        self._hook(json.dumps(ALERT).encode(), f"{HOOK}/{quote(secret, safe='')}")
        self._hook(json.dumps(ALERT).encode(), f"{HOOK}/{quote(secret)}/more")
        self._hook(json.dumps(ALERT).encode(), f"{HOOK}?{urlencode({'secret': secret})}")
        self._hook(json.dumps(common).encode(), headers=_headers(secret))
        self._raw("webhook", f"POST {HOOK}/{secret} HTTP/9.9\r\n\r\n")
        self._raw("webhook", f"{secret}\r\n\r\n")

    def _hook(self, body: bytes, path: str = HOOK, headers: dict[str, str] | None = None) -> None:
        self._ask("webhook", "POST", path, body, headers or {})

    # --- pages and API ----------------------------------------------------------------------------

    def _pages(self, secret: str, cookie: str = "") -> None:
        bearer = {"Authorization": f"Bearer {TOKEN}"} if not cookie else {"Cookie": cookie}
        for page in PAGES:
            self._ask("dashboard", "GET", page, headers=bearer)
            self._ask("dashboard", "GET", page)
        query = urlencode({"account": secret, "cursor": secret, "limit": secret, "by": secret})
        for path in (
            f"/api/orders/{quote(secret, safe='')}",
            f"/api/alerts/{quote(secret, safe='')}",
            f"/api/positions?{query}",
            f"/api/orders?{query}",
            f"/{quote(secret)}?{query}",
            f"/static/{quote(secret)}",
        ):
            self._ask("dashboard", "GET", path, headers={**_headers(secret), **bearer})
        self._ask("dashboard", "GET", "/api/status", headers=_headers(secret))
        self._raw("dashboard", f"{secret} / HTTP/1.1\r\n\r\n")
        self._raw("dashboard", f"GET /{secret}\x00 HTTP/1.1\r\n{secret}\r\n\r\n")

    def _acts(self, secret: str) -> None:
        bodies: list[dict[str, object]] = [
            {"reason": secret},
            {"reason": f"why {quote(secret)}", "symbol": "SPY"},
            {"account": secret, "strategy": secret, "symbol": secret},
            {secret: "x"},
            {"reason": secret, "password": secret},
            {"reason": secret, "password": PASSWORD},
            {"reason": [secret]},
        ]
        for body in bodies:
            for act in ("halt", "resume"):
                self._act(f"/api/{act}", json.dumps(body).encode())
        self._act("/api/halt", b"{" + secret.encode())
        self._act("/api/resume", json.dumps({"reason": "x", "password": PASSWORD}).encode())

    def _act(self, path: str, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        self._ask("dashboard", "POST", path, body, headers)

    def _sign_in(self) -> None:
        for given in ({"password": "wrong"}, {"pasword": PASSWORD}, {"password": PASSWORD}):
            said = self._form("/signin", given)
        cookie = said.partition("session=")[2].partition(";")[0]
        assert cookie, said
        self._pages(COMMON, f"session={cookie}")
        self._new_password(f"session={cookie}")

    def _new_password(self, cookie: str) -> None:
        page = self._ask("dashboard", "GET", "/password", headers={"Cookie": cookie})
        csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
        change = {"current": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
        for given in (
            {**change, "again": PASSWORD},
            {**change, "current": NEW_PASSWORD, "again": ""},
            {**change, "current": NEW_PASSWORD, "new": PASSWORD, "again": PASSWORD},
            {"new": NEW_PASSWORD, NEW_PASSWORD: NEW_PASSWORD},
            {**change, "csrf": "wrong"},
            change,
        ):
            said = self._form("/password", {"csrf": csrf, **given}, cookie)
        assert said.startswith("303"), said
        self._form("/signin", {"password": NEW_PASSWORD})
        self._form("/signin", {"password": PASSWORD})

    def _form(self, path: str, form: dict[str, str], cookie: str = "") -> str:
        """A form of a page on this machine, sent by a browser whose way here was told a lie."""
        origin = f"http://127.0.0.1:{self.process.ports['dashboard']}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin}
        headers |= {"Cookie": cookie, "X-Forwarded-For": TOKEN, "User-Agent": PASSWORD}
        return self._ask("dashboard", "POST", path, urlencode(form).encode(), headers)

    # --- what all need ----------------------------------------------------------------------------

    def _ask(
        self,
        listener: str,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> str:
        port = self.process.ports[listener]
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, _latin(headers or {}))
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
            said = f"{response.status} {response.getheaders()}\n{text}"
        finally:
            connection.close()
        self._keep(f"{method} {listener}", said)
        return said

    def _raw(self, listener: str, text: str) -> None:
        """Bytes that are no HTTP; the answer to them is the sender's own line at most."""
        address = ("127.0.0.1", self.process.ports[listener])
        with socket.create_connection(address, timeout=PATIENCE_S) as connection:
            connection.sendall(text.encode())
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass

    def _keep(self, place: str, text: str) -> None:
        self.answers[place] = self.answers.get(place, "") + text

    # --- the command line -------------------------------------------------------------------------

    def _commands(self) -> None:
        alert, settings = (self.folder / "secrets" / name for name in ("alert.txt", "wrong.yaml"))
        alert.write_text(json.dumps({**ALERT, "secret": COMMON, "message": OWN}))
        settings.write_text(SETTINGS.replace("file:secrets/own", MISPLACED) + "mode: papr\n")
        for words in (
            *(("status",), ("positions",), ("orders",), ("alerts", "--json"), ("why", "2")),
            *(("halt", "--reason", COMMON), ("template", "demo"), ("test-alert", "demo")),
            *(("journal", "verify"), ("journal", "export", "--out", "exported.jsonl")),
            ("lint", str(alert)),
            ("why", TOKEN),
        ):
            self._command(*words)
        self._command("check-settings", "--settings", str(settings))
        self._command("daemon", "--settings", str(settings))
        self._command("daemon", TRADING_BOT__WEB__WEBHOOK__SECRET=MISPLACED)

    def _command(self, *words: str, **environ: str) -> None:
        where = ("--settings", "settings.yaml") if "--settings" not in words else ()
        head, rest = (words[:2], words[2:]) if words[0] == "journal" else (words[:1], words[1:])
        port = self.process.ports["dashboard"]
        listen = {"TRADING_BOT__WEB__DASHBOARD__LISTEN": f"127.0.0.1:{port}"}
        done = subprocess.run(
            [sys.executable, str(HOUSE / "app.py"), *head, *where, *rest],
            cwd=self.folder,
            env={**os.environ, "WEBHOOK_SECRET": COMMON, **listen, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        self._keep(f"command {' '.join(head)}", said)


def _broken(secret: str) -> Iterator[bytes]:
    """Bodies of a genuine sender that cannot be read, and one far too long."""
    whole = json.dumps({**ALERT, "secret": COMMON, "message": secret})
    yield whole[:-1].encode()
    yield whole.replace('"ticker"', "ticker").encode()
    yield f"{{'secret': '{secret}', 'ticker': '{secret}'}}".encode()
    yield f'{{"secret": "{secret}'.encode()
    yield f"[{json.dumps(secret)}]".encode()
    yield secret.encode("utf-16")
    yield whole.encode() + b"\xff"
    yield json.dumps({**ALERT, "secret": COMMON, "message": secret * 3_000}).encode()


def _headers(secret: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {secret}x",
        "Cookie": f"session={quote(secret)}",
        "User-Agent": secret,
        "X-Forwarded-For": secret,
        "X-Secret": secret,
        "Referer": f"http://example.com/{quote(secret)}",
    }


def _latin(headers: dict[str, str]) -> dict[str, str]:
    """Headers as http.client takes them: bytes beyond Latin-1 have no place there."""
    return {name: value.encode().decode("latin-1") for name, value in headers.items()}
