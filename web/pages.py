"""The overview, and the two forms on it; it works without JavaScript."""

from typing import Final

import falcon
from attrs import frozen

from trading.events import Scope
from trading.statement import Statement
from web.acts import Acts, halted_word
from web.api import account_state, books_asked, statements_asked
from web.api_acts import require_texts
from web.asked import texts_among
from web.edge import Edge
from web.holdings import holdings, money
from web.objects import Json, actor_object
from web.problems import Problem
from web.rendering import Templates
from web.sessions import Session, Sessions
from web.sign_ins import sign_ins
from web.state import standing
from web.usage import desk_of, limit_uses, limits_of


ROWS: Final = 20
REFRESH_S: Final = 5


@frozen
class Overview:
    """GET /: how everything stands. `?resume` opens the form that starts trading again."""

    edge: Edge
    templates: Templates
    sessions: Sessions

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The page; it reloads itself unless a form is open or there is something to read."""
        session: Session | None = req.context.caller.session
        note = self.sessions.take_note(session) if session else None
        resuming = "resume" in req.params
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self.templates.render(
            "overview.html",
            csrf=session.csrf if session else "",
            note=note,
            resuming=resuming,
            refresh_s=None if note or resuming else REFRESH_S,
            **self._everything(),
        )

    def _everything(self) -> dict[str, object]:
        edge, view = self.edge, self.edge.view.current
        found = books_asked(edge, view, None)
        return {
            "edge": edge,
            "view": view,
            "mode": edge.settings.mode.value.upper(),
            "now": edge.clock.now(),
            "standing": standing(edge, view),
            "sign_ins": {one.account: one for one in sign_ins(view, edge.clock.now())},
            "accounts": [self._account(one) for one in statements_asked(edge, view, None)],
            "holdings": [held for book in found for held in holdings(book, by_strategy=True)],
            "indicative": {
                (o.order.plan.account, o.order.plan.symbol) for o in view.orders if o.label
            },
            "orders": view.orders[:ROWS],
            "alerts": view.alerts[:ROWS],
            "actors": self._actors(),
        }

    def _actors(self) -> list[Json]:
        edge, now = self.edge, self.edge.clock.monotonic()
        return [
            actor_object(child, edge.mailboxes.get(child.name), now) | {"since": child.since}
            for child in edge.tree.current.children
        ]

    def _account(self, statement: Statement) -> dict[str, object]:
        edge, view, book = self.edge, self.edge.view.current, statement.book
        limits = limits_of(edge.settings, book.account)
        return {
            "name": book.account,
            "money": money(view, statement),
            "venue": view.accounts[book.account],
            "state": account_state(view.stops, book.account).value,
            "limits": [u for u in limit_uses(desk_of(view, book), limits) if u.used is not None],
        }


@frozen
class HaltForm:
    """POST /halt: the button that stops everything, without a question."""

    acts: Acts
    sessions: Sessions

    def on_post(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """Stop, then show what was reached."""
        caller = req.context.caller
        try:
            halted = self.acts.halt(Scope(), "STOP ALL TRADING on the dashboard", caller)
            gates = f"{sum(halted.gates.values())} of {len(halted.gates)} accounts confirmed"
            note = f"Trading is {halted_word(halted)}: {gates}."
        except Problem as problem:
            note = f"{problem.code}: {problem.detail}"
        _told(self.sessions, caller.session, note)


@frozen
class ResumeForm:
    """POST /resume: start again, with a reason and the password."""

    acts: Acts
    sessions: Sessions

    def on_post(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """Start, then show what was reached."""
        caller, form = req.context.caller, dict(req.context.form)
        form.pop("csrf", None)
        try:
            texts = texts_among(form, ("reason", "password"))
            require_texts(texts, ("reason", "password"))
            resumed = self.acts.resume(Scope(), texts["reason"], texts["password"], caller)
            note = f"Trading is resumed: {resumed.lifted} stops lifted."
        except Problem as problem:
            note = f"Trading stays stopped. {problem.code}: {problem.detail}"
        _told(self.sessions, caller.session, note)


def _told(sessions: Sessions, session: Session | None, note: str) -> None:
    if session is not None:
        sessions.leave_note(session, note)
    raise falcon.HTTPSeeOther("/")
