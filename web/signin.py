"""Signing in and out."""

import falcon
from attrs import frozen

from web.guard import COOKIE
from web.password import PasswordCheck
from web.problems import Problem
from web.rendering import Templates
from web.sessions import Sessions


@frozen
class SignIn:
    """GET and POST /signin.

    The form needs no token of its own: there is no session yet whose rights a forged form could
    use, and Guard turns away forms of other sites by their Origin.
    """

    templates: Templates
    sessions: Sessions
    passwords: PasswordCheck

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """The form."""
        self._show(resp, "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A new session where the password is right, else the form and what was wrong."""
        try:
            self.passwords.require(req.context.form.get("password", ""), req.remote_addr)
        except Problem as problem:
            resp.status = falcon.code_to_http_status(problem.status)
            resp.set_headers(problem.headers)
            self._show(resp, problem.detail)
            return
        for old in req.get_cookie_values(COOKIE) or ():
            self.sessions.end(old)
        session = self.sessions.begin()
        # No Secure: on a loopback address there is no TLS. SameSite keeps other sites' forms out.
        resp.set_cookie(
            COOKIE, session.id, path="/", http_only=True, secure=False, same_site="Strict"
        )
        raise falcon.HTTPSeeOther("/")

    def _show(self, resp: falcon.Response, fault: str) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self.templates.render("signin.html", fault=fault)


@frozen
class SignOut:
    """POST /signout."""

    sessions: Sessions

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """End the session, here and in the browser."""
        session = req.context.caller.session
        if session is not None:
            self.sessions.end(session.id)
        resp.unset_cookie(COOKIE, path="/", same_site="Strict")
        raise falcon.HTTPSeeOther("/signin")
