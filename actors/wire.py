"""The loop on which an account talks to its venue; the gate stands in the step that writes."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from actors.jobs import Job, families, sent_with, ticket_of
from actors.looks import LookFailed, look_at
from actors.loop_thread import LoopThread
from actors.messages import (
    CancelFailed,
    Connected,
    ConnectFailed,
    Fate,
    FoundOut,
    Heard,
    Reported,
    Sent,
)
from brokers.base import (
    AuthExpiredError,
    BrokerError,
    MayLeave,
    RateLimitedError,
    Report,
    TurnedAwayError,
    Venue,
)
from trading.breaker import Stops
from trading.clock import Clock
from trading.events import Scope
from trading.last_gate import OPEN_GATE, SEND_WITHIN, Gate
from trading.vocabulary import BrokerOrderId, Code, OrderId, Symbol


log = logging.getLogger("trading_bot.wire")


class Wire:
    """One venue on one loop in one thread. Its public methods run in the actor's thread and return
    at once; what they start runs on the loop and tells its outcome, in a Heard for each turn.

    `name` is like no other wire's before it; `gate` is where its gate stands at first.
    """

    def __init__(
        self,
        name: str,
        venue: Venue,
        clock: Clock,
        tell: Callable[[object], None],
        gate: Gate = OPEN_GATE,
    ) -> None:
        self.name = name
        self._venue = venue
        self._clock = clock
        self._tell = tell
        self._gate = gate
        self._is_severed = False
        self._unsaid: list[object] = []
        self._loop = LoopThread(f"{name}-wire", self._close)

    # --- from the actor's thread ----------------------------------------------------------------

    def connect(self) -> None:
        """Open the venue; Connected or ConnectFailed is told."""
        self._loop.start(self._connect())

    def submit(self, jobs: Iterable[Job]) -> None:
        """Send each order once, gate and deadline permitting; a Sent is told of each."""
        self._loop.call(self._submit_all, tuple(jobs))

    def cancel(self, order_id: OrderId, broker_order_id: BrokerOrderId) -> None:
        """Ask the venue for an order's end; it will be reported, or CancelFailed is told."""
        self._loop.start(self._cancel(order_id, broker_order_id))

    def find(self, order_id: OrderId) -> None:
        """Read an order back; a FoundOut is told."""
        self._loop.start(self._find(order_id))

    def look(self, upto: datetime) -> None:
        """Ask for everything since the last look's instant; Looked or LookFailed is told."""
        self._loop.start(self._look(upto))

    @property
    def siblings_go_together(self) -> bool:
        """Whether the venue takes orders of one family in one request only."""
        return self._venue.siblings_go_together

    @property
    def knows_our_ids(self) -> bool:
        """Whether the venue names each order by our own id."""
        return self._venue.knows_our_ids

    def observe(self, symbol: Symbol, price: Any, at: datetime) -> None:
        """Pass a price on to a venue without quotes."""
        self._loop.call(self._venue.observe, symbol, price, at)

    def tell_venue(self, said: Callable[[Venue], None]) -> None:
        """Tell the venue something, on its loop."""
        self._loop.call(said, self._venue)

    def ask_venue(self, asked: Callable[[Venue], Coroutine[Any, Any, None]]) -> None:
        """Ask the venue something; where the answer goes is the asker's to say."""
        self._loop.start(asked(self._venue))

    def inform(self, stops: Stops) -> None:
        """Let the gate know the stops in force."""
        self._loop.call(self._inform, stops)

    def close_gate(self, scope: Scope, generation: int, confirm: Callable[[], None]) -> None:
        """Close the gate for a scope; `confirm` runs on the loop once no entry of it can leave."""
        self._loop.call(self._close_gate, scope, generation, confirm)

    def close(self) -> None:
        """Close the venue and end the loop, within a few seconds whatever hangs; once is enough."""
        self._loop.close()

    def sever(self) -> None:
        """Send and cancel nothing any more, and close as soon as the loop comes to it.

        Any thread may call it and it returns at once: for those who replace a hung actor. What the
        venue has been sent before is reported all the same.
        """
        self._is_severed = True
        self._loop.close_soon()

    # --- on the loop ----------------------------------------------------------------------------

    def _inform(self, stops: Stops) -> None:
        self._gate = self._gate.informed(stops)

    def _close_gate(self, scope: Scope, generation: int, confirm: Callable[[], None]) -> None:
        self._gate = self._gate.closed(scope, generation)
        confirm()

    async def _connect(self) -> None:
        try:
            await self._venue.connect(self._reported)
            balances = await self._venue.balances()
        except RateLimitedError as error:
            self._say(ConnectFailed(self.name, str(error), error.retry_after_s))
        except AuthExpiredError as error:
            self._say(ConnectFailed(self.name, str(error), is_signed_out=True))
        except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
            self._say(ConnectFailed(self.name, str(error) or repr(error)))
        else:
            self._say(Connected(self.name, balances))

    def _say(self, message: object) -> None:
        """Tell it at the end of this turn of the loop, together with whatever else comes up."""
        if not self._unsaid:
            self._loop.call_at_turns_end(self._speak)
        self._unsaid.append(message)

    def _speak(self) -> None:
        unsaid, self._unsaid = self._unsaid, []
        if unsaid:
            self._tell(Heard(tuple(unsaid)))

    def _reported(self, report: Report) -> None:
        self._say(Reported(report))

    def _submit_all(self, jobs: tuple[Job, ...]) -> None:
        for family in families(jobs) if self._venue.siblings_go_together else ((j,) for j in jobs):
            self._loop.spawn(self._submit(family))

    async def _submit(self, jobs: tuple[Job, ...]) -> None:
        for sent in await self._send(jobs):
            self._say(sent)

    async def _send(self, jobs: tuple[Job, ...]) -> tuple[Sent, ...]:
        """One attempt. The venue looks at the gate again in the very step in which it writes.

        Of several that go together each has the others' fate.
        """
        kept_back: list[Sent] = []

        def may_leave() -> None:
            kept_back[:] = [kept for job in jobs if (kept := self._kept_back(job)) is not None]
            if kept_back:
                raise TurnedAwayError(kept_back[0].code)

        try:
            may_leave()  # what may not leave does not make a venue ready for it either
            known_as = await self._sent(jobs, may_leave)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, TurnedAwayError) and kept_back:
                return tuple(evolve(kept_back[0], order_id=job.plan.order_id) for job in jobs)
            if not isinstance(error, BrokerError | asyncio.CancelledError):
                # A bug in an adapter must not hide what became of an order.
                log.exception("send_failed_oddly", extra={"order_id": jobs[0].plan.order_id})
            return tuple(sent_with(error, job.plan.order_id) for job in jobs)
        return tuple(
            Sent(
                order_id=job.plan.order_id,
                fate=Fate.ACCEPTED,
                broker_order_id=known_as[job.plan.order_id],
            )
            for job in jobs
        )

    async def _sent(
        self, jobs: tuple[Job, ...], may_leave: MayLeave
    ) -> Mapping[OrderId, BrokerOrderId]:
        tickets = [ticket_of(job.plan) for job in jobs]
        if len(tickets) > 1:
            return await self._venue.submit_siblings(tickets, may_leave)
        (ticket,) = tickets
        if self._venue.siblings_go_together:
            ticket = evolve(ticket, oco_id=None)  # the other one was not to be sent
        return {ticket.order_id: await self._venue.submit(ticket, may_leave)}

    def _kept_back(self, job: Job) -> Sent | None:
        """Why an order does not leave at this moment."""
        order_id = job.plan.order_id
        if self._is_severed:
            return Sent(order_id=order_id, fate=Fate.NOT_SENT, code=Code.REPLACED)
        turned = self._gate.turns_away(job.plan, job.generation)
        if turned is not None:
            return Sent(
                order_id=order_id, fate=Fate.REFUSED, code=turned.code, inputs=turned.inputs
            )
        late = self._clock.now() - job.started_at
        if late > SEND_WITHIN:
            inputs = {"seconds": f"{late.total_seconds():.1f}"}
            return Sent(
                order_id=order_id, fate=Fate.NOT_SENT, code=Code.SEND_DEADLINE, inputs=inputs
            )
        return None

    async def _cancel(self, order_id: OrderId, broker_order_id: BrokerOrderId) -> None:
        if self._is_severed:
            return
        try:
            await self._venue.cancel(broker_order_id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the order may still work
            self._say(CancelFailed(order_id, str(error) or repr(error)))

    async def _find(self, order_id: OrderId) -> None:
        asked_at = self._clock.now()
        try:
            found = await self._venue.find(order_id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the order has not been found out
            reason = str(error) or repr(error)
            self._say(FoundOut(order_id=order_id, asked_at=asked_at, error=reason))
        else:
            self._say(FoundOut(order_id=order_id, asked_at=asked_at, found=found))

    async def _look(self, upto: datetime) -> None:
        try:
            looked = await look_at(self._venue, self.name, self._clock, upto)
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing has been seen
            self._say(LookFailed(wire=self.name, reason=str(error) or repr(error)))
        else:
            self._say(looked)

    async def _close(self) -> None:
        with contextlib.suppress(Exception):
            await self._venue.close()
        self._speak()
