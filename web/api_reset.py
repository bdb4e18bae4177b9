"""The API's act that lets a paper account begin anew."""

from decimal import Decimal
from typing import Final

import falcon
from attrs import frozen

from actors.resetting import BeginAnew, BegunAnew
from actors.runtime import MailboxFull, NoAnswer, ThreadReply
from trading.money import plain
from trading.vocabulary import AccountName, Act
from web.api import answer
from web.api_by_hand import Reading
from web.asked import texts_of
from web.edge import Edge
from web.notebook import Notebook
from web.problems import Problem


ANSWER_WITHIN_S: Final = 5.0


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
        reply = ThreadReply[BegunAnew]()
        try:
            self.edge.mailboxes[f"broker:{account}"].tell(BeginAnew(reason=reason, reply=reply))
            said = reply.wait(ANSWER_WITHIN_S)
        except (MailboxFull, NoAnswer):
            raise Problem(503, "NO_ANSWER", f"{account} is too busy; ask again") from None
        if said.refused:
            raise Problem(409, "NOT_RESET", said.refused)
        if said.cash is None:
            raise Problem(503, "VENUE_FAILED", said.failed)
        return said.cash
