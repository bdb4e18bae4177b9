"""The Trader API's routes: accounts, orders, transactions, preferences."""

from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import Final
from uuid import uuid4

from aiohttp import web

from brokers.schwab.simulator.answers import account_body, order_tree, transaction
from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.entry import Malformed, read_order
from brokers.schwab.simulator.life import cancel, place, replace
from brokers.schwab.simulator.model import ENDED, Account, Order, Request
from brokers.schwab.simulator.shell import answer, told


BASE: Final = "/trader/v1"
OF_ACCOUNT: Final = f"{BASE}/accounts/{{hash}}"

OfAccount = Callable[[web.Request, Account], Awaitable[web.Response]]
Handler = Callable[[web.Request], Awaitable[web.Response]]


def routes(desk: Desk) -> list[web.RouteDef]:
    """The routes of accounts and their orders."""

    def of_account(act: OfAccount) -> Handler:
        async def handler(request: web.Request) -> web.Response:
            account = desk.account(request.match_info["hash"])
            if account is None:
                return told("Invalid account number", 404)
            desk.advance()
            return await act(request, desk.world.accounts[account.number])

        return handler

    async def numbers(_: web.Request) -> web.Response:
        accounts = desk.world.accounts.values()
        return answer([{"accountNumber": a.number, "hashValue": a.hash_value} for a in accounts])

    async def accounts(request: web.Request) -> web.Response:
        desk.advance()
        wanted = request.query.get("fields") == "positions"
        every = desk.world.accounts.values()
        return answer([account_body(desk.world, each, with_positions=wanted) for each in every])

    async def one(request: web.Request, account: Account) -> web.Response:
        wanted = request.query.get("fields") == "positions"
        return answer(account_body(desk.world, account, with_positions=wanted))

    return [
        web.get(f"{BASE}/accounts/accountNumbers", numbers),
        web.get(f"{BASE}/accounts", accounts),
        web.get(f"{BASE}/userPreference", _preference(desk)),
        web.get(OF_ACCOUNT, of_account(one)),
        web.get(f"{OF_ACCOUNT}/transactions", of_account(_transactions(desk))),
        *_order_routes(desk, of_account),
    ]


def _order_routes(desk: Desk, of_account: Callable[[OfAccount], Handler]) -> list[web.RouteDef]:
    async def listed(request: web.Request, account: Account) -> web.Response:
        if not {"fromEnteredTime", "toEnteredTime"} <= request.query.keys():
            return told("Invalid request data", 400)
        wanted = request.query.get("status")
        found = [
            order_tree(desk.world, order)
            for order in desk.world.orders.values()
            if order.account == account.number
            and order.parent is None
            and wanted in (None, order.status)
        ]
        return answer(found)

    async def shown(request: web.Request, account: Account) -> web.Response:
        order = desk.order(account, request.match_info["order"])
        return _not_found() if order is None else answer(order_tree(desk.world, order))

    async def placed(request: web.Request, account: Account) -> web.Response:
        wanted = await _wanted(request)
        if isinstance(wanted, web.Response):
            return wanted
        desk.world, made = place(desk.world, account.number, wanted, desk.now(), desk.calendar)
        return _created(request, account, made)

    async def replaced(request: web.Request, account: Account) -> web.Response:
        wanted = await _wanted(request)
        if isinstance(wanted, web.Response):
            return wanted
        old = desk.order(account, request.match_info["order"])
        if (refused := _not_live(old)) is not None or old is None:
            return refused or _not_found()
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
        web.get(f"{OF_ACCOUNT}/orders", of_account(listed)),
        web.post(f"{OF_ACCOUNT}/orders", of_account(placed)),
        web.get(one, of_account(shown)),
        web.put(one, of_account(replaced)),
        web.delete(one, of_account(cancelled)),
    ]


async def _wanted(request: web.Request) -> Request | web.Response:
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


def _transactions(desk: Desk) -> OfAccount:
    async def handler(request: web.Request, account: Account) -> web.Response:
        if not {"startDate", "endDate", "types"} <= request.query.keys():
            return told("Invalid request data", 400)
        if "TRADE" not in request.query["types"].split(","):
            return answer([])
        mine = [o for o in desk.world.orders.values() if o.account == account.number]
        return answer([transaction(order, each) for order in mine for each in order.fills])

    return handler


def _preference(desk: Desk) -> Handler:
    customer, correlation = uuid4().hex, str(uuid4())

    async def handler(request: web.Request) -> web.Response:
        streamer = {
            "streamerSocketUrl": f"ws://{request.host}/ws",
            "schwabClientCustomerId": customer,
            "schwabClientCorrelId": correlation,
            "schwabClientChannel": "N9",
            "schwabClientFunctionId": "APIAPP",
        }
        accounts = [
            {
                "accountNumber": number,
                "primaryAccount": False,
                "type": "BROKERAGE",
                "nickName": account.kind.capitalize(),
                "displayAcctId": f"...{number[-3:]}",
                "autoPositionEffect": False,
                "accountColor": "Green",
                "lotSelectionMethod": "FIFO",
            }
            for number, account in desk.world.accounts.items()
        ]
        offers = [{"level2Permissions": False, "mktDataPermission": "NP"}]
        return answer({"accounts": accounts, "streamerInfo": [streamer], "offers": offers})

    return handler
