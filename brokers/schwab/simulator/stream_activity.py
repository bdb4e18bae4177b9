"""What ACCT_ACTIVITY tells of orders: the difference between two worlds, event by event. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import orjson
from attrs import frozen

from brokers.schwab.simulator.answers import Json
from brokers.schwab.simulator.model import ENDED, Activity, Order, Status, World
from brokers.schwab.simulator.stream_words import packed
from trading.money import ZERO
from trading.sessions import NEW_YORK
from trading.vocabulary import Side


SUBSCRIBED: Final = "SUBSCRIBED"
ROUTING: Final = {
    "ExecutionRequested": "ExecutionRequestedEventRoutedInfo",
    "ExecutionRequestCreated": "ExecutionRequestCreatedEvent",
    "ExecutionRequestCompleted": "ExecutionRequestCompletedEvent",
    "ExecutionCreated": "ExecutionCreatedEventExecutionInfo",
}
"""What comes before each fill, and the key of its payload."""


@frozen(kw_only=True)
class Told:
    """One activity: whose account, what type, and its data as the JSON text it is sent as."""

    account: str
    kind: str
    data: str


def told_of(before: World, after: World) -> Iterator[Told]:
    """What happened to orders between two worlds, oldest order first."""
    changed = [order for key, order in after.orders.items() if order is not before.orders.get(key)]
    new = {each.order_id for each in changed if each.order_id not in before.orders}
    replaced = [each for each in changed if _is_replaced(each, before)]
    instead = next((each for each in changed if each.order_id in new), None) if replaced else None
    for order in changed:
        if order.terms is None:
            continue
        if order.order_id in new:
            yield from _entered(order, is_change=order is instead)
        replaced_by = instead.order_id if instead is not None and order in replaced else None
        yield from _told_of(before.orders.get(order.order_id), order, replaced_by)


def _is_replaced(order: Order, before: World) -> bool:
    was = before.orders.get(order.order_id)
    return order.status is Status.REPLACED and was is not None and was.status not in ENDED


def _entered(order: Order, *, is_change: bool) -> Iterator[Told]:
    word = "Change" if is_change else "Order"
    yield _created(order, word)
    if order.status is not Status.REJECTED:
        accepted = {"EventType": f"{word}Accepted", "Status": "Open"}
        yield _event(order, f"{word}Accepted", f"{word}AcceptedEvent", accepted)


def _told_of(was: Order | None, order: Order, replaced_by: int | None) -> Iterator[Told]:
    known = {each.activity_id for each in was.activities} if was is not None else set()
    for report in order.activities:
        if report.activity_id not in known and not report.is_cancel:
            yield from _filled(order, report)
    if order.status in ENDED and (was is None or was.status not in ENDED):
        yield from _ended(order, replaced_by)


def _created(order: Order, word: str) -> Told:
    terms = order.terms
    assert terms is not None  # noqa: S101 - asked for orders with a leg only
    leg = {
        "LegID": str(order.order_id),
        "Quantity": packed(terms.quantity),
        "LeavesQuantity": packed(terms.quantity),
        "BuySellCode": _side(order),
        "Security": {"Symbol": terms.symbol, "MajorAssetType": "Equity"},
    }
    body = {
        "AccountInfo": {"AccountNumber": order.account},
        "LifecycleSchwabOrderID": str(order.order_id),
        "EntryTimestamp": _stamp(order.entered_at),
        "AssetOrderEquityOrderLeg": {
            "AssetType": "MajorAssetType_Equity",
            "TimeInForce": _camel(terms.duration),
            "OrderTypeCode": _camel(terms.order_type),
            "OrderLegs": [leg],
        },
    }
    held = {"SchwabOrderID": str(order.order_id), "Order": body}
    payload = {"EventType": f"{word}Created", "Order": held}
    return _event(order, f"{word}Created", f"{word}CreatedEventEquityOrder", payload)


def _filled(order: Order, report: Activity) -> Iterator[Told]:
    for kind, key in ROUTING.items():
        yield _event(order, kind, key, {"EventType": kind, "LegId": str(order.order_id)})
    terms = order.terms
    assert terms is not None  # noqa: S101 - asked for orders with a leg only
    so_far = [each for each in order.fills if each.activity_id <= report.activity_id]
    quantity = sum((each.quantity for each in so_far), ZERO)
    worth = sum((each.quantity * each.price for each in so_far), ZERO)
    leaves = terms.quantity - quantity
    number = str(report.activity_id)
    payload = {
        "EventType": "OrderFillCompleted",
        "LegId": str(order.order_id),
        "LegStatus": "LegClosed" if leaves == ZERO else "LegOpen",
        "QuantityInfo": {
            "ExecutionID": number,
            "CumulativeQuantity": packed(quantity),
            "LeavesQuantity": packed(leaves),
            "AveragePrice": packed(worth / quantity),
        },
        "ExecutionInfo": {
            "ExecutionSequenceNumber": len(so_far),
            "ExecutionId": number,
            "ExecutionQuantity": packed(report.quantity),
            "ExecutionPrice": packed(report.price),
            "ExecutionTimeStamp": _stamp(report.at),
            "ExecutionTransType": "Fill",
        },
        "OrderInfoForTransactionPosting": {
            "OrderTypeCode": _camel(terms.order_type),
            "BuySellCode": _side(order),
            "Symbol": terms.symbol,
            "Quantity": packed(terms.quantity),
            "LimitPrice": packed(terms.price),
            "StopPrice": packed(order.stop_price),
        },
    }
    # Also of a part: LeavesQuantity says whether it was the last one.
    key = "OrderFillCompletedEventOrderLegQuantityInfo"
    yield _event(order, "OrderFillCompleted", key, payload)


def _ended(order: Order, replaced_by: int | None) -> Iterator[Told]:
    if order.status is Status.EXPIRED:
        expired = {"EventType": "OrderExpired", "LegId": str(order.order_id)}
        yield _event(order, "OrderExpired", "OrderExpiredEvent", expired)
    elif order.status is Status.REJECTED:
        yield _out(order, "SystemReject", order.description)
    elif order.status in (Status.CANCELED, Status.REPLACED):
        leg = {"LegID": str(order.order_id)}
        if replaced_by is not None:
            leg["ChangedNewSchwabOrderId"] = str(replaced_by)
        payload = {"EventType": "CancelAccepted", "LegCancelRequestInfoList": [leg]}
        yield _event(order, "CancelAccepted", "CancelAcceptedEvent", payload)
        yield _out(order, "ClientCancel", None)


def _out(order: Order, how: str, reason: str | None) -> Told:
    payload: Json = {
        "EventType": "OrderUROutCompleted",
        "LegId": str(order.order_id),
        "OutCancelType": how,
    }
    if reason is not None:
        detail = {"NgOMSRuleName": "Simulator", "NgOMSRuleDescription": reason}
        payload["ValidationDetail"] = [detail]
    return _event(order, "OrderUROutCompleted", "OrderUROutCompletedEvent", payload)


def _event(order: Order, kind: str, key: str, payload: Json) -> Told:
    body = {
        "SchwabOrderID": str(order.order_id),
        "AccountNumber": order.account,
        "BaseEvent": {"EventType": kind, key: payload},
    }
    return Told(account=order.account, kind=kind, data=orjson.dumps(body).decode())


def _side(order: Order) -> str:
    assert order.terms is not None  # noqa: S101 - asked for orders with a leg only
    return "Buy" if order.terms.side is Side.BUY else "Sell"


def _camel(word: str) -> str:
    return "".join(part.capitalize() for part in word.split("_"))


def _stamp(at: datetime) -> Json:
    """An instant as activity has it: New York's clock, and no word of that."""
    text = f"{at.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S.%f}"
    return {"DateTimeString": text[:-3]}
