"""The Trader API's routes: accounts, orders, transactions, preferences."""

from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import Final

from aiohttp import web

from brokers.schwab.simulator.answers import account_body, order_tree
from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.entry import Malformed, read_order
from brokers.schwab.simulator.life import cancel, place, replace
from brokers.schwab.simulator.model import ENDED, Account, Order, Request
from brokers.schwab.simulator.shell import answer, told


BASE: Final = "/trader/v1"
OF_ACCOUNT: Final = f"{BASE}/accounts/{{hash}}"

OfAccount = Callable[[web.Request, Account], Awaitable[web.Response]]
Handler = Callable[[web.Request], Awaitable[web.Response]]


def of_account(desk: Desk, act: OfAccount) -> Handler:
    """A handler for the account that a path names by its hash."""

    async def handler(request: web.Request) -> web.Response:
        account = desk.account(request.match_info["hash"])
        if account is None:
            return told("Invalid account number", 404)
        desk.advance()
        return await act(request, desk.world.accounts[account.number])

    return handler


def routes(desk: Desk) -> list[web.RouteDef]:
    """The routes of accounts and their orders."""

    async def numbers(_: web.Request) -> web.Response:
        accounts = desk.world.accounts.values()
        return answer([{"accountNumber": a.number, "hashValue": a.hash_value} for a in accounts])

    async def accounts(request: web.Request) -> web.Response:
        desk.advance()
        wanted = request.query.get("fields")
        if wanted not in (None, "positions"):
            return told(f"Invalid value '{wanted}'", 400)
        every = desk.world.accounts.values()
        return answer(
            [account_body(desk.world, each, with_positions=wanted is not None) for each in every]
        )

    async def one(request: web.Request, account: Account) -> web.Response:
        wanted = request.query.get("fields")
        if wanted not in (None, "positions"):
            return told(f"Invalid value '{wanted}'", 400)
        return answer(account_body(desk.world, account, with_positions=wanted is not None))

    return [
        web.get(f"{BASE}/accounts/accountNumbers", numbers),
        web.get(f"{BASE}/accounts", accounts),
        # Clients in wide use write it with a slash.
        web.get(f"{BASE}/accounts/", accounts),
        web.get(OF_ACCOUNT, of_account(desk, one)),
        *_order_routes(desk),
    ]


def _order_routes(desk: Desk) -> list[web.RouteDef]:
    async def shown(request: web.Request, account: Account) -> web.Response:
        order = desk.order(account, request.match_info["order"])
        return _not_found() if order is None else answer(order_tree(desk.world, order))

    async def placed(request: web.Request, account: Account) -> web.Response:
        wanted = await wanted_order(request)
        if isinstance(wanted, web.Response):
            return wanted
        desk.world, made = place(desk.world, account.number, wanted, desk.now(), desk.calendar)
        return _created(request, account, made)

    async def replaced(request: web.Request, account: Account) -> web.Response:
        wanted = await wanted_order(request)
        if isinstance(wanted, web.Response):
            return wanted
        old = desk.order(account, request.match_info["order"])
        if (refused := _not_live(old)) is not None or old is None:
            return refused or _not_found()
        if old.strategy != "SINGLE":
            return told("Order is not editable", 400)
        desk.world, made = replace(desk.world, old.order_id, wanted, desk.now(), desk.calendar)
        return _created(request, account, made)

    async def cancelled(request: web.Request, account: Account) -> web.Response:
        order = desk.order(account, request.match_info["order"])
        if (refused := _not_live(order)) is not None or order is None:
            return refused or _not_found()
        desk.world = cancel(desk.world, order.order_id, desk.now())
        return web.Response()

    one = f"{OF_ACCOUNT}/orders/{{order}}"
    return [
        web.post(f"{OF_ACCOUNT}/orders", of_account(desk, placed)),
        web.get(one, of_account(desk, shown)),
        web.put(one, of_account(desk, replaced)),
        web.delete(one, of_account(desk, cancelled)),
    ]


async def wanted_order(request: web.Request) -> Request | web.Response:
    """The order in a body, or the answer to one that is none."""
    try:
        return read_order(await request.json())
    except JSONDecodeError:
        return told("Invalid request data", 400)
    except Malformed as wrong:
        return told(str(wrong), 400)


def _created(request: web.Request, account: Account, order_id: int) -> web.Response:
    where = f"{request.url.origin()}{BASE}/accounts/{account.hash_value}/orders/{order_id}"
    return web.Response(status=201, headers={"Location": where})


def _not_live(order: Order | None) -> web.Response | None:
    if order is not None and order.status in ENDED:
        return told("Order cannot be changed in its present state", 400)
    return None


def _not_found() -> web.Response:
    return told("Order not found", 404)
