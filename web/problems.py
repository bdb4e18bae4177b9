"""What goes wrong, as RFC 9457 problem details with a code that programs can rely on."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import falcon
import orjson
from attrs import frozen

from trading.masking import Mask


log = logging.getLogger("trading_bot.web")

MAX_TEXT = 1_000
PROBLEM_JSON = "application/problem+json"


@frozen
class Wrong:
    """One thing that is wrong with a request, and where it stands."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A request that is not carried out; raised by the edge, answered as problem details."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Wrong] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}

    def body(self, mask: Mask) -> bytes:
        """The problem as JSON; `errors` names each fault where there are several.

        Texts may quote the request: they are cut, once secrets are hidden in them.
        """
        shown: dict[str, object] = {
            "type": "about:blank",
            "code": self.code,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": _fit(self.detail, mask),
        }
        if self.errors:
            shown["errors"] = [
                {"place": _fit(e.place, mask), "problem": _fit(e.problem, mask)}
                for e in self.errors
            ]
        return orjson.dumps(shown)


def _fit(text: str, mask: Mask) -> str:
    return mask.hide(text)[:MAX_TEXT]


def invalid(code: str, errors: Sequence[Wrong]) -> Problem:
    """A request with faults, all of them named at once."""
    return Problem(400, code, "; ".join(map(str, errors)), errors=errors)


def not_found(code: str, detail: str) -> Problem:
    """Something asked for by a name that nothing has."""
    return Problem(404, code, detail)


def handle_errors(app: "falcon.App[Any, Any]", mask: Mask) -> None:
    """Answer every error of the app as a problem."""

    def problem(
        _req: falcon.Request, resp: falcon.Response, error: Problem, _params: Any = None
    ) -> None:
        resp.status = falcon.code_to_http_status(error.status)
        resp.content_type = PROBLEM_JSON
        resp.text = None
        resp.data = error.body(mask)
        for name, value in error.headers.items():
            resp.set_header(name, value)

    def of_falcon(
        req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, _params: Any
    ) -> None:
        status = HTTPStatus(error.status_code)
        headers = dict(error.headers or {})
        detail = error.description or f"{req.method} {req.path} is not served here"
        problem(req, resp, Problem(status, status.name, detail, headers=headers))

    def unexpected(
        req: falcon.Request, resp: falcon.Response, error: Exception, _params: Any
    ) -> None:
        log.error("request_failed", extra={"method": req.method, "path": req.path}, exc_info=error)
        detail = "something is broken here; the log of the daemon says more"
        problem(req, resp, Problem(500, "INTERNAL", detail))

    app.add_error_handler(Exception, unexpected)
    app.add_error_handler(falcon.HTTPError, of_falcon)
    app.add_error_handler(Problem, problem)
