"""Who may pass: a bearer token, a session, or neither; and what every answer carries."""

import hmac
from typing import Any, Final

import falcon

from settings.secrets import Secret
from trading.masking import Mask
from web.addresses import Networks, sender
from web.asked import body_of, form_of
from web.callers import Caller, person, program, stranger
from web.front import COOKIES, Front
from web.problems import Problem
from web.sessions import Session, Sessions


OPEN_PATHS: Final = frozenset({"/health", "/ready", "/signin"})
STATIC: Final = "/static/"
PROGRAMS: Final = ("/api/", "/metrics")
"""Where programs ask, who are told 401 and not sent to a form."""

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

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
BY_TLS: Final = {"Strict-Transport-Security": "max-age=31536000"}
"""Browsers go by it only where it comes by TLS."""


class Guard:
    """Falcon middleware: closed by default, so that a forgotten route is not an open one.

    Leaves `caller`, `body` and `form` in the request's context. `trusted` are the proxies whose
    word is taken for the address of who asks.
    """

    def __init__(
        self, api_token: Secret, sessions: Sessions, front: Front, trusted: Networks, mask: Mask
    ) -> None:
        self._api_token = api_token
        self._sessions = sessions
        self._front = front
        self._trusted = trusted
        self._mask = mask
        self._headers = SECURITY_HEADERS | (BY_TLS if front.public_url else {})

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """Turn away who is not signed in, and forms that are not ours."""
        req.context.body = b"" if req.method in READING else body_of(req)
        req.context.form = form_of(req, req.context.body)
        if req.path in OPEN_PATHS or req.path.startswith(STATIC):
            req.context.caller = stranger(self._address(req))
            return
        req.context.caller = self._caller(req)
        session = req.context.caller.session
        if session is not None and req.method not in READING:
            _require_csrf_token(req, session)
            if why := self._front.why_not_ours(req.get_header("Origin"), req.get_header("Host")):
                raise _forged(why)

    def process_response(
        self, _req: falcon.Request, resp: falcon.Response, _resource: Any, _succeeded: Any
    ) -> None:
        """Every answer, errors too, says how browsers are to treat it."""
        resp.set_headers(self._headers)

    def _caller(self, req: falcon.Request) -> Caller:
        if (authorization := req.auth) is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() == "bearer" and self._api_token.matches(token.strip()):
                agent = self._mask.hide(req.user_agent or "")
                return program(agent, self._address(req))
            raise _not_signed_in("the bearer token is wrong; it stands in state/secrets/api_token")
        for cookie in COOKIES:
            for session_id in req.get_cookie_values(cookie.name) or ():
                session = self._sessions.find(session_id, is_secure=cookie.is_secure)
                if session is not None:
                    return person(session, self._address(req))
        if req.method == "GET" and not req.path.startswith(PROGRAMS):
            raise falcon.HTTPSeeOther("/signin")
        raise _not_signed_in("send `Authorization: Bearer <api_token>`, or sign in at /signin")

    def _address(self, req: falcon.Request) -> str:
        """Where the request comes from; a proxy may have been told anything, a secret too."""
        forwarded = req.get_header("X-Forwarded-For")
        named = sender(req.remote_addr, [forwarded] if forwarded else [], self._trusted)
        return self._mask.hide(named)


def _require_csrf_token(req: falcon.Request, session: Session) -> None:
    given = req.get_header("X-CSRF-Token") or req.context.form.get("csrf") or ""
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise _forged("the CSRF token is missing or wrong; load the page again")


def _not_signed_in(detail: str) -> Problem:
    return Problem(401, "NOT_SIGNED_IN", detail, headers={"WWW-Authenticate": "Bearer"})


def _forged(detail: str) -> Problem:
    return Problem(403, "CSRF", detail)
