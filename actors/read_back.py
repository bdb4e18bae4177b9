"""Which orders are looked for at the venue, and when again."""

from collections.abc import Iterable
from typing import Final

from trading.vocabulary import OrderId


READ_BACK_S: Final = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""How long after each fruitless read-back the next one is made; the last goes on for ever."""


class ReadBack:
    """Counts fruitless tries, and keeps what a new connection must look for before it is ready."""

    def __init__(self) -> None:
        self._tries: dict[OrderId, int] = {}
        self._first: set[OrderId] | None = None

    def begin(self, order_ids: Iterable[OrderId]) -> None:
        """A new connection: these orders were out when it was made."""
        self._first = set(order_ids)

    def looked_for(self, order_id: OrderId) -> None:
        """An order was looked for, whatever came of it."""
        if self._first is not None:
            self._first.discard(order_id)

    def is_complete(self) -> bool:
        """Whether all that were out have been looked for once; true once for each connection."""
        if self._first is None or self._first:
            return False
        self._first = None
        return True

    def next_delay_s(self, order_id: OrderId, final_in_s: float = 0.0) -> float:
        """Seconds until an order is looked for again: longer each time.

        `final_in_s` is when not finding it becomes final, if that is still ahead: no look is put
        off beyond that instant.
        """
        tries = self._tries.get(order_id, 0)
        self._tries[order_id] = tries + 1
        delay_s = READ_BACK_S[min(tries, len(READ_BACK_S) - 1)]
        return min(delay_s, final_in_s) if final_in_s > 0 else delay_s

    def found(self, order_id: OrderId) -> None:
        """Forget how often it was looked for."""
        self._tries.pop(order_id, None)
