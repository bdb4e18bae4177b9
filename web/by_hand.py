"""Putting the books in order, for the API: asked of the account's RiskActor, and written down."""

from collections.abc import Mapping
from typing import Final, assert_never

from attrs import frozen

from actors.by_hand import BookByHand, BookedByHand
from actors.runtime import MailboxFull, NoAnswer, ThreadReply
from trading.by_hand import Adjust, Adopt, Ask, Signature, Transfer
from trading.money import plain
from trading.vocabulary import AccountName, Act
from trading.words import in_words
from web.callers import Caller
from web.edge import Edge
from web.notebook import Notebook
from web.problems import Problem


ANSWER_WITHIN_S: Final = 2.0


@frozen(kw_only=True)
class Booked:
    """An act that is durable, and what those hold whom it concerns."""

    act_id: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@frozen
class BooksByHand:
    """Asks for a booking and waits until it is durable; blocks the thread that serves the request.

    Raises:
        Problem: 409 with the code of the refusal; 503 NOT_BOOKED, nothing was; 503 NO_ANSWER,
            whether it was is then not known.
    """

    edge: Edge
    notebook: Notebook

    def book(self, account: AccountName, ask: Ask, reason: str, caller: Caller) -> Booked:
        """Have it booked on an account."""
        act, edge = act_of(ask), self.edge
        act_id, reason = edge.new_id(act.value), edge.mask.hide(reason)
        signature = Signature(act_id=act_id, at=edge.clock.now(), reason=reason, by=caller.name)
        entry = self.notebook.entry(act_id, act, caller, f"{account}: {said(ask)}", reason)
        with self.notebook.written(entry) as changed:
            answer = self._asked(account, ask, signature)
            changed.before, changed.after = dict(answer.before), dict(answer.after)
            if answer.declined is not None:
                code, inputs = answer.declined.code, answer.declined.inputs
                raise Problem(409, code.value, in_words(code, inputs))
            if answer.failed:
                raise Problem(503, "NOT_BOOKED", answer.failed)
            return Booked(act_id=act_id, before=answer.before, after=answer.after)

    def _asked(self, account: AccountName, ask: Ask, signature: Signature) -> BookedByHand:
        reply = ThreadReply[BookedByHand]()
        try:
            self.edge.mailboxes[f"risk:{account}"].tell(BookByHand(ask, signature, reply))
            return reply.wait(ANSWER_WITHIN_S)
        except MailboxFull:
            raise Problem(503, "NOT_BOOKED", f"{account} is too busy; ask again") from None
        except NoAnswer:
            detail = f"the booking is not confirmed: no answer within {ANSWER_WITHIN_S:g} s"
            raise Problem(503, "NO_ANSWER", detail) from None


def act_of(ask: Ask) -> Act:
    """What it is called."""
    match ask:
        case Adopt():
            return Act.ADOPT
        case Transfer():
            return Act.TRANSFER
        case Adjust():
            return Act.ADJUST
        case _:
            assert_never(ask)


def said(ask: Ask) -> str:
    """What is asked for, in words."""
    match ask:
        case Adopt():
            at = plain(ask.price)
            return f"{plain(ask.quantity)} {ask.symbol} from external to {ask.strategy} at {at}"
        case Transfer():
            return f"{plain(ask.quantity)} {ask.symbol} from {ask.strategy} to {ask.to}"
        case Adjust():
            return ", ".join(_adjustments(ask))
        case _:
            assert_never(ask)


def _adjustments(ask: Adjust) -> list[str]:
    found = []
    if ask.symbol is not None:
        to = ask.strategy or "external"
        found.append(f"{plain(ask.quantity)} {ask.symbol} to {to} at {plain(ask.price)}")
    if ask.cash:
        found.append(f"cash {plain(ask.cash)}")
    return found
