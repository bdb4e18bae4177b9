"""Signing in and out."""

from datetime import UTC, datetime
from typing import Final

import falcon
from attrs import frozen

from trading.vocabulary import Act
from web.callers import person
from web.edge import Edge
from web.front import COOKIES, Cookie, Front
from web.notebook import Notebook
from web.password import PasswordCheck
from web.problems import Problem
from web.rendering import Templates
from web.sessions import Session, Sessions


LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class SignIn:
    """GET and POST /signin.

    The form needs no token of its own: there is no session yet whose rights a forged form could
    use, and forms of other sites are turned away by their Origin.
    """

    edge: Edge
    templates: Templates
    sessions: Sessions
    passwords: PasswordCheck
    notebook: Notebook
    front: Front

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """The form."""
        self._show(resp, "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A new session where the password is right, else the form and what was wrong."""
        origin = req.get_header("Origin")
        if why := self.front.why_not_ours(origin, req.get_header("Host")):
            resp.status = falcon.HTTP_403
            self._show(resp, why)
            return
        caller, act_id = req.context.caller, self.edge.new_id("signin")
        given = req.context.form.get("password", "")
        try:
            mark = self.passwords.require(act_id, Act.SIGN_IN, given, caller)
        except Problem as problem:
            resp.status = falcon.code_to_http_status(problem.status)
            resp.set_headers(problem.headers)
            self._show(resp, problem.detail)
            return
        for cookie in COOKIES:
            for old in req.get_cookie_values(cookie.name) or ():
                self.sessions.end(old)
        cookie = self.front.cookie(origin or "")
        session = self.sessions.begin(mark, is_secure=cookie.is_secure)
        give_cookie(resp, session)
        signed_in = person(session, caller.address)
        entry = self.notebook.entry(act_id, Act.SIGN_IN, signed_in, showed_password=True)
        self.notebook.write(entry)
        raise falcon.HTTPSeeOther("/")

    def _show(self, resp: falcon.Response, fault: str) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self.templates.render("signin.html", fault=fault)


@frozen
class SignOut:
    """POST /signout."""

    edge: Edge
    sessions: Sessions
    notebook: Notebook

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """End the session, here and in the browser."""
        caller = req.context.caller
        session = caller.session
        if session is not None:
            self.sessions.end(session.id)
            act_id = self.edge.new_id("signout")
            self.notebook.write(self.notebook.entry(act_id, Act.SIGN_OUT, caller))
            _set(resp, cookie_of(session), "", expires=LONG_AGO)
        raise falcon.HTTPSeeOther("/signin")


def cookie_of(session: Session) -> Cookie:
    """The cookie that carries a session."""
    return next(cookie for cookie in COOKIES if cookie.is_secure is session.is_secure)


def give_cookie(resp: falcon.Response, session: Session) -> None:
    """Let the browser keep the session until it is closed."""
    _set(resp, cookie_of(session), session.id)


def _set(
    resp: falcon.Response, cookie: Cookie, value: str, expires: datetime | None = None
) -> None:
    # Not Secure where there is no TLS, on a loopback address; SameSite keeps other sites' forms
    # out. A name with __Host- is only taken, and only given up, with Secure and this very path.
    resp.set_cookie(
        cookie.name,
        value,
        expires=expires,
        path="/",
        http_only=True,
        secure=cookie.is_secure,
        same_site="Strict",
    )
