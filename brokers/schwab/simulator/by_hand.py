"""What is done past the API, without a token: orders by hand, executions, splits, dividends."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from aiohttp import web
from attrs import evolve

from brokers.schwab.simulator.answers import order_tree
from brokers.schwab.simulator.corporate import dividend, split
from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.entry import Malformed, read_order
from brokers.schwab.simulator.life import cancel, filled, place, replace
from brokers.schwab.simulator.model import ENDED, Order, Pace, Status
from brokers.schwab.simulator.shell import Handler, answer, told
from trading.money import ZERO


TAG_BY_HAND: Final = "API_TOS:Simulator"
NOT_EXECUTED: Final = ENDED | {Status.AWAITING_PARENT_ORDER}

Act = Callable[[web.Request, Mapping[str, Any]], Awaitable[web.Response]]


def routes(desk: Desk) -> list[web.RouteDef]:
    """The routes of a person at the platform, and of what befalls an account by itself."""
    return [*_orders(desk), *_occasions(desk)]


def _orders(desk: Desk) -> list[web.RouteDef]:
    async def enter(_: web.Request, body: Mapping[str, Any]) -> web.Response:
        number = str(body["account"])
        if number not in desk.world.accounts:
            return told("Invalid account number", 404)
        wanted, tag = read_order(body["order"]), str(body.get("tag", TAG_BY_HAND))
        desk.world, made = place(desk.world, number, wanted, desk.now(), desk.calendar, tag=tag)
        return _shown(desk, made)

    async def change(request: web.Request, body: Mapping[str, Any]) -> web.Response:
        wanted, tag = read_order(body["order"]), str(body.get("tag", TAG_BY_HAND))
        old = _live(desk, request.match_info["order"], ENDED)
        desk.world, made = replace(
            desk.world, old.order_id, wanted, desk.now(), desk.calendar, tag=tag
        )
        return _shown(desk, made)

    async def take_back(request: web.Request, _: Mapping[str, Any]) -> web.Response:
        order = _live(desk, request.match_info["order"], ENDED)
        desk.world = cancel(desk.world, order.order_id, desk.now())
        return _shown(desk, order.order_id)

    async def execute(request: web.Request, body: Mapping[str, Any]) -> web.Response:
        order = _live(desk, request.match_info["order"], NOT_EXECUTED)
        quantity, price = Decimal(str(body["quantity"])), Decimal(str(body["price"]))
        if order.terms is None or not ZERO < quantity <= order.open_quantity or price <= ZERO:
            raise Malformed("Not that many shares are open, or that is no price")
        desk.world = filled(
            desk.world,
            order.order_id,
            quantity=quantity,
            price=price,
            now=desk.now(),
            calendar=desk.calendar,
        )
        return _shown(desk, order.order_id)

    one = "/simulator/orders/{order}"
    return [
        web.post("/simulator/orders", _reading(enter)),
        web.put(one, _reading(change)),
        web.delete(one, _reading(take_back)),
        web.post(f"{one}/fills", _reading(execute)),
    ]


def _occasions(desk: Desk) -> list[web.RouteDef]:
    async def parts(_: web.Request, body: Mapping[str, Any]) -> web.Response:
        most = None if body["most"] is None else _positive(body["most"])
        desk.world = evolve(desk.world, most_at_once=most)
        return answer({"most": most})

    async def pace(_: web.Request, body: Mapping[str, Any]) -> web.Response:
        spans = {name: timedelta(seconds=float(taken)) for name, taken in body.items()}
        if any(span < timedelta(0) for span in spans.values()):
            raise Malformed("Nothing takes less than no time")
        desk.world = evolve(desk.world, pace=Pace(**spans))
        return answer({name: span.total_seconds() for name, span in spans.items()})

    async def splits(_: web.Request, body: Mapping[str, Any]) -> web.Response:
        desk.world = split(desk.world, str(body["symbol"]), _positive(body["factor"]), desk.now())
        return answer(desk.ledger()["accounts"])

    async def dividends(_: web.Request, body: Mapping[str, Any]) -> web.Response:
        amount = _positive(body["amount"])
        desk.world = dividend(desk.world, str(body["symbol"]), amount, desk.now())
        return answer(desk.ledger()["accounts"])

    return [
        web.post("/simulator/parts", _reading(parts)),
        web.post("/simulator/pace", _reading(pace)),
        web.post("/simulator/splits", _reading(splits)),
        web.post("/simulator/dividends", _reading(dividends)),
    ]


def _reading(act: Act) -> Handler:
    """A handler for a request with an object in it; what is wrong with it is answered with 400."""

    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json() if request.can_read_body else {}
            return await act(request, body)
        except KeyError as missing:
            return told(f"{missing} is missing", 400)
        except (AttributeError, TypeError, ValueError, InvalidOperation, Malformed) as wrong:
            return told(str(wrong), 400)

    return handler


def _live(desk: Desk, order_id: str, but: frozenset[Status]) -> Order:
    desk.advance()
    order = desk.world.orders.get(int(order_id))
    if order is None or order.status in but:
        raise Malformed("No such order, or its present state does not allow it")
    return order


def _shown(desk: Desk, order_id: int) -> web.Response:
    return answer(order_tree(desk.world, desk.world.orders[order_id]))


def _positive(told_as: Any) -> Decimal:
    number = Decimal(str(told_as))
    if not number.is_finite() or number <= ZERO:
        raise Malformed(f"{told_as} is not above 0")
    return number
