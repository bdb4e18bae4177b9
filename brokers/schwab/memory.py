"""What was sent and what is known of it: a venue without our ids has to recognise our orders."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import define, field, frozen

from brokers.base import Bygone, Ticket
from brokers.schwab.orders import Fingerprint
from brokers.schwab.wire_orders import OrderRecord, executions_of, walked
from brokers.schwab.wire_words import Kind
from trading.vocabulary import BrokerOrderId, ExecutionId, OrderId


SKEW: Final = timedelta(minutes=2)
"""How far Schwab's clock may be from ours; its times are whole seconds."""

SETTLED: Final = timedelta(seconds=5 + 10 + 120)
"""From the send on: its deadline, the request's time, and two minutes for Schwab to show it."""

KEPT_ENDED: Final = 2_000
"""How many orders that are over are still remembered."""


NOTHING: Final = Bygone(broker_order_ids=frozenset(), executions=frozenset())


@define(kw_only=True)
class Attempt:
    """One order that was sent, or may have been; `ids` are its ids at Schwab, the newest last."""

    ticket: Ticket
    fingerprint: Fingerprint
    sent_at: datetime
    ids: list[BrokerOrderId] = field(factory=list)
    told: set[ExecutionId] = field(factory=set)
    is_over: bool = False

    @property
    def newest(self) -> BrokerOrderId | None:
        """The id it goes under now; None: not known yet."""
        return self.ids[-1] if self.ids else None


@frozen(kw_only=True)
class Sent:
    """An order of an earlier life, as the journal has it."""

    ticket: Ticket
    fingerprint: Fingerprint
    sent_at: datetime
    broker_order_id: BrokerOrderId | None = None


@define
class Memory:
    """Every order of ours that is not over, the last ones that are, and whose ids are whose."""

    attempts: dict[OrderId, Attempt] = field(factory=dict)
    _owners: dict[BrokerOrderId, OrderId] = field(factory=dict)
    _first_seen: dict[str, datetime] = field(factory=dict)
    _bygone: Bygone = NOTHING

    def leave_aside(self, bygone: Bygone) -> None:
        """These orders of an earlier life are over, and nobody's any more."""
        self._bygone = bygone

    def note(self, sent: Sent) -> Attempt:
        """Remember an order that is about to be sent, or was in an earlier life."""
        order_id = sent.ticket.order_id
        attempt = Attempt(ticket=sent.ticket, fingerprint=sent.fingerprint, sent_at=sent.sent_at)
        self.attempts[order_id] = attempt
        if sent.broker_order_id is not None:
            self.bind(order_id, sent.broker_order_id)
        return attempt

    def forget(self, order_id: OrderId) -> None:
        """It was not sent, or refused: there is nothing to recognise."""
        attempt = self.attempts.pop(order_id, None)
        for known in attempt.ids if attempt is not None else ():
            self._owners.pop(known, None)

    def bind(self, order_id: OrderId, broker_order_id: BrokerOrderId) -> None:
        """An order goes under this id from now on; those it had before stay its own."""
        attempt = self.attempts[order_id]
        if broker_order_id not in attempt.ids:
            attempt.ids.append(broker_order_id)
        self._owners[broker_order_id] = order_id

    def owner(self, broker_order_id: str) -> OrderId | None:
        """Whose id at Schwab this is; None: not one of ours that we know."""
        return self._owners.get(BrokerOrderId(broker_order_id))

    def live(self) -> tuple[Attempt, ...]:
        """What may still trade, as far as is known."""
        return tuple(attempt for attempt in self.attempts.values() if not attempt.is_over)

    def in_doubt(self, fingerprint: Fingerprint, now: datetime) -> bool:
        """Whether a like order is on its way, or its fate unknown and not settled yet."""
        return any(
            not attempt.ids
            and not attempt.is_over
            and attempt.fingerprint == fingerprint
            and now < attempt.sent_at + SETTLED
            for attempt in self.attempts.values()
        )

    def over(self, attempt: Attempt) -> None:
        """An order has ended; the oldest of those that have are forgotten."""
        attempt.is_over = True
        ended = [order_id for order_id, a in self.attempts.items() if a.is_over]
        for order_id in ended[: max(len(ended) - KEPT_ENDED, 0)]:
            self.forget(order_id)

    def saw(self, records: Iterable[OrderRecord], now: datetime) -> None:
        """Remember when each order was first shown: what was there before is no later send's."""
        for record in walked(records):
            self._first_seen.setdefault(record.order_id, now)
        gone = now - 2 * timedelta(days=1)
        if len(self._first_seen) > 2 * KEPT_ENDED:
            self._first_seen = {k: at for k, at in self._first_seen.items() if at > gone}

    def recognised(self, attempt: Attempt, records: Iterable[OrderRecord]) -> list[OrderRecord]:
        """The orders that may be this one, in every status: a refusal leaves a record too.

        Of several that were sent with the same terms before a crash each had waited for the answer
        to the one before, so that they stand at Schwab in the order in which they were sent.
        """
        told = tuple(records)
        found = self._like(attempt, told)
        rivals = [other for other in self._alike(attempt) if self._share(found, other, told)]
        if attempt not in rivals or len(found) > len(rivals):
            return found
        place = rivals.index(attempt)
        return sorted(found, key=lambda record: int(record.order_id))[place : place + 1]

    def _alike(self, attempt: Attempt) -> list[Attempt]:
        """Those of the same terms that have no id yet, this one too, as they were sent."""
        alike = [
            other
            for other in self.attempts.values()
            if not other.ids and not other.is_over and other.fingerprint == attempt.fingerprint
        ]
        return sorted(alike, key=lambda other: other.sent_at)

    def _share(
        self, found: Sequence[OrderRecord], other: Attempt, records: Sequence[OrderRecord]
    ) -> bool:
        return any(record in found for record in self._like(other, records))

    def _like(self, attempt: Attempt, records: Iterable[OrderRecord]) -> list[OrderRecord]:
        return [
            record
            for record in walked(records)
            if self.owner(record.order_id) is None
            and not self._is_bygone(record)
            and not self._is_older(record, attempt)
            and abs(record.entered_time - attempt.sent_at) <= SKEW
            and (record.is_by_program or not record.tag)
            and is_like(record, attempt.fingerprint)
        ]

    def _is_bygone(self, record: OrderRecord) -> bool:
        if record.order_id in self._bygone.broker_order_ids:
            return True
        return any(e.execution_id in self._bygone.executions for e in executions_of(record))

    def _is_older(self, record: OrderRecord, attempt: Attempt) -> bool:
        first_seen = self._first_seen.get(record.order_id)
        return first_seen is not None and first_seen < attempt.sent_at


def is_like(record: OrderRecord, wanted: Fingerprint) -> bool:
    """Whether an order has these terms. Where a trailing stop stands now is not asked."""
    leg = record.leg
    if leg is None or leg.instrument.share != wanted.symbol:
        return False
    same = (
        leg.instruction is wanted.instruction
        and record.quantity == wanted.quantity
        and record.order_type is wanted.kind
        and record.duration is wanted.duration
    )
    if not same or wanted.kind is Kind.TRAILING_STOP:
        return same and record.stop_price_offset in (None, wanted.trail)
    prices = (wanted.price, record.price), (wanted.stop_price, record.stop_price)
    return all(ours is None or ours == theirs for ours, theirs in prices)


def location_id(location: str, account_hash: str) -> BrokerOrderId | None:
    """The order id in a Location; None: there is none, or it is another account's."""
    parts = location.rstrip("/").split("/")
    if len(parts) < 4 or parts[-2] != "orders" or not parts[-1].isdigit():
        return None
    return BrokerOrderId(parts[-1]) if parts[-3] == account_hash else None


def successor(record: OrderRecord, others: Mapping[str, OrderRecord]) -> OrderRecord | None:
    """The order that took a replaced one's place: by name, else the one that came as it ended."""
    for named in record.replacing_order_collection:
        if named.order_id in others:
            return others[named.order_id]
    leg = record.leg
    if leg is None or record.close_time is None:
        return None
    candidates = [
        other
        for other in others.values()
        if other.leg is not None
        and other.order_id != record.order_id
        and other.entered_time == record.close_time
        and other.leg.instruction is leg.instruction
        and other.leg.instrument.symbol == leg.instrument.symbol
    ]
    return candidates[0] if len(candidates) == 1 else None
