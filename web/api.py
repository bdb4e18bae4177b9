"""The API: what there is, as JSON, and the two acts of this version."""

from collections.abc import Iterable
from typing import Any

import falcon
import orjson
from attrs import frozen

from actors.views import View
from trading.breaker import Stops
from trading.positions import Book
from trading.vocabulary import AccountName, AlertId, OrderId, TradingState
from web.acts import Acts, halted_word
from web.asked import (
    SCOPE_FIELDS,
    account_asked,
    is_flag_set,
    page_asked,
    scope_of,
    texts_of,
)
from web.edge import Edge
from web.figures import instant, number
from web.history import alert_ids, alert_of, alerts_page, order_of, orders_page
from web.holdings import books, holdings, money
from web.objects import (
    Json,
    account_object,
    actor_object,
    alert_object,
    limit_object,
    needs_you_object,
    order_object,
    position_object,
    stop_object,
)
from web.password import PasswordCheck
from web.problems import Problem, Wrong, invalid, not_found
from web.state import standing
from web.steps import step_object, steps
from web.usage import desk_of, limit_uses, limits_of


def answer(resp: falcon.Response, body: object) -> None:
    """Send JSON."""
    resp.content_type = falcon.MEDIA_JSON
    resp.data = orjson.dumps(body)


def _list(resp: falcon.Response, items: Iterable[Json], following: str | None = None) -> None:
    answer(resp, {"items": list(items), "next": following})


def books_asked(edge: Edge, view: View, account: AccountName | None) -> tuple[Book, ...]:
    """The books of one account or of all, as of now."""
    found = books(view.accounts, edge.clock.now())
    return tuple(book for book in found if account in (None, book.account))


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
        has_started = edge.readiness.has_started
        now = standing(edge.tree.current, edge.health.current, view, has_started=has_started)
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
                "started_at": instant(edge.started_at),
                "version": edge.version,
                "sqlite_version": edge.sqlite_version,
                "needs_you": [needs_you_object(item) for item in view.needs_you],
            },
        )


def _symbols(edge: Edge, view: View) -> list[str]:
    """Symbols that strategies name, and those that are held or ordered."""
    named = {s for strategy in edge.settings.strategies.values() for s in strategy.symbols or ()}
    for account in view.accounts.values():
        named |= {s for (_, s), p in account.book.positions.items() if p.quantity}
    return sorted(named | {o.order.plan.symbol for o in view.orders if not o.order.is_terminal})


@frozen
class Account:
    """GET /api/account: one account's money; with several and no `?account=` a list of all."""

    edge: Edge

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Cash, buying power and equity."""
        edge, view = self.edge, self.edge.view.current
        account = account_asked(req, edge.settings)
        at = view.at or edge.started_at
        objects = [
            account_object(money(view, book, limits_of(edge.settings, book.account)), at)
            for book in books_asked(edge, view, account)
        ]
        if not objects:
            raise Problem(503, "STARTING", "the accounts are not read yet; ask again in a moment")
        if account is None and len(edge.settings.accounts) > 1:
            _list(resp, objects)
        else:
            answer(resp, objects[0])


@frozen
class Positions:
    """GET /api/positions: nets per account and symbol; `?by=strategy` splits."""

    edge: Edge

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Everything held."""
        by = req.get_param("by")
        if by not in (None, "strategy"):
            raise invalid("INVALID_PARAMETER", [Wrong("by", "must be strategy")])
        account = account_asked(req, self.edge.settings)
        found = books_asked(self.edge, self.edge.view.current, account)
        held = (h for book in found for h in holdings(book, by_strategy=by is not None))
        _list(resp, map(position_object, held))


@frozen
class Orders:
    """GET /api/orders, newest first; `?open=true` those only that may still fill."""

    edge: Edge

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """One page; those that may still fill are one page, however many."""
        edge, view = self.edge, self.edge.view.current
        asked = page_asked(req)
        account = account_asked(req, edge.settings)
        if is_flag_set(req, "open"):
            live = (o for o in view.orders if not o.order.is_terminal)
            _list(
                resp,
                (order_object(o) for o in live if account in (None, o.order.plan.account)),
            )
            return
        page = orders_page(
            edge.reader, view, limit=asked.limit, before=asked.before, account=account
        )
        _list(resp, map(order_object, page.items), page.next)


@frozen
class Order:
    """GET /api/orders/{id}."""

    edge: Edge

    def on_get(self, _req: falcon.Request, resp: falcon.Response, order_id: str) -> None:
        """One order, however old."""
        held = self.edge.view.current.orders
        found = next((o for o in held if o.order.plan.order_id == order_id), None)
        found = found or order_of(self.edge.reader, OrderId(order_id))
        if found is None:
            raise not_found("UNKNOWN_ORDER", f"there is no order {order_id!r}")
        answer(resp, order_object(found))


@frozen
class Alerts:
    """GET /api/alerts, newest first."""

    edge: Edge

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """One page."""
        edge = self.edge
        asked = page_asked(req)
        account = account_asked(req, edge.settings)
        page = alerts_page(
            edge.reader, edge.view.current, limit=asked.limit, before=asked.before, account=account
        )
        _list(resp, map(alert_object, page.items), page.next)


@frozen
class Alert:
    """GET /api/alerts/{id}: an alert and each step of its way; a unique beginning will do."""

    edge: Edge

    def on_get(self, _req: falcon.Request, resp: falcon.Response, alert_id: str) -> None:
        """Why this became of it."""
        reader = self.edge.reader
        found = alert_of(reader, AlertId(alert_id)) or self._of_beginning(alert_id)
        records = reader.events(alert_id=found.alert_id)
        answer(resp, alert_object(found) | {"steps": [step_object(s) for s in steps(records)]})

    def _of_beginning(self, prefix: str) -> Any:
        ids = alert_ids(self.edge.reader, prefix)
        first, second = next(ids, None), next(ids, None)
        if first is None:
            raise not_found("UNKNOWN_ALERT", f"there is no alert {prefix!r}")
        if second is not None:
            detail = f"several alerts begin with {prefix!r}, as {first} and {second}"
            raise Problem(400, "AMBIGUOUS_ID", detail)
        return alert_of(self.edge.reader, first)


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
        depths = {name: len(address) for name, address in self.edge.mailboxes.items()}
        _list(resp, (actor_object(child, depths) for child in self.edge.tree.current.children))


@frozen
class HaltAll:
    """POST /api/halt: no new exposure, at once, no questions asked."""

    edge: Edge
    acts: Acts

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Stop; the answer says what was reached."""
        texts = texts_of(req.context.body, ("reason", *SCOPE_FIELDS))
        scope = scope_of(texts, self.edge.settings)
        halted = self.acts.halt(scope, texts.get("reason", ""), req.context.caller.name)
        answer(
            resp,
            {
                "status": halted_word(halted),
                "act_id": halted.act_id,
                "scope": str(halted.scope),
                "generation": halted.generation,
                "gates": dict(halted.gates),
            },
        )


@frozen
class ResumeAll:
    """POST /api/resume: start again, with a reason and the password."""

    edge: Edge
    acts: Acts
    passwords: PasswordCheck

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Start; the password is judged last, so that a slip elsewhere costs no try."""
        texts = texts_of(req.context.body, ("reason", "password", *SCOPE_FIELDS))
        require_texts(texts, ("reason", "password"))
        scope = scope_of(texts, self.edge.settings)
        self.passwords.require(texts["password"], req.remote_addr)
        resumed = self.acts.resume(scope, texts["reason"], req.context.caller.name)
        answer(
            resp,
            {
                "status": "resumed",
                "act_id": resumed.act_id,
                "scope": str(resumed.scope),
                "lifted": resumed.lifted,
            },
        )


def require_texts(texts: dict[str, str], names: tuple[str, ...]) -> None:
    """Raise Problem naming every text that is missing or empty."""
    missing = [Wrong(name, "is required") for name in names if not texts.get(name)]
    if missing:
        raise invalid("INVALID_BODY", missing)
