"""Routes that there are not: what the gateway says of them, in text."""

from aiohttp import web

from brokers.schwab.simulator.desk import Desk


NO_ROUTE = "404 Not Found: Requested route ('simulator.apigx-origin.schwab.com') does not exist.\n"


def routes(_: Desk) -> list[web.RouteDef]:
    """Everything that nobody else has taken; these come last."""

    async def nowhere(_: web.Request) -> web.Response:
        return web.Response(text=NO_ROUTE, status=404)

    return [
        web.route("*", f"/{base}/{{tail:.*}}", nowhere) for base in ("trader/v1", "marketdata/v1")
    ]
