"""The API's act on a symbol that the paper broker has frozen."""

import falcon
from attrs import frozen

from actors.runtime import Reply
from actors.thawing import Thawed, ThawSymbol
from trading.vocabulary import AccountName, Act, Symbol
from web.api import answer
from web.api_by_hand import Reading
from web.asked import texts_of
from web.edge import Edge
from web.notebook import Notebook
from web.of_broker import asked_of_broker
from web.problems import Problem


@frozen
class ThawFrozen:
    """POST /api/positions/{symbol}/thaw: a jump was real, the symbol trades again today."""

    edge: Edge
    notebook: Notebook

    def on_post(self, req: falcon.Request, resp: falcon.Response, symbol: str) -> None:
        """`reason`, and `account` where there are several."""
        read = Reading(self.edge.settings, texts_of(req.context.body, ("account", "reason")))
        account, which = read.account(), read.symbol(symbol)
        reason = self.edge.mask.hide(read.text("reason"))
        read.end()
        act_id = self.edge.new_id(Act.THAW.value)
        what = f"{account}: {which} trades again"
        entry = self.notebook.entry(act_id, Act.THAW, req.context.caller, what, reason)
        with self.notebook.written(entry):
            self._ask(account, which, reason)
        answer(resp, {"status": "thawed", "act_id": act_id, "account": account, "symbol": which})

    def _ask(self, account: AccountName, symbol: Symbol, reason: str) -> None:
        def ask(reply: Reply[Thawed]) -> ThawSymbol:
            return ThawSymbol(symbol=symbol, reason=reason, reply=reply)

        said = asked_of_broker(self.edge, account, ask)
        if said.not_frozen:
            raise Problem(409, "NOT_FROZEN", said.not_frozen)
        if said.failed:
            raise Problem(503, "VENUE_FAILED", said.failed)
