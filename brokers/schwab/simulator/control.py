"""What only the simulator has: faults and quotes to be set from outside, and its ledger."""

from decimal import InvalidOperation

from aiohttp import web

from brokers.schwab.simulator.desk import Desk, read_quote
from brokers.schwab.simulator.shell import answer, told


def routes(desk: Desk) -> list[web.RouteDef]:
    """The control endpoint; it asks for no token, so it belongs on loopback."""

    async def ledger(_: web.Request) -> web.Response:
        desk.advance()
        return answer(desk.ledger())

    async def faults(request: web.Request) -> web.Response:
        try:
            desk.expect(await request.json())
        except (TypeError, ValueError) as wrong:
            return told(str(wrong), 400)
        return answer({"waiting": len(desk.faults) + len(desk.troubles.ahead)})

    async def quotes(request: web.Request) -> web.Response:
        try:
            quotes = (await request.json()).items()
            for quote in [read_quote(symbol, body, desk.now()) for symbol, body in quotes]:
                desk.show(quote)
        except (AttributeError, TypeError, ValueError, InvalidOperation) as wrong:
            return told(str(wrong), 400)
        return answer({"shown": len(quotes)})

    return [
        web.get("/simulator/ledger", ledger),
        web.post("/simulator/faults", faults),
        web.post("/simulator/quotes", quotes),
    ]
