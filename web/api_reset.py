"""The API's act that lets a paper account begin anew."""

from decimal import Decimal

import falcon
from attrs import frozen

from actors.resetting import BeginAnew, BegunAnew
from actors.runtime import Reply
from trading.money import plain
from trading.vocabulary import AccountName, Act
from web.api import answer
from web.api_by_hand import Reading
from web.asked import texts_of
from web.edge import Edge
from web.notebook import Notebook
from web.of_broker import asked_of_broker
from web.problems import Problem


@frozen
class ResetPaper:
    """POST /api/reset: a paper account begins anew with its starting cash."""

    edge: Edge
    notebook: Notebook

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """`reason`, and `account` where there are several."""
        read = Reading(self.edge.settings, texts_of(req.context.body, ("account", "reason")))
        account = read.account()
        reason = self.edge.mask.hide(read.text("reason"))
        read.end()
        act_id = self.edge.new_id(Act.RESET.value)
        what = f"{account}: begins anew"
        entry = self.notebook.entry(act_id, Act.RESET, req.context.caller, what, reason)
        with self.notebook.written(entry):
            cash = self._ask(account, reason)
        said = {"status": "reset", "act_id": act_id, "account": account, "cash": plain(cash)}
        answer(resp, said)

    def _ask(self, account: AccountName, reason: str) -> Decimal:
        def ask(reply: Reply[BegunAnew]) -> BeginAnew:
            return BeginAnew(reason=reason, reply=reply)

        said = asked_of_broker(self.edge, account, ask)
        if said.refused:
            raise Problem(409, "NOT_RESET", said.refused)
        if said.cash is None:
            raise Problem(503, "VENUE_FAILED", said.failed)
        return said.cash
