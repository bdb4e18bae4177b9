"""Why: everything that happened to one alert, step by step, in words and numbers."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import fields, frozen

from journal import Recorded
from trading.alert_events import (
    AlertAccepted,
    AlertQuarantined,
    AlertUnreadable,
    SignalApproved,
    SignalHeld,
    SignalRead,
    SignalRefused,
    StillHeld,
)
from trading.event import Event
from trading.order_events import (
    CancelOverdue,
    CancelRejected,
    CancelRequested,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderDoneForDay,
    OrderExpired,
    OrderFilled,
    OrderPlanned,
    OrderRefused,
    OrderReinstated,
    OrderRejected,
    OrderReplaced,
    OrderStopped,
    OrderSuspended,
    ReplaceRejected,
    ReplaceRequested,
    SubmitStarted,
    SubmitUnknown,
)
from trading.sessions import in_new_york
from trading.vocabulary import Code, Origin
from trading.words import in_words
from web.figures import instant, number


TOLD_ELSEWHERE = frozenset(
    {"at", "alert_id", "account", "checks", "inputs", "faults", "body", "origin"}
)
"""Fields that stand in the step itself, in its sentence, or spread among its numbers."""


@frozen(kw_only=True)
class Step:
    """One fact about an alert; `elapsed_ms` counts from its receipt."""

    seq: int
    at: datetime
    elapsed_ms: int
    event: str
    account: str | None
    sentence: str
    inputs: dict[str, str]


def steps(records: Iterator[Recorded]) -> Iterator[Step]:
    """An alert's facts in order, from its receipt on."""
    received: datetime | None = None
    for record in records:
        event = record.event
        received = received or event.at
        yield Step(
            seq=record.seq,
            at=event.at,
            elapsed_ms=round((event.at - received).total_seconds() * 1000),
            event=type(event).__name__,
            account=getattr(event, "account", None),
            sentence=sentence(event),
            inputs=inputs(event),
        )


def step_object(step: Step) -> dict[str, object]:
    """A step as JSON."""
    return {
        "seq": step.seq,
        "at": instant(step.at),
        "elapsed_ms": step.elapsed_ms,
        "event": step.event,
        "account": step.account,
        "sentence": step.sentence,
        "inputs": step.inputs,
    }


def sentence(event: Event) -> str:
    """What happened, for people."""
    match event:
        case AlertAccepted():
            asks = "asked" if event.origin is Origin.WEBHOOK else "leaves by our own clock"
            return f"{event.strategy} {asks}: {_asked(event)}"
        case AlertUnreadable():
            return f"the alert could not be read: {'; '.join(event.faults)}"
        case SignalApproved():
            return f"{len(event.checks)} checks passed"
        case SignalRefused():
            return f"refused, {event.code}: {in_words(event.code, {})}"
        case SignalRead():
            return f"read by what {event.strategy} held then: {number(event.before)} {event.symbol}"
        case SignalHeld(code=Code.REVERSAL_NOT_FLAT):
            until = in_new_york(event.until)
            return f"what it reverses is closed first; it opens then, until {until}"
        case SignalHeld():
            why = in_words(event.code, {})
            return f"held until {in_new_york(event.until)}, {event.code}: {why}"
        case StillHeld():
            return f"{event.code}: {event.strategy} holds {number(event.quantity)} {event.symbol}"
        case AlertQuarantined():
            return "quarantined: it brought down whoever decided it three times"
        case OrderPlanned():
            what = f"{event.side} {number(event.quantity)} {event.symbol}"
            return f"order planned: {what} {event.order_type}, {event.intent}"
        case OrderFilled():
            label = f", {event.label}" if event.label else ""
            what = f"{event.side} {number(event.quantity)} {event.symbol}"
            return f"filled: {what} at {number(event.price)}{label}"
        case _:
            return _of_order(event)


def _of_order(event: Event) -> str:
    match event:
        case SubmitStarted():
            return "sent to the venue"
        case OrderAccepted():
            return f"the venue has the order as {event.broker_order_id}"
        case OrderRejected():
            return f"the venue refused it, {event.code}: {event.reason}"
        case SubmitUnknown():
            return f"no answer tells its fate; it is read back, never sent again: {event.reason}"
        case OrderAbsent():
            return f"looked for at the venue and not there: {event.reason}"
        case OrderAbandoned():
            return f"never sent, {event.code}: {in_words(event.code, {})}"
        case OrderRefused():
            return f"refused at the last look, {event.code}: {in_words(event.code, {})}"
        case CancelRequested():
            return f"asked the venue to cancel it, {event.code}: {in_words(event.code, {})}"
        case _:
            return _of_order_at_the_venue(event)


def _of_order_at_the_venue(event: Event) -> str:
    match event:
        case CancelOverdue():
            return "the venue has not answered the cancel in time; a person should look"
        case CancelRejected():
            return f"the venue did not cancel it: {event.reason}"
        case OrderCancelled():
            return "the venue cancelled it"
        case OrderExpired():
            return "its time was over at the venue; after an entry TradingView may think you are in"
        case OrderDoneForDay():
            return "the venue works it no more today"
        case OrderSuspended():
            return "the venue set it aside"
        case OrderStopped():
            return "the venue guarantees it a price"
        case OrderReinstated():
            return "the venue works it again"
        case ReplaceRequested():
            return f"asked the venue for other terms: {_terms(event)}"
        case OrderReplaced():
            return f"the venue works it as {event.broker_order_id}: {_terms(event)}"
        case ReplaceRejected():
            return f"the venue kept its terms: {event.reason}"
        case ExecutionBusted():
            what = f"{number(event.quantity)} {event.symbol} at {number(event.price)}"
            return f"the venue took an execution back: {what}"
        case ExecutionCorrected():
            was = f"{number(event.was_quantity)} at {number(event.was_price)}"
            now = f"{number(event.quantity)} at {number(event.price)}"
            return f"the venue corrected an execution of {event.symbol}: {was} is {now}"
        case _:
            return type(event).__name__


def _terms(event: ReplaceRequested | OrderReplaced) -> str:
    limit = "" if event.limit_price is None else f", limit {number(event.limit_price)}"
    stop = "" if event.stop_price is None else f", stop {number(event.stop_price)}"
    return f"{number(event.quantity)}{limit}{stop}"


def _asked(event: AlertAccepted) -> str:
    quantity = "all" if event.quantity is None else number(event.quantity)
    price = "" if event.price is None else f" at {number(event.price)}"
    where = f" on {', '.join(event.routes)}" if event.routes else ", to be recorded only"
    return f"{event.action} {quantity} {event.symbol}{price}{where}"


def inputs(event: Event) -> dict[str, str]:
    """The numbers of a fact: its own fields, and what its checks looked at."""
    own = {
        field.name: text
        for field in fields(type(event))
        if field.name not in TOLD_ELSEWHERE and (text := _text(getattr(event, field.name)))
    }
    for check in getattr(event, "checks", ()):
        own.update(check.inputs)
    return own | getattr(event, "inputs", {})


def _text(value: object) -> str:
    match value:
        case None | "" | ():
            return ""
        case Decimal():
            return number(value) or ""
        case datetime():
            return instant(value)
        case StrEnum():
            return value.value
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)
