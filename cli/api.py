"""Asking the daemon's API; whatever goes wrong ends the command with one clear sentence."""

import json
import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from attrs import frozen

from cli.addresses import reachable
from cli.exchange import Answer, exchange
from cli.failure import Exit, Failure
from cli.text import clean
from cli.version import VERSION
from settings.listen import Listen
from settings.model import Settings
from settings.secrets import Secret, SecretUnreadable, read_private


TIMEOUT_S: Final = 5.0
"""Longer than the daemon itself waits for its actors."""

PAGE: Final = 200
"""The most items that one answer of the API holds."""

_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9._-]")
_HEADER_SAFE: Final = re.compile(r"[\x21-\x7e]+")


@frozen
class Token:
    """The bearer token, or why there is none."""

    secret: Secret | None
    said: str

    @classmethod
    def read(cls, path: Path) -> "Token":
        """The token in a file; that it is missing matters only if the daemon asks for it."""
        try:
            text = read_private(path)
        except SecretUnreadable as error:
            return cls(None, f"{error}; the token for the API should be there")
        if not _HEADER_SAFE.fullmatch(text):
            return cls(None, f"{path}: this is not a token")
        return cls(
            Secret(text),
            f"the daemon does not accept the token in {path}; it may run with another state_dir",
        )


class Problem(Failure):
    """What the API said instead of doing what it was asked."""

    def __init__(self, code: Exit, message: str, status: int) -> None:
        super().__init__(code, message)
        self.status = status


@frozen
class Api:
    """The API of the daemon that runs with some settings."""

    listen: Listen
    token: Token

    def get(self, path: str, **query: object) -> Any:
        """The JSON at a path; parameters that are None are left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", f"{path}?{urlencode(given)}" if given else path)

    def items(self, path: str, *, limit: int | None = None, **query: object) -> list[Any]:
        """The items of a list, page by page; without a limit all there are."""
        found: list[Any] = []
        cursor: str | None = None
        while limit is None or len(found) < limit:
            size = PAGE if limit is None else min(PAGE, limit - len(found))
            page = self.get(path, limit=size, cursor=cursor, **query)
            found += _items(page)
            cursor = page.get("next")
            if not cursor:
                break
        return found

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """What the API says to a request to act."""
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        headers = {"Accept": "application/json", "User-Agent": _who_asks()}
        if self.token.secret is not None:
            headers["Authorization"] = f"Bearer {self.token.secret.reveal()}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = exchange(
            self.listen, method, path, headers=headers, body=body, timeout_s=TIMEOUT_S
        )
        return self._judged(answer)

    def _judged(self, answer: Answer) -> Any:
        try:
            said = json.loads(answer.body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Failure(
                Exit.FAILED,
                f"what listens at {self.listen} answered {answer.status} and not as the daemon "
                "would; is it another program?",
            )
        if answer.status < 300:
            return said
        raise self._problem(answer.status, said)

    def _problem(self, status: int, problem: Mapping[str, Any]) -> Problem:
        if status == 401:
            return Problem(Exit.SIGN_IN, self.token.said, status)
        code = problem.get("code")
        detail = problem.get("detail") or problem.get("title") or f"the daemon answered {status}"
        message = clean(f"{code}: {detail}" if code else str(detail))
        return Problem(
            _BY_CODE.get(str(code)) or _BY_STATUS.get(status, Exit.FAILED),
            message,
            status,
        )


def _who_asks() -> str:
    """Who runs this, for the record of what people did."""
    user = os.geteuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = str(user)
    return f"trading-bot-cli/{VERSION} ({_NOT_IN_A_NAME.sub('_', name)[:32]})"


def _items(page: Mapping[str, Any]) -> list[Any]:
    items = page.get("items")
    if isinstance(items, list) and all(isinstance(item, dict) for item in items):
        return items
    raise Failure(Exit.FAILED, "the daemon's answer is not a list; is it of another version?")


_BY_CODE: Final = {
    "WRONG_PASSWORD": Exit.SIGN_IN,
    "TOO_MANY_ATTEMPTS": Exit.SIGN_IN,
    "RESUME_REFUSED": Exit.REFUSED,
}
_BY_STATUS: Final = {400: Exit.USAGE, 403: Exit.REFUSED, 409: Exit.REFUSED, 429: Exit.REFUSED}


def api_of(settings: Settings, token_file: Path | None) -> Api:
    """The API that these settings lead to, with the token of the daemon's own file or another."""
    path = token_file or settings.state_dir / "secrets" / "api_token"
    return Api(reachable(settings.web.dashboard.listen), Token.read(path))
