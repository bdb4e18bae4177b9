"""Who may pass: a bearer token, a session, or neither; and what every answer carries."""

import hmac
from typing import Any, Final
from urllib.parse import urlsplit

import falcon
from attrs import frozen

from settings.secrets import Secret
from web.asked import body_of, form_of
from web.problems import Problem
from web.sessions import Session, Sessions


OPEN_PATHS: Final = frozenset({"/health", "/ready", "/signin"})
STATIC: Final = "/static/"
PROGRAMS: Final = ("/api/", "/metrics")
"""Where programs ask, who are told 401 and not sent to a form."""

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE: Final = "session"

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # With no-referrer browsers send `Origin: null` from our own forms, and the check that a form
    # is ours would fail; same-origin tells strangers just as little.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@frozen
class Caller:
    """Who asks: a program with the token (no session) or a person with one."""

    session: Session | None
    name: str


class Guard:
    """Falcon middleware: closed by default, so that a forgotten route is not an open one.

    Leaves `caller`, `body` and `form` in the request's context.
    """

    def __init__(self, api_token: Secret, sessions: Sessions) -> None:
        self._api_token = api_token
        self._sessions = sessions

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """Turn away who is not signed in, and forms that are not ours."""
        req.context.body = b"" if req.method in READING else body_of(req)
        req.context.form = form_of(req, req.context.body)
        if req.path in OPEN_PATHS or req.path.startswith(STATIC):
            _refuse_strangers_forms(req)
            return
        req.context.caller = self._caller(req)
        session = req.context.caller.session
        if session is not None and req.method not in READING:
            _require_own_form(req, session)

    def process_response(
        self, _req: falcon.Request, resp: falcon.Response, _resource: Any, _succeeded: Any
    ) -> None:
        """Every answer, errors too, says how browsers are to treat it."""
        resp.set_headers(SECURITY_HEADERS)

    def _caller(self, req: falcon.Request) -> Caller:
        if (authorization := req.auth) is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() == "bearer" and self._api_token.matches(token.strip()):
                return Caller(None, f"API token from {req.remote_addr}")
            raise _not_signed_in("the bearer token is wrong; it stands in state/secrets/api_token")
        for session_id in req.get_cookie_values(COOKIE) or ():
            if (session := self._sessions.find(session_id)) is not None:
                return Caller(session, f"signed-in person from {req.remote_addr}")
        if req.method == "GET" and not req.path.startswith(PROGRAMS):
            raise falcon.HTTPSeeOther("/signin")
        raise _not_signed_in("send `Authorization: Bearer <api_token>`, or sign in at /signin")


def _not_signed_in(detail: str) -> Problem:
    return Problem(401, "NOT_SIGNED_IN", detail, headers={"WWW-Authenticate": "Bearer"})


def _refuse_strangers_forms(req: falcon.Request) -> None:
    """A form from another site cannot sign anybody in; who is no browser sends no Origin."""
    if req.method not in READING and req.get_header("Origin") is not None and not _is_own(req):
        raise _forged("the form comes from another site")


def _require_own_form(req: falcon.Request, session: Session) -> None:
    given = req.get_header("X-CSRF-Token") or req.context.form.get("csrf") or ""
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise _forged("the CSRF token is missing or wrong; load the page again")
    if not _is_own(req):
        raise _forged("the Origin is missing or another site's")


def _is_own(req: falcon.Request) -> bool:
    origin, host = req.get_header("Origin"), req.get_header("Host")
    return bool(origin and host) and urlsplit(origin).netloc.lower() == str(host).lower()


def _forged(detail: str) -> Problem:
    return Problem(403, "CSRF", detail)
