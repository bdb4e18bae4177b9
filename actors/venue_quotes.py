"""VenueQuotes: the last quotes of one account's market, told when their instant comes."""

import heapq
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Final, Protocol

from actors.market_messages import BarEnded, Quoted
from actors.messages import Tick
from actors.runtime import Address, Alarms, Birth, Cancel, MailboxFull, Worker
from brokers.market import Candle, Quote
from brokers.quote_file import LineFault, Shown, known_at
from brokers.quote_tape import as_quote, last_quotes
from trading.vocabulary import AccountName, Symbol


log = logging.getLogger("trading_bot.market")

LOOK: Final = Tick("look_at_source")
DUE: Final = Tick("quote_is_due")
LOOK_EVERY_S: Final = 1.0
"""How soon a line that was appended is seen."""

FAR_OFF_S: Final = 60.0
"""The longest wait for the next quote in one piece: the clock may be set meanwhile."""


class Source(Protocol):
    """Where quotes come from, in pieces."""

    def read(self) -> Sequence[Shown]:
        """What has come since it was last asked; the first time everything.

        Raises:
            OSError: it cannot be read now.
        """
        ...

    def new_faults(self) -> Sequence[LineFault]:
        """What could not be understood since this was last asked."""
        ...


class VenueQuotes(Worker):
    """Reads a source and tells each quote when its instant comes, and of the past only the last.

    Who is too busy to hear a quote gets the next one.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        account: AccountName,
        source: Source,
        alarms: Alarms,
        to: Sequence[Address],
    ) -> None:
        super().__init__(birth)
        self._account = account
        self._source = source
        self._to = to
        self._alarms = self.own(alarms)
        self._looking = self._alarms.every(LOOK_EVERY_S, self.address, LOOK)
        self._waiting: Cancel | None = None
        self._number = count()  # of one instant the lines come in their order
        self._coming: list[tuple[datetime, int, Shown]] = []
        self._last: dict[Symbol, Quote] = {}
        self._is_readable = True

    @property
    def last(self) -> Mapping[Symbol, Quote]:
        """The last quote of each symbol, with its instant and source."""
        return self._last

    def on_start(self) -> None:
        """Tell where the market stands, and wait for what comes."""
        shown, now = self._read(), self.clock.now()
        self._put([each for each in shown if known_at(each) > now])
        for quote in last_quotes(shown, now).values():
            self._tell(quote)
        self._await_next()
        self.started()

    def receive(self, message: object) -> None:
        """A second has passed, or a quote is due."""
        match message:
            case Tick(name="look_at_source"):
                self._put(self._read())
            case Tick(name="quote_is_due"):
                pass
            case _:
                raise TypeError(f"VenueQuotes does not know {message!r}")
        self._tell_due()
        self._await_next()

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Look and wait no more."""
        self._looking.cancel()
        self._wait_no_more()

    # --- what comes -----------------------------------------------------------------------------

    def _read(self) -> list[Shown]:
        account = self._account
        try:
            shown = list(self._source.read())
        except OSError as error:
            if self._is_readable:
                log.warning("quotes_unreadable", extra={"account": account, "error": str(error)})
            self._is_readable = False
            return []
        self._is_readable = True
        for fault in self._source.new_faults():
            place = {"line": fault.line, "column": fault.column}
            log.warning(
                "quote_not_understood", extra={"account": account, **place, "error": fault.message}
            )
        return shown

    def _put(self, shown: Sequence[Shown]) -> None:
        for each in shown:
            heapq.heappush(self._coming, (known_at(each), next(self._number), each))

    def _tell_due(self) -> None:
        now = self.clock.now()
        while self._coming and self._coming[0][0] <= now:
            self._tell(heapq.heappop(self._coming)[2])

    def _await_next(self) -> None:
        self._wait_no_more()
        if self._coming:
            delay_s = (self._coming[0][0] - self.clock.now()).total_seconds()
            self._waiting = self._alarms.after(min(max(delay_s, 0.0), FAR_OFF_S), self.address, DUE)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    # --- what is told ---------------------------------------------------------------------------

    def _tell(self, shown: Shown) -> None:
        quote = as_quote(shown)
        known = self._last.get(quote.symbol)
        if known is None or quote.at >= known.at:
            self._last[quote.symbol] = quote
        message = BarEnded(shown) if isinstance(shown, Candle) else Quoted(shown)
        for address in self._to:
            try:
                address.tell(message)
            except MailboxFull:
                continue
