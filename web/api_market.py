"""The API about the market: the bars of a symbol."""

from datetime import UTC, datetime, timedelta
from typing import Final

import falcon
from attrs import frozen

from actors.market_messages import Bar, History, ShowHistory
from actors.runtime import Reply
from trading.alerts import SYMBOL
from trading.vocabulary import AccountName, Symbol
from web.api import answer_list
from web.asked import account_asked
from web.edge import Edge
from web.figures import instant, number
from web.of_broker import asked_of_broker
from web.problems import Problem, Wrong, invalid, not_found


INTERVALS: Final = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
}
_BARS_SHOWN: Final = 200
"""How far back it goes where nobody says: so many intervals."""


@frozen
class PastBars:
    """GET /api/history, oldest first: `?symbol=&interval=&from=&to=`, of one account's venue."""

    edge: Edge

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The bars that begin from `from` on and before `to`."""
        edge, now = self.edge, self.edge.clock.now()
        wrong: list[Wrong] = []
        symbol = (req.get_param("symbol") or "").upper()
        if not SYMBOL.fullmatch(symbol):
            wrong.append(Wrong("symbol", "must be a symbol like AAPL or BRK.B"))
        length = INTERVALS.get(req.get_param("interval") or "1m")
        if length is None:
            wrong.append(Wrong("interval", f"must be one of {', '.join(INTERVALS)}"))
        until = _instant(req, "to", now, wrong)
        since = _instant(req, "from", until - _BARS_SHOWN * (length or timedelta(0)), wrong)
        if wrong or length is None:
            raise invalid("INVALID_PARAMETER", wrong)
        account = account_asked(req, edge.settings) or next(iter(edge.settings.accounts), None)
        if account is None:
            raise not_found("UNKNOWN_ACCOUNT", "there is no account, and so no venue to ask")
        found = self._asked(account, Symbol(symbol), length, since)
        answer_list(resp, (bar_object(bar) for bar in found.bars if bar.at < until))

    def _asked(
        self, account: AccountName, symbol: Symbol, length: timedelta, since: datetime
    ) -> History:
        def ask(reply: Reply[History]) -> ShowHistory:
            return ShowHistory(symbol=symbol, length=length, since=since, reply=reply)

        found = asked_of_broker(self.edge, account, ask)
        if found.not_offered:
            raise Problem(409, "NOT_OFFERED", found.not_offered)
        if found.failed:
            raise Problem(503, "VENUE_FAILED", found.failed)
        return found


def bar_object(bar: Bar) -> dict[str, object]:
    """A bar as the API shows it."""
    return {
        "at": instant(bar.at),
        "symbol": bar.symbol,
        "open": number(bar.open),
        "high": number(bar.high),
        "low": number(bar.low),
        "close": number(bar.close),
        "volume": number(bar.volume),
        "source": bar.source,
    }


def _instant(req: falcon.Request, name: str, default: datetime, wrong: list[Wrong]) -> datetime:
    """A day or an instant; without a zone it is UTC."""
    text = req.get_param(name)
    if text is None:
        return default
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        wrong.append(Wrong(name, "must be a day or an instant, like 2026-11-23T14:30:00Z"))
        return default
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
