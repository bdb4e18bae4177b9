"""One incarnation's view of a mailbox, in the shape that Pykka's loop reads."""

import logging
import threading
from collections.abc import Callable, Hashable
from queue import Full
from typing import Any

# Private, for want of a public way to hand an actor its inbox; test_pykka_contract.py pins them.
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.runtime.mailbox import Mailbox


log = logging.getLogger("trading_bot.runtime")


class Port:
    """What Pykka takes for the actor's inbox.

    A stop belongs to the incarnation and never enters the mailbox. It overtakes everything, and it
    doubles as revocation: Python cannot kill a hung thread, but when it wakes up it reads its own
    stop, never a message, and its successor never sees that stop.

    A port begins closed: it hands out control messages only, and ordinary ones stay queued until
    `open`. That is the stash of an actor that still folds its past.

    With `linger_s` whoever was idle reads what wakes it so much later: an onlooker told in the same
    breath as those who decide leaves the processor to them, and then reads several at once.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        on_revoked: Callable[[], None] = lambda: None,
        *,
        linger_s: float = 0.0,
    ) -> None:
        self.in_hand: Hashable = None
        """What the actor works on, where that could be its death; read by its supervisor then."""
        self._mailbox = mailbox
        self._on_revoked = on_revoked
        self._linger_s = linger_s
        self._told_to_stop = threading.Event()
        self.is_open = False
        self._stops: list[Envelope[Any]] = []  # the first is read; append is atomic, so no lock
        self._first_is_answered = False
        self._envelope = Envelope[Any](
            None
        )  # one for all: Pykka is done with it when it asks again
        self._has_ended = False

    @property
    def is_over(self) -> bool:
        """Whether this incarnation was told to stop, was revoked or has ended; any thread may ask.

        From then on what its threads still do is late.
        """
        return bool(self._stops) or self._has_ended

    def revoke(self) -> None:
        """Have the incarnation let go of what it holds outside its thread; its stop was put before.

        Runs in the thread of whoever gives it up, beside whatever its own thread hangs in; what
        it raises is logged.
        """
        try:
            self._on_revoked()
        except Exception:
            log.exception("actor_not_let_go", extra={"actor": self._mailbox.name})

    def open(self) -> None:
        """Hand out ordinary messages too; called by the actor's own thread."""
        self.is_open = True
        self._mailbox.top_up()

    def close(self) -> None:
        """Hand out control messages only, from now on; called by the actor's own thread."""
        self.is_open = False

    def put(self, envelope: Envelope[Any], /) -> None:
        """Keep a stop for this incarnation; pass on anything else, with where its reply goes.

        A second stop is answered at once: the actor is being stopped.
        """
        if not isinstance(envelope.message, _ActorStop):
            self._mailbox.put(envelope)
            return
        self._stops.append(envelope)
        self._told_to_stop.set()
        if self._stops[0] is not envelope or self._first_is_answered:
            _answer(envelope)
        else:
            self._mailbox.wake()

    def get(self) -> Envelope[Any]:
        """The next message this incarnation may read, waiting for it; its stop comes first."""
        while not self._stops:
            lingers = self._linger_s > 0 and not len(self._mailbox)
            self._mailbox.wait()
            if lingers:
                self._told_to_stop.wait(self._linger_s)
            letter = self._mailbox.take(ordinary=self.is_open)
            if self._stops:  # revoked in the meantime: letter and token are the successor's
                self._mailbox.give_back(letter)
            elif letter is not None:
                message = letter[2]
                if isinstance(message, Envelope):
                    return message
                self._envelope.message = message
                return self._envelope
        self._first_is_answered = True  # by Pykka's loop, which answers what it reads
        return self._stops[0]

    def empty(self) -> bool:
        """Always true: a dying actor buries nothing, and what is queued waits for its successor."""
        return True

    def end(self) -> None:
        """Answer a stop that came too late to be read; the actor's own thread calls this last."""
        unread = not self._first_is_answered
        self._first_is_answered = self._has_ended = True
        if unread and self._stops:
            _answer(self._stops[0])


def _answer(stop: Envelope[Any]) -> None:
    if stop.reply_to is not None:
        try:
            stop.reply_to.set(None)
        except Full:  # two threads answered at the same instant; one was first
            return
