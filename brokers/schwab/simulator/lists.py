"""The Trader API's reading routes: lists of orders and transactions, and previews."""

from aiohttp import web

from brokers.schwab.simulator.answers import order_tree, transaction
from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.entry import Malformed
from brokers.schwab.simulator.life import place
from brokers.schwab.simulator.listing import executions, executions_asked, orders_asked
from brokers.schwab.simulator.model import Account
from brokers.schwab.simulator.preview import preview_body
from brokers.schwab.simulator.shell import answer, told
from brokers.schwab.simulator.trader import BASE, OF_ACCOUNT, of_account, wanted_order


def routes(desk: Desk) -> list[web.RouteDef]:
    """The routes of lists and previews."""

    def listed(request: web.Request, account: str | None) -> web.Response:
        try:
            found = orders_asked(request.query, desk.visible(), account, desk.now())
        except Malformed as wrong:
            return told(str(wrong), 400)
        return answer([order_tree(desk.world, order) for order in found])

    async def of_all(request: web.Request) -> web.Response:
        desk.advance()
        return listed(request, None)

    async def of_one(request: web.Request, account: Account) -> web.Response:
        return listed(request, account.number)

    async def transactions(request: web.Request, account: Account) -> web.Response:
        try:
            found = executions_asked(request.query, desk.world, account.number)
        except Malformed as wrong:
            return told(str(wrong), 400)
        return answer([transaction(*each) for each in found])

    async def one_transaction(request: web.Request, account: Account) -> web.Response:
        number = request.match_info["transaction"]
        for order, report in executions(desk.world, account.number):
            if str(report.activity_id) == number:
                # A list of one: so the documents have it.
                return answer([transaction(order, report)])
        return told("Transaction not found", 404)

    async def preview(request: web.Request, account: Account) -> web.Response:
        asked = await wanted_order(request)
        if isinstance(asked, web.Response):
            return asked
        # The world is a value: an order can be placed in it to see, and the desk's stays as it is.
        after, made = place(desk.world, account.number, asked, desk.now(), desk.calendar)
        return answer(preview_body(desk.world, account, asked, after.orders[made]))

    return [
        web.get(f"{BASE}/orders", of_all),
        web.get(f"{OF_ACCOUNT}/orders", of_account(desk, of_one)),
        web.get(f"{OF_ACCOUNT}/transactions", of_account(desk, transactions)),
        web.get(f"{OF_ACCOUNT}/transactions/{{transaction}}", of_account(desk, one_transaction)),
        web.post(f"{OF_ACCOUNT}/previewOrder", of_account(desk, preview)),
    ]
