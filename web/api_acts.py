"""The API's two acts: stopping, which asks nothing, and starting again, which does."""

import falcon
from attrs import frozen

from web.acts import Acts, halted_word
from web.api import answer
from web.asked import (
    SCOPE_FIELDS,
    scope_of,
    texts_of,
)
from web.edge import Edge
from web.problems import Wrong, invalid


@frozen
class HaltTrading:
    """POST /api/halt: no new exposure, at once, no questions asked."""

    edge: Edge
    acts: Acts

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Stop; the answer says what was reached."""
        texts = texts_of(req.context.body, ("reason", *SCOPE_FIELDS))
        scope = scope_of(texts, self.edge.settings)
        halted = self.acts.halt(scope, texts.get("reason", ""), req.context.caller)
        answer(
            resp,
            {
                "status": halted_word(halted),
                "act_id": halted.act_id,
                "scope": str(halted.scope),
                "generation": halted.generation,
                "gates": dict(halted.gates),
            },
        )


@frozen
class ResumeTrading:
    """POST /api/resume: start again, with a reason and the password."""

    edge: Edge
    acts: Acts

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Start; the password is judged last, so that a slip elsewhere costs no try."""
        texts = texts_of(req.context.body, ("reason", "password", *SCOPE_FIELDS))
        require_texts(texts, ("reason", "password"))
        scope = scope_of(texts, self.edge.settings)
        caller = req.context.caller
        resumed = self.acts.resume(scope, texts["reason"], texts["password"], caller)
        answer(
            resp,
            {
                "status": "resumed",
                "act_id": resumed.act_id,
                "scope": str(resumed.scope),
                "lifted": resumed.lifted,
            },
        )


def require_texts(texts: dict[str, str], names: tuple[str, ...]) -> None:
    """Raise Problem naming every text that is missing or empty."""
    missing = [Wrong(name, "is required") for name in names if not texts.get(name)]
    if missing:
        raise invalid("INVALID_BODY", missing)
