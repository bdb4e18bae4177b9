"""The step in which an order's first byte is written, so that its guard can be asked in it."""

from typing import Any

import aiohttp
from attrs import define, field

from brokers.base import MayLeave, TurnedAwayError


@define
class Guard:
    """Asked once for each piece of a request's body, the first of which carries the head too.

    Whoever sends has the guard in his request's `trace_request_ctx`; what it refused it remembers,
    because aiohttp tells of it as of a lost connection.
    """

    may_leave: MayLeave
    refused: TurnedAwayError | None = field(default=None, init=False)

    def ask(self) -> None:
        """Raises TurnedAwayError: nothing may be written."""
        try:
            self.may_leave()
        except TurnedAwayError as error:
            self.refused = error
            raise


async def _before_a_piece(_session: Any, context: Any, _piece: Any) -> None:
    """Nothing is awaited here: between the guard's word and the write nothing else runs."""
    if isinstance(guard := context.trace_request_ctx, Guard):
        guard.ask()


def guarded_writes() -> aiohttp.TraceConfig:
    """What makes a session ask the guards."""
    tracing = aiohttp.TraceConfig()
    tracing.on_request_chunk_sent.append(_before_a_piece)
    return tracing
