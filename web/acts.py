"""Stopping trading and starting it again, for the API and for the pages alike."""

from typing import Final

from attrs import frozen

from actors.messages import Halt, HaltAnswer, Resume, ResumeAnswer
from actors.runtime import NoAnswer, ThreadReply
from trading.events import Scope
from trading.vocabulary import Act
from web.callers import Caller
from web.edge import Edge
from web.notebook import Notebook, in_words
from web.password import PasswordCheck
from web.problems import Problem


ANSWER_WITHIN_S: Final = 2.0


@frozen
class Acts:
    """Asks the breaker, and waits for what it reached; blocks the thread that serves the request.

    Raises:
        Problem: 503 NO_ANSWER; whether the act was carried out is then not known.
    """

    edge: Edge
    passwords: PasswordCheck
    notebook: Notebook

    def halt(self, scope: Scope, reason: str, caller: Caller) -> HaltAnswer:
        """Stop entries in a scope, at once; it overtakes everything."""
        reply, act_id = ThreadReply[HaltAnswer](), self.edge.new_id("halt")
        reason = self.edge.mask.hide(reason) or "no reason given"
        message = Halt(
            id=act_id,
            at=self.edge.clock.now(),
            scope=scope,
            reason=reason,
            by=caller.name,
            reply=reply,
        )
        self.edge.breaker.tell(message, control=True)
        entry = self.notebook.entry(act_id, Act.HALT, caller, str(scope), reason)
        with self.notebook.written(entry) as changed:
            try:
                answer = reply.wait(ANSWER_WITHIN_S)
            except NoAnswer:
                raise _no_answer("the halt was told to the breaker and is not confirmed") from None
            changed.before, changed.after = in_words(answer.before), in_words(answer.after)
            return answer

    def resume(self, scope: Scope, reason: str, password: str, caller: Caller) -> ResumeAnswer:
        """Start entries in a scope again; whoever has signed in shows the password once more.

        Raises:
            Problem: 409 RESUME_REFUSED, with what stands in the way; and what the password check
                raises, which nothing is asked before.
        """
        reply, act_id = ThreadReply[ResumeAnswer](), self.edge.new_id("resume")
        reason = self.edge.mask.hide(reason)
        self.passwords.require(act_id, Act.RESUME, password, caller)
        message = Resume(
            id=act_id,
            at=self.edge.clock.now(),
            scope=scope,
            reason=reason,
            by=caller.name,
            reply=reply,
        )
        self.edge.breaker.tell(message, control=True)
        entry = self.notebook.entry(
            act_id, Act.RESUME, caller, str(scope), reason, showed_password=True
        )
        with self.notebook.written(entry) as changed:
            try:
                answer = reply.wait(ANSWER_WITHIN_S)
            except NoAnswer:
                detail = "the resume is not confirmed; trading may still be stopped"
                raise _no_answer(detail) from None
            changed.before, changed.after = in_words(answer.before), in_words(answer.after)
            if answer.refused:
                raise Problem(409, "RESUME_REFUSED", answer.refused)
            return answer


def _no_answer(detail: str) -> Problem:
    return Problem(503, "NO_ANSWER", f"{detail}: no answer within {ANSWER_WITHIN_S:g} s")


def halted_word(answer: HaltAnswer) -> str:
    """What a halt has reached."""
    return "halted" if answer.durable else "halted, not yet durable"
