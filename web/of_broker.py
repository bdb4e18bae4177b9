"""What a request asks of an account's BrokerActor, and waits for."""

from collections.abc import Callable
from typing import Final, TypeVar

from actors.runtime import MailboxFull, NoAnswer, Reply, ThreadReply
from trading.vocabulary import AccountName
from web.edge import Edge
from web.problems import Problem


ANSWER_WITHIN_S: Final = 10.0
"""A venue may have to be asked over the network."""

T = TypeVar("T")


def asked_of_broker(edge: Edge, account: AccountName, ask: Callable[[Reply[T]], object]) -> T:
    """The answer to a message that carries this reply; runs in the thread of the request.

    Raises:
        Problem: 503 NO_ANSWER: it was not asked, or what came of it is not known.
    """
    reply = ThreadReply[T]()
    try:
        edge.mailboxes[f"broker:{account}"].tell(ask(reply))
        return reply.wait(ANSWER_WITHIN_S)
    except MailboxFull:
        raise Problem(503, "NO_ANSWER", f"{account} is too busy; ask again") from None
    except NoAnswer:
        detail = f"what came of it is not known: no answer within {ANSWER_WITHIN_S:g} s"
        raise Problem(503, "NO_ANSWER", detail) from None
