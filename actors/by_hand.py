"""Acts on the books by hand: what the edge asks a RiskActor, and who waits for its answer."""

from collections.abc import Mapping

from attrs import Factory, define, frozen

from actors.runtime import Reply
from trading.bookings import ByHand
from trading.by_hand import Adjust, Adopt, Ask, Declined, Signature, Transfer
from trading.desk import Desk
from trading.money import plain
from trading.vocabulary import BookingId


@frozen
class BookByHand:
    """A person puts an account's books in order; nothing is traded."""

    ask: Ask
    signature: Signature
    reply: Reply["BookedByHand"]


@frozen(kw_only=True)
class BookedByHand:
    """What came of it: durable, `declined`, or `failed` and nothing was booked.

    `before` and `after` are what those held whom it concerns, by name.
    """

    declined: Declined | None = None
    failed: str = ""
    before: Mapping[str, str] = {}
    after: Mapping[str, str] = {}


@define
class Waiting:
    """Who waits for a booking to be durable; owned by the actor that decides it."""

    _answers: dict[BookingId, tuple[Reply[BookedByHand], BookedByHand]] = Factory(dict)

    def add(self, booked: ByHand, reply: Reply[BookedByHand], answer: BookedByHand) -> None:
        """Answer so once this is durable."""
        self._answers[booked.booking_id] = (reply, answer)

    def durable(self, booked: ByHand) -> None:
        """It is."""
        reply, answer = self._answers.pop(booked.booking_id, (None, None))
        if reply is not None and answer is not None:
            reply.set(answer)

    def give_up(self, why: str) -> None:
        """None of them will be."""
        for reply, _ in self._answers.values():
            reply.set(BookedByHand(failed=why))
        self._answers.clear()


def concerned(desk: Desk, ask: Ask) -> dict[str, str]:
    """What those hold whom an act concerns, by name."""
    book, held = desk.book, {}
    if isinstance(ask, Adjust) and ask.cash:
        held["cash"] = "unknown" if book.cash is None else plain(book.cash)
    if ask.symbol is None:
        return held
    if isinstance(ask, Adopt) or ask.strategy is None:
        held["external"] = plain(book.outside(ask.symbol).quantity)
    strategies = (ask.strategy, ask.to) if isinstance(ask, Transfer) else (ask.strategy,)
    for strategy in strategies:
        if strategy is not None:
            held[strategy] = plain(book.position(strategy, ask.symbol).quantity)
    return held
