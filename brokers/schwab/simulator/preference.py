"""What a user has preferred, and where his streamer is."""

from uuid import uuid4

from aiohttp import web

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.shell import answer
from brokers.schwab.simulator.streamer import PATH


def routes(desk: Desk) -> list[web.RouteDef]:
    """The route of preferences: an object, where the documents have an array."""
    customer, correlation = uuid4().hex, str(uuid4())

    async def handler(request: web.Request) -> web.Response:
        streamer = {
            "streamerSocketUrl": f"ws://{request.host}{PATH}",
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

    return [web.get("/trader/v1/userPreference", handler)]
