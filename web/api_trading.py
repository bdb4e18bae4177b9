"""The API about trading: money, positions, orders, alerts."""

import falcon
from attrs import frozen

from actors.views import AlertView
from trading.vocabulary import AlertId, OrderId
from web.api import answer, answer_list, books_asked, statements_asked
from web.asked import (
    account_asked,
    is_flag_set,
    page_asked,
)
from web.edge import Edge
from web.history import alert_ids, alerts_page, equity_page, orders_page
from web.holdings import holdings, is_rehearsal, money
from web.objects import (
    account_object,
    alert_object,
    equity_object,
    order_object,
    position_object,
)
from web.problems import Problem, Wrong, invalid, not_found
from web.retold import alert_of, order_of
from web.steps import step_object, steps


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
            account_object(money(view, one), at) for one in statements_asked(edge, view, account)
        ]
        if not objects:
            raise Problem(503, "STARTING", "the accounts are not read yet; ask again in a moment")
        if account is None and len(edge.settings.accounts) > 1:
            answer_list(resp, objects)
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
        answer_list(resp, map(position_object, held))


@frozen
class Equity:
    """GET /api/equity, newest first: what an account was worth, and its time-weighted indices.

    Of all accounts: those that rehearse are left out; named, such a one shows what it has.
    """

    edge: Edge

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """One page."""
        asked, account = page_asked(req), account_asked(req, self.edge.settings)
        reader, view = self.edge.reader, self.edge.view.current
        idle = {a for a in view.accounts if account is None and is_rehearsal(view, a)}
        page = equity_page(
            reader, limit=asked.limit, before=asked.before, account=account, without=idle
        )
        answer_list(resp, map(equity_object, page.items), page.next)


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
            answer_list(
                resp,
                (order_object(o) for o in live if account in (None, o.order.plan.account)),
            )
            return
        page = orders_page(
            edge.reader, view, limit=asked.limit, before=asked.before, account=account
        )
        answer_list(resp, map(order_object, page.items), page.next)


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
        answer_list(resp, map(alert_object, page.items), page.next)


@frozen
class Alert:
    """GET /api/alerts/{id}: an alert and each step of its way; a unique beginning will do."""

    edge: Edge

    def on_get(self, _req: falcon.Request, resp: falcon.Response, alert_id: str) -> None:
        """Why this became of it."""
        reader = self.edge.reader
        found = alert_of(reader, AlertId(alert_id)) or self._beginning(alert_id)
        if found is None:
            raise not_found("UNKNOWN_ALERT", f"there is no alert {alert_id!r}")
        records = reader.events(alert_id=found.alert_id)
        answer(resp, alert_object(found) | {"steps": [step_object(s) for s in steps(records)]})

    def _beginning(self, prefix: str) -> AlertView | None:
        ids = alert_ids(self.edge.reader, prefix)
        first, second = next(ids, None), next(ids, None)
        if second is not None:
            detail = f"several alerts begin with {prefix!r}, as {first} and {second}"
            raise Problem(400, "AMBIGUOUS_ID", detail)
        return None if first is None else alert_of(self.edge.reader, first)
