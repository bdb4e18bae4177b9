"""WebhookActor: is this alert genuine, new and readable? If so, whose is it to decide?"""

import contextlib
import hashlib
import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

from attrs import evolve, frozen

from actors.dedup import Dedup
from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Memory
from actors.messages import Answer, Receive, Taken
from actors.runtime import Address, Birth, MailboxFull, Reply, deliver
from actors.turned_away import TurnedAway
from journal import Draft, Recorded
from journal.recall import Recall
from trading.alert_events import AlertAccepted, AlertUnreadable
from trading.alerts import Sender, Signal, interpret
from trading.document import Document, Fault, masked, read
from trading.event import Event
from trading.events import CommandQuarantined
from trading.limiter import Bucket, filled, taken
from trading.masking import Mask
from trading.vocabulary import AccountName, AlertId, StrategyName


log = logging.getLogger("trading_bot.webhook")

WEBHOOK_FACTS = interest((AlertAccepted, AlertUnreadable))
MAX_WAITING = 2_000
"""How many alerts may wait for the disk before new ones are turned away with a 503."""

BUSY = Answer(503, {"status": "unavailable", "code": "BUSY"})
NOT_DURABLE = Answer(503, {"status": "unavailable", "code": "JOURNAL_CANNOT_COMMIT"})
QUARANTINED = Answer(400, {"status": "quarantined", "code": "QUARANTINED"})
BAD_SECRET = Answer(
    401,
    {
        "status": "unauthorized",
        "code": "BAD_SECRET",
        "reason": "the alert's secret is missing or wrong; `python app.py template STRATEGY` "
        "prints the alert text with the right one",
    },
)


class Matches(Protocol):
    """A secret that can be compared in constant time and never shows itself."""

    def matches(self, text: str) -> bool:
        """Whether this is the secret."""
        ...


@frozen(kw_only=True)
class Desk:
    """What the front desk knows of a strategy: who decides its alerts, and how it proves itself.

    `secret` None means the common one; where it is set, it alone holds.
    """

    accounts: tuple[AccountName, ...]
    sender: Sender
    id_is_unique: bool
    secret: Matches | None = None


def dedup_memory(window: timedelta) -> Memory[Dedup]:
    """What the WebhookActor remembers: what it accepted, to know its repetitions."""
    return Memory(
        name="webhook",
        kind=Dedup,
        begin=lambda: Dedup(window),
        step=_remembered,
        interest=WEBHOOK_FACTS,
    )


def _remembered(dedup: Dedup, event: Event) -> Dedup:
    if isinstance(event, AlertAccepted):
        dedup.fold(event)
    return dedup


class WebhookActor(EventSourced[Dedup]):
    """Authenticates, limits, parses and dedupes alerts; answers when they are durable."""

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        strategies: Mapping[StrategyName, Desk],
        secret: Matches,
        mask: Mask,
        rate_per_minute: int | None,
        dedup_window: timedelta,
    ) -> None:
        memory = dedup_memory(dedup_window)
        super().__init__(birth, journal=journal, reader=reader, memory=memory)
        self._strategies = strategies
        self._senders = {name: desk.sender for name, desk in strategies.items()}
        self._secret = secret
        self._mask = mask
        self._turned = TurnedAway()
        self._rate = rate_per_minute
        self._waiting: dict[int, Reply[Answer]] = {}
        self._answers: list[tuple[Reply[Answer], Answer]] = []
        self._buckets: dict[StrategyName, Bucket] = {}
        self._quarantined: set[bytes] = set()

    # --- memory ---------------------------------------------------------------------------------

    def forget(self) -> None:
        """Nothing is known of earlier alerts until they are folded."""
        self._turn_away()
        super().forget()

    def committed(self, recorded: Recorded) -> None:
        """Only now is an alert accepted."""
        reply = self._waiting.pop(recorded.number, None)
        if reply is not None and isinstance(recorded.event, AlertAccepted):
            body = {"status": "accepted", "alert_id": recorded.event.alert_id}
            self._answers.append((reply, Answer(200, body)))

    def settle(self) -> None:
        """Answer everything one commit made true with one wake-up of the edge."""
        if self._answers:
            answers, self._answers = self._answers, []
            deliver(answers)

    def taken(self, message: Taken) -> None:
        """The key exists: this alert was accepted before."""
        reply = self._waiting.pop(message.draft.number, None)
        first = message.first.event
        if reply is not None and isinstance(first, AlertAccepted):
            reply.set(Answer(200, {"status": "duplicate", "alert_id": first.alert_id}))
            log.info("alert_duplicate", extra={"alert_id": first.alert_id})

    def lost(self, drafts: Iterable[Draft]) -> None:  # noqa: ARG002 - all that wait are lost
        """The disk refused: the sender should try again."""
        self._turn_away()

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Nobody will answer those who wait; let them try again."""
        self._turn_away()

    def _turn_away(self) -> None:
        deliver((reply, NOT_DURABLE) for reply in self._waiting.values())
        self._waiting.clear()

    # --- one request ----------------------------------------------------------------------------

    def handle(self, message: object) -> None:
        """Take a request."""
        if not isinstance(message, Receive):
            raise TypeError(f"the WebhookActor does not know {message!r}")
        if self.is_deadly(message.body):
            answer: Answer | None = self._quarantine(message)
        else:
            self.take_in_hand(message.body)
            answer = self._receive(message)
            self.take_in_hand(None)
        if answer is not None:
            message.reply.set(answer)
            if "alert_id" not in answer.body:  # nothing of it is in the journal
                self._turned.note(answer, message.address, self.clock.monotonic())

    def _quarantine(self, request: Receive) -> Answer:
        """A request that nobody survives reading is answered unread; that is written once."""
        if request.body not in self._quarantined:
            self._quarantined.add(request.body)
            digest = hashlib.sha256(request.body).hexdigest()[:16]
            what = f"a request of {len(request.body)} bytes, SHA-256 {digest}"
            now = self.clock.now()
            with contextlib.suppress(MailboxFull):
                self.append(CommandQuarantined(at=now, actor=self.address.name, what=what))
        return QUARANTINED

    def _receive(self, request: Receive) -> Answer | None:
        """The answer, or None where it has to wait for the disk."""
        document = read(request.body)
        presented = request.token or document.secret
        if presented is None and not document.fields and document.faults:
            return _invalid(document.faults)
        if presented is None or not self._genuine(document, presented):
            return BAD_SECRET
        if (wait_s := self._too_many(document)) is not None:
            return Answer(429, {"status": "limited", "code": "RATE_LIMIT"}, wait_s)
        if len(self._waiting) >= MAX_WAITING:
            return BUSY
        signal = interpret(document, self._senders)
        try:
            if isinstance(signal, Signal):
                self._accept(request, signal)
                return None
            return self._unreadable(request, self._without_secrets(document), signal)
        except MailboxFull:
            return BUSY

    def _genuine(self, document: Document, presented: str) -> bool:
        """A strategy's own secret alone holds for it; a body too broken to name one may use any."""
        named = self._strategies.get(StrategyName(document.strategy or ""))
        if named is not None:
            return (named.secret or self._secret).matches(presented)
        own = [] if document.fields else _own_secrets(self._strategies)
        candidates = [self._secret, *own]
        return any([secret.matches(presented) for secret in candidates])  # noqa: C419 - no short cut

    def _too_many(self, document: Document) -> int | None:
        """Seconds to wait where a strategy, or what names none, sends faster than allowed."""
        if self._rate is None:
            return None
        name = StrategyName(document.strategy or "")
        name = name if name in self._strategies else StrategyName("")
        now = Decimal(str(self.clock.monotonic()))
        bucket = filled(self._buckets.get(name), now, self._rate)
        self._buckets[name], wait_s = taken(bucket, self._rate)
        return wait_s

    def _accept(self, request: Receive, signal: Signal) -> None:
        desk = self._strategies[signal.strategy]
        if signal.client_id is not None:
            hidden = self._mask.hide(signal.client_id)
            signal = signal if hidden == signal.client_id else evolve(signal, client_id=hidden)
        dedup = self.state.key(signal, request.body, request.at, id_is_unique=desk.id_is_unique)
        accepted = AlertAccepted(
            at=request.at,
            alert_id=AlertId(request.id),
            strategy=signal.strategy,
            routes=desk.accounts,
            symbol=signal.symbol,
            action=signal.action,
            quantity=signal.quantity,
            price=signal.price,
            order_type=signal.order_type,
            limit_price=signal.limit_price,
            stop_price=signal.stop_price,
            trail_percent=signal.trail_percent,
            take_profit=signal.take_profit,
            stop_loss=signal.stop_loss,
            session=signal.session,
            time_in_force=signal.time_in_force,
            position_size=signal.position_size,
            prev_position_size=signal.prev_position_size,
            fired_at=signal.fired_at,
            message=masked(signal.message.encode(), self._mask) if signal.message else "",
            client_id=signal.client_id,
            address=request.address,
            dedup=dedup,
        )
        draft = self.append(accepted, keys=(dedup,), cause=request.id)
        self._waiting[draft.number] = request.reply

    def _unreadable(
        self, request: Receive, document: Document, faults: tuple[Fault, ...]
    ) -> Answer:
        quotable = interpret(document, self._senders)
        if not isinstance(quotable, Signal):  # else: what was too long is not, once it is masked
            faults = quotable
        self.append(
            AlertUnreadable(
                at=request.at,
                alert_id=AlertId(request.id),
                strategy=StrategyName(document.strategy[:64]) if document.strategy else None,
                faults=tuple(str(fault) for fault in faults),
                body=masked(request.body, self._mask),
                address=request.address,
            ),
            cause=request.id,
        )
        return _invalid(faults, alert_id=request.id)

    def _without_secrets(self, document: Document) -> Document:
        """A faulty document fit to be quoted, whichever field its sender put a secret into."""
        hide = self._mask.hide
        fields = {
            hide(name): hide(value) if isinstance(value, str) else value
            for name, value in document.fields.items()
        }
        if document.strategy in self._strategies:  # its name may hold what is a secret elsewhere
            fields["strategy"] = document.strategy
        faults = tuple(Fault(hide(f.place), hide(f.problem)) for f in document.faults)
        return Document(fields, faults, document.secret)


def _own_secrets(strategies: Mapping[StrategyName, Desk]) -> list[Matches]:
    return [desk.secret for desk in strategies.values() if desk.secret is not None]


def _invalid(faults: tuple[Fault, ...], **more: str) -> Answer:
    listed = [{"place": f.place, "problem": f.problem} for f in faults]
    return Answer(400, {"status": "invalid", "code": "INVALID_ALERT", **more, "faults": listed})
