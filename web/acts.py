"""Stopping trading and starting it again, for the API and for the pages alike."""

from typing import Final

from attrs import frozen

from actors.messages import Halt, HaltAnswer, Resume, ResumeAnswer
from actors.runtime import NoAnswer, ThreadReply
from trading.events import Scope
from web.edge import Edge
from web.problems import Problem


ANSWER_WITHIN_S: Final = 2.0


@frozen
class Acts:
    """Asks the breaker, and waits for what it reached; blocks the thread that serves the request.

    Raises:
        Problem: 503 NO_ANSWER; whether the act was carried out is then not known.
    """

    edge: Edge

    def halt(self, scope: Scope, reason: str, by: str) -> HaltAnswer:
        """Stop entries in a scope, at once; it overtakes everything."""
        reply = ThreadReply[HaltAnswer]()
        message = Halt(
            id=self.edge.new_id("halt"),
            at=self.edge.clock.now(),
            scope=scope,
            reason=self.edge.mask.hide(reason) or "no reason given",
            by=by,
            reply=reply,
        )
        self.edge.breaker.tell(message, control=True)
        try:
            return reply.wait(ANSWER_WITHIN_S)
        except NoAnswer:
            raise _no_answer("the halt was told to the breaker and is not confirmed") from None

    def resume(self, scope: Scope, reason: str, by: str) -> ResumeAnswer:
        """Start entries in a scope again; whoever asks has shown the password before.

        Raises:
            Problem: 409 RESUME_REFUSED, with what stands in the way.
        """
        reply = ThreadReply[ResumeAnswer]()
        message = Resume(
            id=self.edge.new_id("resume"),
            at=self.edge.clock.now(),
            scope=scope,
            reason=self.edge.mask.hide(reason),
            by=by,
            reply=reply,
        )
        self.edge.breaker.tell(message, control=True)
        try:
            answer = reply.wait(ANSWER_WITHIN_S)
        except NoAnswer:
            raise _no_answer("the resume is not confirmed; trading may still be stopped") from None
        if answer.refused:
            raise Problem(409, "RESUME_REFUSED", answer.refused)
        return answer


def _no_answer(detail: str) -> Problem:
    return Problem(503, "NO_ANSWER", f"{detail}: no answer within {ANSWER_WITHIN_S:g} s")


def halted_word(answer: HaltAnswer) -> str:
    """What a halt has reached."""
    return "halted" if answer.durable else "halted, not yet durable"
