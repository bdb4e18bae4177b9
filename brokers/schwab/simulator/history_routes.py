"""The route of price history."""

from aiohttp import web

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.history import History
from brokers.schwab.simulator.history_asked import Misasked, history_asked
from brokers.schwab.simulator.market_errors import refused
from brokers.schwab.simulator.shell import answer


def routes(desk: Desk) -> list[web.RouteDef]:
    """The route of price history."""
    history = History(calendar=desk.calendar, tape=desk.tape)
    history.know(desk.world, desk.now())

    async def shown(request: web.Request) -> web.Response:
        now = desk.now()
        try:
            asked = history_asked(request.query, now, desk.calendar)
        except Misasked as wrong:
            return refused(400, str(wrong), parameter=wrong.parameter)
        return answer(history.body(asked, desk.world, now))

    return [web.get("/marketdata/v1/pricehistory", shown)]
