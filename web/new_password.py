"""A new password, set by who is signed in and knows the old one."""

import falcon
from attrs import frozen

from settings.secrets import LONGEST_PASSWORD, SHORTEST_PASSWORD, SecretUnreadable
from trading.vocabulary import Act
from web.callers import Caller
from web.edge import Edge
from web.notebook import Notebook
from web.password import PasswordCheck
from web.problems import Problem, Wrong, invalid
from web.rendering import Templates
from web.sessions import Session, Sessions
from web.signin import give_cookie


@frozen
class NewPassword:
    """GET and POST /password."""

    edge: Edge
    templates: Templates
    sessions: Sessions
    passwords: PasswordCheck
    notebook: Notebook

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The form."""
        self._show(resp, req.context.caller.session, "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Change it, end all sessions and begin a new one; or the form and what was wrong."""
        caller, form = req.context.caller, req.context.form
        try:
            _judge(form)
            mark = self._change(caller, form["current"], form["new"])
        except Problem as problem:
            resp.status = falcon.code_to_http_status(problem.status)
            resp.set_headers(problem.headers)
            self._show(resp, caller.session, problem.detail)
            return
        if caller.session is not None:
            self.sessions.end(caller.session.id)
            session = self.sessions.begin(mark, is_secure=caller.session.is_secure)
            give_cookie(resp, session)
            self.sessions.leave_note(
                session, "The new password holds. Whoever else was signed in is signed out."
            )
        raise falcon.HTTPSeeOther("/")

    def _change(self, caller: Caller, current: str, new: str) -> str:
        """The mark of the new password, once it is in its place."""
        act_id = self.edge.new_id("password")
        self.passwords.require(act_id, Act.PASSWORD, current, caller)
        entry = self.notebook.entry(act_id, Act.PASSWORD, caller, showed_password=True)
        marks: list[str] = []

        def announce(mark: str) -> None:
            marks.append(mark)
            self.notebook.announce_password(entry, mark)

        try:
            self.edge.secrets.set_password(new, announce=announce)
        except (SecretUnreadable, OSError) as error:
            with self.notebook.written(entry):
                raise Problem(
                    503, "PASSWORD_NOT_STORED", f"the password could not be stored: {error}"
                ) from None
        return marks[0]

    def _show(self, resp: falcon.Response, session: Session | None, fault: str) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self.templates.render(
            "password.html",
            fault=fault,
            csrf=session.csrf if session else "",
            shortest=SHORTEST_PASSWORD,
            longest=LONGEST_PASSWORD,
        )


def _judge(form: dict[str, str]) -> None:
    """Raise Problem with every fault of the form, before the password costs a try."""
    wrong = [Wrong(name, "is required") for name in ("current", "new") if not form.get(name)]
    new = form.get("new", "")
    if new and not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        length = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        wrong.append(Wrong("new", f"a password has {length}"))
    if new != form.get("again", ""):
        wrong.append(Wrong("again", "is not the same"))
    if new and new == form.get("current"):
        wrong.append(Wrong("new", "is the old one"))
    if wrong:
        raise invalid("INVALID_FORM", wrong)
