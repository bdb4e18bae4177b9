"""An account kept in step with its venue: what the venue did without us comes into our books."""

import abc
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from actors.catching_up import CatchingUp
from actors.looks import (
    Looked,
    LookFailed,
    held_of,
    price_of,
)
from actors.messages import FoundOut, Reported, Tick
from actors.runtime import Cancel
from brokers.base import Execution
from trading.differences import AccountReconciled
from trading.events import AccountOpened
from trading.hours import Hours
from trading.missed import exits_only
from trading.reconcile import (
    NO_DOUBTS,
    Difference,
    differences,
    doubts_of,
    end_of_silence,
    facts_of_differences,
    stop_of_silence,
    stops_of_differences,
)
from trading.splits import split_explaining
from trading.vocabulary import StrategyName, Symbol


LOOK_EVERY_S: Final = 30.0
IN_DOUBT_S: Final = 10.0
"""How soon it looks again where venue and books differ."""
SOON_S: Final = 1.0
FAILED_CAP_S: Final = 30.0
BUSY: Final = 1_000
"""After so many executions in the time between two looks the next one waits for calmer times: what
the venue tells by itself is enough meanwhile, and a look goes through each of them once more.
"""


class ReconciledAccount(CatchingUp):
    """Looks at the venue at each connection, before anything is decided, and again and again.

    Nothing is concluded from a look that failed, and positions are compared only with executions of
    the same instant. What the venue did is booked under the venue's own ids, once ever.
    """

    _next_look: Cancel | None = None

    def forget(self) -> None:
        """Nothing seen yet."""
        super().forget()
        self._doubts = NO_DOUBTS
        self._since: datetime | None = None
        self._agreed: dict[Symbol, Decimal] = {}
        self._is_looking = False
        self._heard = 0
        self._failed_s = SOON_S
        self._unseen_since: datetime | None = None
        self._cancel_look()

    @abc.abstractmethod
    def _hours(self) -> Mapping[StrategyName, Hours]:
        """Whose sessions each strategy keeps."""

    # --- messages -------------------------------------------------------------------------------

    def hear(self, message: object) -> None:
        """What a look brought, and when the next one is due."""
        match message:
            case Looked() | LookFailed():
                if message.wire == self.wire.name:
                    self._is_looking = False
                    self._take_look(message)
            case Tick(name=name) if name.startswith("look:"):
                if name == f"look:{self.wire.name}":
                    self._look_when_calm()
            case Reported(report=Execution() as execution):
                self._heard += 1
                if self._executed(execution):
                    self._seen_ids.add(execution.execution_id)
                else:
                    self._look_in(SOON_S)  # a look says whose it is
            case FoundOut():
                super().hear(message)
                self._noted_absence(message)
            case _:
                super().hear(message)

    # --- looking --------------------------------------------------------------------------------

    def _look_when_calm(self) -> None:
        is_busy, self._heard = self._heard > BUSY, 0
        if is_busy and self._is_reconciled:
            self._look_in(LOOK_EVERY_S)
        else:
            self._look()

    def _look(self) -> None:
        if not self._is_looking:
            self._cancel_look()
            self._is_looking = True
            self.wire.look(self._looks_from())

    def _looks_from(self) -> datetime:
        since = self._since or self._desk.reconciled_at
        if since is None and self._desk.book.cash is not None:
            opened = self._reader.events(account=self._account, types=(AccountOpened,), limit=1)
            since = next((recorded.event.at for recorded in opened), None)
        return since or self.clock.now()

    def _look_in(self, seconds: float) -> None:
        self._cancel_look()
        tick = Tick(f"look:{self.wire.name}")
        self._next_look = self._alarms.after(seconds, self.address, tick)

    def _cancel_look(self) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None

    def _take_look(self, told: Looked | LookFailed) -> None:
        if isinstance(told, LookFailed):
            self._look_in(self._failed_s)
            self._failed_s = min(self._failed_s * 2, FAILED_CAP_S)
            self._not_seen(told.reason)
            return
        self._failed_s, self._unseen_since = SOON_S, None
        if healed := end_of_silence(self._account, self._desk.stops, self.clock.now()):
            self.append(healed, cause=f"broker:{self._account}")
        self._cash = told.balances.cash
        if self._desk.book.cash is not None:
            self._catch_up(told)
            self._since = told.asked_at
        elif told.is_steady:
            self._open(told)
        if not told.is_steady:  # of no use for comparing; at a start that is waited for
            self._look_in(IN_DOUBT_S if self._is_reconciled else SOON_S)
            return
        self._compare(told)
        self._reconciled(told)
        in_doubt = self._doubts or self._desk.differences
        self._look_in(IN_DOUBT_S if in_doubt else LOOK_EVERY_S)

    def _not_seen(self, reason: str) -> None:
        """An account that is traded on and not seen for a while is not entered any more."""
        now = self.clock.now()
        since = self._unseen_since = self._unseen_since or now
        stop = stop_of_silence(self._account, since, reason, self._desk.stops, now)
        if stop is not None and self._is_reconciled:
            self.append(stop, cause=f"broker:{self._account}")

    def _open(self, looked: Looked) -> None:
        """What is there at the first sight is external, and what led to it is never booked."""
        ids: list[str] = [e.execution_id for e in looked.executions]
        ids += [t.transaction_id for t in looked.transactions]
        opened = AccountOpened(
            at=self.clock.now(),
            account=self._account,
            cash=looked.balances.cash,
            positions=held_of(looked),
        )
        self.append(opened, keys=tuple(dict.fromkeys(map(self._booking_key, ids))))

    def _reconciled(self, looked: Looked) -> None:
        """Note that nothing is missing: at each connection, and while a strategy holds something.

        At a connection after a gap those that hold something get out of it only, until it is known
        that they missed nothing.
        """
        desk, cause = self._desk, f"broker:{self._account}"
        self._since = looked.asked_at
        if not self._is_reconciled:
            for trip in exits_only(desk, self._hours(), self.clock.now()):
                self.append(trip, cause=cause)
        elif not any(p.quantity for p in desk.book.positions.values()):
            return
        noted = AccountReconciled(at=self.clock.now(), account=self._account, upto=looked.asked_at)
        self.append(noted, cause=cause)
        self._is_reconciled = True
        self._ready_when_read()

    # --- what is unexplained --------------------------------------------------------------------

    def _compare(self, looked: Looked) -> None:
        found = self._differences(looked)
        splits = [difference for difference in found if self._is_split(looked, difference)]
        if splits:
            found = self._differences(looked)
        now, account, cause = self.clock.now(), self._account, f"broker:{self._account}"
        self._doubts = doubts_of(self._doubts, found, now)
        named = self._desk.differences
        for fact in facts_of_differences(account, named, found, self._doubts, now):
            self.append(fact, cause=cause)
        named, stops = self._desk.differences, self._desk.stops
        for stop in stops_of_differences(account, named, stops, now):
            self.append(stop, cause=cause)
        self._agree(looked, found)

    def _differences(self, looked: Looked) -> tuple[Difference, ...]:
        orders = self._desk.orders
        absent = [orders[i] for i in sorted(self._absent & orders.keys())]
        book, cash = self._desk.book, looked.balances.cash
        return differences(book, looked.positions, cash, absent)

    def _is_split(self, looked: Looked, difference: Difference) -> bool:
        """Book a split that explains a difference, the second time that it is seen."""
        symbol = difference.symbol
        if symbol is None or difference.key not in self._doubts:
            return False
        before = self._agreed.get(symbol) or self._desk.book.mark(symbol) or Decimal(0)
        now = self.clock.now()
        day = self._desk.book.calendar.trading_day(now)
        prices = (before, price_of(looked, symbol))
        split = split_explaining(self._account, difference, prices, now=now, day=day)
        if split is None or self._is_booked(key := self._booking_key(split.booking_id)):
            return False
        self.append(split, keys=(key,), cause=f"broker:{self._account}")
        return True

    def _agree(self, looked: Looked, found: tuple[Difference, ...]) -> None:
        """Remember what each share was worth while venue and books agreed on how many there are."""
        doubted = {difference.symbol for difference in found}
        for symbol in looked.positions:
            if symbol not in doubted:
                known = price_of(looked, symbol) or self._desk.book.mark(symbol)
                if known is not None:
                    self._agreed[symbol] = known
