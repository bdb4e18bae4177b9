"""A small desk that answers as Schwab's documents say, over real sockets; tests work its orders."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from aiohttp import web
from attrs import define, field

from brokers.schwab.wire_json import epoch_ms
from tests.brokers.schwab.bodies import HASH, NUMBER, activity
from tests.brokers.schwab.server import Hands, drops
from tests.trading.builders import AT


TRADER = f"/trader/v1/accounts/{HASH}"
OPEN_DAY = {
    "equity": {
        "EQ": {
            "isOpen": True,
            "sessionHours": {
                "regularMarket": [
                    {"start": "2026-03-02T09:30:00-05:00", "end": "2026-03-02T16:00:00-05:00"}
                ]
            },
        }
    }
}
CLOSED_DAY = {"equity": {"equity": {"isOpen": False}}}
NOW_MS = epoch_ms(AT)
OVER = ("FILLED", "CANCELED", "REJECTED", "EXPIRED", "REPLACED")


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}+0000"


@define
class Desk:
    """`fault` befalls the next write: before it is taken, after it, or without a Location."""

    hands: Hands
    orders: dict[int, dict[str, Any]] = field(factory=dict)
    families: dict[int, dict[str, Any]] = field(factory=dict)
    positions: list[dict[str, Any]] = field(factory=list)
    transactions: list[dict[str, Any]] = field(factory=list)
    days: dict[str, Any] = field(factory=dict)
    kind: str = "MARGIN"
    fault: str = ""
    posts: int = 0
    writes: list[str] = field(factory=list)
    _ids: int = 1005000000000
    _activities: int = 113000000000

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if request.method in ("POST", "PUT", "DELETE"):
            self.writes.append(f"{request.method} {path.removeprefix(TRADER)}")
            return await self._write(request, path)
        match path.removeprefix(TRADER):
            case "/trader/v1/accounts/accountNumbers":
                return web.json_response([{"accountNumber": NUMBER, "hashValue": HASH}])
            case "":
                return web.json_response(self._account())
            case "/orders":
                return web.json_response(self._listed(request))
            case "/transactions":
                return web.json_response(self.transactions)
            case "/marketdata/v1/markets":
                day = self.days.get(request.query["date"], OPEN_DAY)
                return web.json_response(day, status=200 if day else 400)
            case "/marketdata/v1/quotes":
                return web.json_response(
                    {s: quoted(s) for s in request.query["symbols"].split(",")}
                )
            case "/marketdata/v1/pricehistory":
                bar = {"open": 1, "high": 2, "low": 1, "close": 2, "volume": 3}
                at = int(request.query["startDate"])
                return web.json_response({"symbol": "X", "candles": [bar | {"datetime": at}]})
            case _:
                return self._one(path)

    def _listed(self, request: web.Request) -> list[dict[str, Any]]:
        start, end = (request.query[name][:19] for name in ("fromEnteredTime", "toEnteredTime"))
        shown = [o for o in self.orders.values() if start <= o["enteredTime"][:19] <= end]
        return shown[: int(request.query["maxResults"])]

    def _account(self) -> dict[str, Any]:
        money = {"cashBalance": 25000.0, "buyingPower": 50000.0}
        account: dict[str, Any] = {"type": self.kind, "accountNumber": NUMBER}
        account["currentBalances"] = money
        if self.positions:
            account["positions"] = self.positions
        return {"securitiesAccount": account}

    def _one(self, path: str) -> web.StreamResponse:
        number = path.rpartition("/")[2]
        for known in (self.orders, self.families):
            if number.isdigit() and int(number) in known:
                return web.json_response(known[int(number)])
        return web.json_response({"message": "Order not found"}, status=404)

    async def _write(self, request: web.Request, path: str) -> web.StreamResponse:
        fault, self.fault = self.fault, ""
        if fault == "before":
            return await drops(request)
        if fault.isdigit():
            return web.json_response({"message": "no such luck"}, status=int(fault))
        number = path.rpartition("/")[2]
        old = self.orders.get(int(number)) if number.isdigit() else None
        if number.isdigit() and (old is None or old["status"] in OVER):
            return web.json_response({"message": "Order cannot be canceled"}, status=400)
        if request.method == "DELETE":
            assert old is not None
            self.end(old, "CANCELED")
            return web.Response()
        if old is not None:
            self.end(old, "REPLACED")
        self.posts += 1
        new_id = self._take(json.loads(await request.text()))
        if fault == "twice":
            self._take(json.loads(await request.text()))
        if fault in ("after", "twice"):
            return await drops(request)
        where = {} if fault == "no location" else {"Location": f"{TRADER}/orders/{new_id}"}
        return web.Response(status=201, headers=where)

    def _take(self, body: dict[str, Any], status: str = "WORKING") -> int:
        self._ids += 1
        number = self._ids
        legs = [leg | {"legId": 1} for leg in body.get("orderLegCollection", [])]
        shown = {k: v for k, v in body.items() if k != "childOrderStrategies"}
        for name in ("price", "stopPrice"):
            if name in shown:
                shown[name] = float(shown[name])
        shown |= {"orderId": number, "status": status, "enteredTime": stamp(self.hands.now())}
        shown |= {"tag": "TA_dev1", "accountNumber": int(NUMBER), "filledQuantity": 0.0}
        if legs:
            shown |= {"orderLegCollection": legs, "quantity": float(legs[0]["quantity"])}
            self.orders[number] = shown
        below = "AWAITING_PARENT_ORDER" if legs else status
        children = [self._take(child, below) for child in body.get("childOrderStrategies", [])]
        if not legs:
            shown["childOrderStrategies"] = [self.orders[child] for child in children]
            self.families[number] = shown
        return number

    # --- what happens ---------------------------------------------------------------------------

    def fill(self, number: str | int, quantity: int, price: float) -> None:
        order = self.orders[int(number)]
        self._activities += 1
        told = activity(self._activities, quantity, price, at=stamp(self.hands.now()))
        order.setdefault("orderActivityCollection", []).append(told)
        order["filledQuantity"] += quantity
        if order["filledQuantity"] == order["quantity"]:
            order["status"] = "FILLED"

    def end(self, order: dict[str, Any], status: str, reason: str = "") -> None:
        self._activities += 1
        left = order["quantity"] - order["filledQuantity"]
        taken_back = activity(self._activities, left, 0.0, "CANCELED", stamp(self.hands.now()))
        if status != "REJECTED":
            order.setdefault("orderActivityCollection", []).append(taken_back)
        order |= {"status": status, "closeTime": stamp(self.hands.now())}
        order |= {"statusDescription": reason}

    def by_hand(self, like: str | int, tag: str = "API_TOS:TRADE_ALL", **more: Any) -> int:
        """The same order, from somewhere else."""
        self._ids += 1
        mine = {k: v for k, v in self.orders[int(like)].items() if k != "orderActivityCollection"}
        now = stamp(self.hands.now())
        mine |= {"orderId": self._ids, "status": "WORKING", "enteredTime": now, "tag": tag}
        self.orders[self._ids] = mine | more
        return self._ids


HARD_TO_BORROW = "HTB"


def quoted(symbol: str) -> dict[str, Any]:
    prices = {"bidPrice": 99.5, "askPrice": 99.52, "lastPrice": 99.51, "quoteTime": NOW_MS}
    lent = {"isShortable": True, "isHardToBorrow": symbol == HARD_TO_BORROW}
    return {"symbol": symbol, "realtime": True, "quote": prices, "reference": lent}


def dollars(value: float) -> Decimal:
    return Decimal(str(value))
