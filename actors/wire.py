"""The loop on which an account talks to its venue; the gate stands in the step that writes."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from typing import Any

from actors.jobs import Job, ticket_of
from actors.looks import LookFailed, look_at
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
    BrokerError,
    InsufficientFundsError,
    RateLimitedError,
    RejectedError,
    Report,
    UnreachableError,
    Venue,
)
from trading.breaker import Stops
from trading.clock import Clock
from trading.events import Scope
from trading.last_gate import OPEN_GATE, SEND_WITHIN, Gate
from trading.vocabulary import BrokerOrderId, Code, OrderId, Symbol


log = logging.getLogger("trading_bot.wire")

CLOSE_WITHIN_S = 3.0


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
        self._is_closed = False
        self._is_severed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsaid: list[object] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"{name}-wire", daemon=True)
        self._thread.start()

    # --- from the actor's thread ----------------------------------------------------------------

    def connect(self) -> None:
        """Open the venue; Connected or ConnectFailed is told."""
        self._start(self._connect())

    def submit(self, jobs: Iterable[Job]) -> None:
        """Send each order once, gate and deadline permitting; a Sent is told of each."""
        self._loop.call_soon_threadsafe(self._submit_all, tuple(jobs))

    def cancel(self, order_id: OrderId, broker_order_id: BrokerOrderId) -> None:
        """Ask the venue for an order's end; it will be reported, or CancelFailed is told."""
        self._start(self._cancel(order_id, broker_order_id))

    def find(self, order_id: OrderId) -> None:
        """Read an order back; a FoundOut is told."""
        self._start(self._find(order_id))

    def look(self, upto: datetime) -> None:
        """Ask for everything since the last look's instant; Looked or LookFailed is told."""
        self._start(self._look(upto))

    @property
    def knows_our_ids(self) -> bool:
        """Whether the venue names each order by our own id."""
        return self._venue.knows_our_ids

    def observe(self, symbol: Symbol, price: Any, at: datetime) -> None:
        """Pass a price on to a venue without quotes."""
        self._loop.call_soon_threadsafe(self._venue.observe, symbol, price, at)

    def tell_venue(self, said: Callable[[Venue], None]) -> None:
        """Tell the venue something, on its loop."""
        self._loop.call_soon_threadsafe(said, self._venue)

    def ask_venue(self, asked: Callable[[Venue], Coroutine[Any, Any, None]]) -> None:
        """Ask the venue something; where the answer goes is the asker's to say."""
        self._start(asked(self._venue))

    def inform(self, stops: Stops) -> None:
        """Let the gate know the stops in force."""
        self._loop.call_soon_threadsafe(self._inform, stops)

    def close_gate(self, scope: Scope, generation: int, confirm: Callable[[], None]) -> None:
        """Close the gate for a scope; `confirm` runs on the loop once no entry of it can leave."""
        self._loop.call_soon_threadsafe(self._close_gate, scope, generation, confirm)

    def close(self) -> None:
        """Close the venue and end the loop, within a few seconds whatever hangs; once is enough."""
        if self._is_closed:
            return
        self._is_closed = True
        asyncio.run_coroutine_threadsafe(self._close(), self._loop)
        self._thread.join(CLOSE_WITHIN_S)
        if self._thread.is_alive():
            log.error("wire_left_behind", extra={"wire": self._thread.name})

    def sever(self) -> None:
        """Send and cancel nothing any more, and close as soon as the loop comes to it.

        Any thread may call it and it returns at once: for those who replace a hung actor. What the
        venue has been sent before is reported all the same.
        """
        self._is_severed = True
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._spawn_closing)

    # --- on the loop ----------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.call_soon_threadsafe(self._spawn, work)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _spawn_closing(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._spawn(self._close())

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
        except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
            self._say(ConnectFailed(self.name, str(error) or repr(error)))
        else:
            self._say(Connected(self.name, balances))

    def _say(self, message: object) -> None:
        """Tell it at the end of this turn of the loop, together with whatever else comes up."""
        if not self._unsaid:
            self._loop.call_soon(self._speak)
        self._unsaid.append(message)

    def _speak(self) -> None:
        unsaid, self._unsaid = self._unsaid, []
        if unsaid:
            self._tell(Heard(tuple(unsaid)))

    def _reported(self, report: Report) -> None:
        self._say(Reported(report))

    def _submit_all(self, jobs: tuple[Job, ...]) -> None:
        for job in jobs:
            self._spawn(self._submit(job))

    async def _submit(self, job: Job) -> None:
        self._say(await self._send(job))

    async def _send(self, job: Job) -> Sent:
        """One attempt. Between the look at the gate and the venue's write nothing else can run."""
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
        try:
            broker_order_id = await self._venue.submit(ticket_of(job.plan))
        except InsufficientFundsError as error:
            return Sent(
                order_id=order_id,
                fate=Fate.FUNDS,
                code=Code.INSUFFICIENT_FUNDS,
                detail=str(error),
            )
        except RejectedError as error:
            return Sent(order_id=order_id, fate=Fate.REJECTED, detail=str(error))
        except UnreachableError as error:
            return Sent(
                order_id=order_id, fate=Fate.NOT_SENT, code=Code.NOT_SENT, detail=str(error)
            )
        except RateLimitedError as error:
            return Sent(
                order_id=order_id, fate=Fate.UNKNOWN, code=Code.RATE_LIMITED, detail=str(error)
            )
        except (BrokerError, asyncio.CancelledError) as error:
            return Sent(order_id=order_id, fate=Fate.UNKNOWN, detail=str(error) or "cut off")
        except Exception as error:
            # A bug in an adapter must not hide what became of an order.
            log.exception("send_failed_oddly", extra={"order_id": order_id})
            return Sent(order_id=order_id, fate=Fate.UNKNOWN, detail=repr(error))
        return Sent(order_id=order_id, fate=Fate.ACCEPTED, broker_order_id=broker_order_id)

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
        others = [t for t in self._tasks if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        with contextlib.suppress(Exception):
            await self._venue.close()
        self._speak()
        self._loop.stop()
