"""What previewOrder says: how an order would fare if it were placed now. Pure."""

from decimal import Decimal
from typing import Final

from brokers.fees import fee_of
from brokers.schwab.simulator.answers import Json, at_second, instrument
from brokers.schwab.simulator.model import Account, Order, Request, Status, World
from brokers.schwab.simulator.refusals import spendable
from trading.money import CENT, ZERO


LEVERAGE: Final = 2


def preview_body(before: World, account: Account, asked: Request, order: Order) -> Json:
    """The answer; `order` is what would become of the request."""
    rejected = order.status is Status.REJECTED
    fee = _fee(before, order)
    return {
        "orderId": 0,
        "orderStrategy": _strategy(before, account, asked, order),
        "orderValidationResult": _validated(order) if rejected else {},
        "commissionAndFee": {
            "commission": {"commissionLegs": [_values("commissionValues", "COMMISSION", ZERO)]},
            "fee": {"feeLegs": [_values("feeValues", "SEC_FEE", fee)]},
            "trueCommission": {"commissionLegs": [_values("commissionValues", "COMMISSION", ZERO)]},
        },
    }


def _strategy(before: World, account: Account, asked: Request, order: Order) -> Json:
    rejected = order.status is Status.REJECTED
    value = _value(before, order)
    spend = max(spendable(before, account) - (value if _opens(order) else ZERO), ZERO)
    spend = spend.quantize(CENT)
    body: Json = {
        "accountNumber": account.number,
        "advancedOrderType": _advanced(asked),
        "enteredTime": at_second(order.entered_at),
    }
    if rejected:
        body["closeTime"] = at_second(order.entered_at)
    body |= {
        "orderBalance": {
            "orderValue": value,
            "projectedAvailableFund": spend / (1 if account.kind == "CASH" else LEVERAGE),
            "projectedBuyingPower": spend,
            "projectedCommission": ZERO,
        },
        "orderStrategyType": order.strategy,
        "orderVersion": 1,
        "status": "REJECTED" if rejected else "ACCEPTED",
        "discretionary": False,
        "filledQuantity": ZERO,
        "orderValue": value,
        "sellNonMarginableFirst": False,
        "strategy": "NONE",
    }
    if (terms := order.terms) is not None:
        body |= {
            "session": terms.session,
            "duration": terms.duration,
            "orderType": terms.order_type,
            "quantity": terms.quantity,
            "remainingQuantity": ZERO if rejected else terms.quantity,
            "amountIndicator": "SHARES",
            "orderLegs": [_leg(before, order)],
        }
        if terms.price is not None:
            body["price"] = terms.price
    return body


def _leg(before: World, order: Order) -> Json:
    terms = order.terms
    assert terms is not None  # noqa: S101 - asked for orders with a leg only
    quote = before.quotes.get(terms.symbol)
    price = before.price(terms.symbol)
    return {
        "askPrice": (quote.ask if quote is not None else None) or ZERO,
        "bidPrice": (quote.bid if quote is not None else None) or ZERO,
        "lastPrice": price,
        "markPrice": price,
        "projectedCommission": ZERO,
        "quantity": terms.quantity,
        "legId": 1,
        "assetType": "EQUITY",
        "instruction": terms.instruction,
        "positionEffect": "OPENING" if terms.opens else "CLOSING",
        "instrument": instrument(terms.symbol),
    }


def _validated(order: Order) -> Json:
    detail = {
        "validationRuleName": "Simulator",
        "message": order.description or "",
        "activityMessage": order.description or "",
        "originalSeverity": "REJECT",
        "overrideName": "",
        "overrideSeverity": "REJECT",
    }
    return {"rejects": [detail]}


def _advanced(asked: Request) -> str:
    if asked.strategy != "TRIGGER":
        return "OCO" if asked.strategy == "OCO" else "NONE"
    if any(child.strategy == "OCO" for child in asked.children):
        return "OTOCO"
    return {1: "OTO", 2: "OT2OCO", 3: "OT3OCO"}.get(len(asked.children), "OTA")


def _opens(order: Order) -> bool:
    return order.terms is not None and order.terms.opens


def _price(before: World, order: Order) -> Decimal:
    terms = order.terms
    if terms is None:
        return ZERO
    quote = before.quotes.get(terms.symbol)
    met = quote.against(terms.side) if quote is not None else None
    return terms.price or terms.stop_price or met or before.price(terms.symbol)


def _value(before: World, order: Order) -> Decimal:
    quantity = order.terms.quantity if order.terms is not None else ZERO
    return quantity * _price(before, order)


def _fee(before: World, order: Order) -> Decimal:
    terms = order.terms
    if terms is None:
        return ZERO
    return fee_of(terms.side, terms.quantity, _price(before, order), order.entered_at)


def _values(name: str, kind: str, value: Decimal) -> Json:
    return {name: [{"value": value, "type": kind}]}
