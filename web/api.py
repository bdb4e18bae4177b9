"""The API about the daemon itself: how it stands, what is stopped, who runs."""

from collections.abc import Iterable

import falcon
import orjson
from attrs import frozen

from actors.views import View
from trading.breaker import Stops
from trading.positions import Book
from trading.statement import Statement
from trading.vocabulary import AccountName, TradingState
from web.asked import (
    account_asked,
)
from web.edge import Edge
from web.figures import instant, number
from web.holdings import books, is_rehearsal, statements
from web.objects import (
    Json,
    actor_object,
    difference_object,
    limit_object,
    needs_you_object,
    sign_in_object,
    stop_object,
)
from web.sign_ins import sign_ins
from web.state import standing
from web.usage import desk_of, limit_uses, limits_of


def answer(resp: falcon.Response, body: object) -> None:
    """Send JSON."""
    resp.content_type = falcon.MEDIA_JSON
    resp.data = orjson.dumps(body)


def answer_list(resp: falcon.Response, items: Iterable[Json], following: str | None = None) -> None:
    """Send a page of a list; `following` is the cursor of the next one."""
    answer(resp, {"items": list(items), "next": following})


def books_asked(edge: Edge, view: View, account: AccountName | None) -> tuple[Book, ...]:
    """The books of one account or of all, as of now."""
    found = books(view.accounts, edge.clock.now())
    return tuple(book for book in found if account in (None, book.account))


def statements_asked(edge: Edge, view: View, account: AccountName | None) -> tuple[Statement, ...]:
    """The statements of one account or of all, as of now."""
    found = statements(view.accounts, edge.clock.now())
    return tuple(one for one in found if account in (None, one.book.account))


@frozen
class Health:
    """GET /health: 200 in every state."""

    edge: Edge

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """How the daemon is, in a word."""
        answer(resp, {"status": self.edge.readiness.health(), "service": "trading-bot"})


@frozen
class Ready:
    """GET /ready: 200 when alerts are taken, else 503; halted is ready."""

    edge: Edge

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """Whether alerts are taken, and if not, why."""
        reason = self.edge.readiness.reason()
        if reason is not None:
            resp.status = falcon.HTTP_503
        answer(resp, {"ready": reason is None, "reason": reason})


@frozen
class Status:
    """GET /api/status."""

    edge: Edge

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """How everything stands, in a word and a sentence."""
        edge, view = self.edge, self.edge.view.current
        now = standing(edge, view)
        answer(
            resp,
            {
                "running": True,
                "mode": edge.settings.mode.value,
                "state": now.word.value,
                "reason": now.reason,
                "symbols": _symbols(edge, view),
                "strategies": list(edge.settings.strategies),
                "accounts": list(edge.settings.accounts),
                "rehearsal": [name for name in edge.settings.accounts if is_rehearsal(view, name)],
                "started_at": instant(edge.started_at),
                "version": edge.version,
                "sqlite_version": edge.sqlite_version,
                "sign_ins": [sign_in_object(one) for one in sign_ins(view, edge.clock.now())],
                "needs_you": [needs_you_object(item) for item in view.needs_you],
            },
        )


def _symbols(edge: Edge, view: View) -> list[str]:
    """Symbols that strategies name, and those that are held or ordered."""
    named = {s for strategy in edge.settings.strategies.values() for s in strategy.symbols or ()}
    for account in view.accounts.values():
        named |= {s for s, p in account.book.holdings() if p.quantity}
    return sorted(named | {o.order.plan.symbol for o in view.orders if not o.order.is_terminal})


@frozen
class Risk:
    """GET /api/risk: what is stopped, and how much of each limit is used."""

    edge: Edge

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Stops and limits, account by account."""
        edge, view = self.edge, self.edge.view.current
        found = books_asked(edge, view, account_asked(req, edge.settings))
        answer(
            resp,
            {
                "state": view.stops.state.value,
                "stops": [stop_object(stop) for stop in view.stops.in_force],
                "accounts": [self._account(view, book) for book in found],
            },
        )

    def _account(self, view: View, book: Book) -> Json:
        limits = limits_of(self.edge.settings, book.account)
        return {
            "account": book.account,
            "state": account_state(view.stops, book.account).value,
            "day_pnl": number(book.day_pnl(), places=2),
            "differences": [
                difference_object(d) for d in view.differences if d.account == book.account
            ],
            "limits": [limit_object(u) for u in limit_uses(desk_of(view, book), limits)],
        }


def account_state(stops: Stops, account: AccountName) -> TradingState:
    """What an account as a whole may still do."""
    stop = stops.over_account(account)
    return TradingState.ACTIVE if stop is None else stop.state


@frozen
class Actors:
    """GET /api/actors: who runs, and how much waits for each."""

    edge: Edge

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """All actors in start order."""
        now, mailboxes = self.edge.clock.monotonic(), self.edge.mailboxes
        children, restarts = self.edge.tree.current.children, self.edge.view.current.restarts
        answer_list(resp, (actor_object(c, mailboxes.get(c.name), now, restarts) for c in children))
