"""The simulator's one mutable place: its world, its grants, the faults ahead. Single thread."""

import secrets
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import asdict, define, evolve, field

from brokers.market import Quote
from brokers.schwab.simulator.answers import order_tree
from brokers.schwab.simulator.faults import Fault, read_fault
from brokers.schwab.simulator.grants import Grants
from brokers.schwab.simulator.life import match
from brokers.schwab.simulator.model import Account, Activity, Order, World
from brokers.schwab.simulator.stream_trouble import Trouble, Troubles
from brokers.schwab.simulator.tape import Tape
from trading.sessions import Calendar
from trading.vocabulary import Symbol


Watcher = Callable[[World, World], None]
"""Hears of a change of the world: what it was, what it is."""


def _tell(desk: "Desk", _: Any, world: World) -> World:
    desk.tape.changed(desk.world, world)
    for watcher in tuple(desk.watchers) if world is not desk.world else ():
        watcher(desk.world, world)
    return world


@define(kw_only=True)
class Desk:
    """What handlers read and replace; `now` is the only clock.

    `watchers` hear of every new world just before it takes the old one's place; `hidden`: orders
    that are not shown before an instant, for all that they are there.
    """

    app_key: str
    app_secret: str
    world: World = field(on_setattr=_tell)
    calendar: Calendar
    now: Callable[[], datetime]
    grants: Grants = field(factory=Grants)
    faults: list[Fault] = field(factory=list)
    troubles: Troubles = field(factory=Troubles)
    hidden: dict[int, datetime] = field(factory=dict)
    watchers: list[Watcher] = field(factory=list)
    tape: Tape = field(factory=Tape)

    def basic(self) -> str:
        """What the Authorization header of a token request must be."""
        return "Basic " + b64encode(f"{self.app_key}:{self.app_secret}".encode()).decode()

    def advance(self) -> None:
        """Let every order meet the clock and the quotes."""
        self.world = match(self.world, self.now(), self.calendar)

    def show(self, quote: Quote) -> None:
        """Let the market move."""
        self.world = evolve(self.world, quotes={**self.world.quotes, quote.symbol: quote})
        self.advance()

    def account(self, hash_value: str) -> Account | None:
        """The account behind a hash; a plain number finds none."""
        accounts = self.world.accounts.values()
        return next((each for each in accounts if each.hash_value == hash_value), None)

    def visible(self) -> World:
        """The world without the orders that do not show yet."""
        now = self.now()
        self.hidden = {key: until for key, until in self.hidden.items() if now < until}
        if not self.hidden:
            return self.world
        orders = {key: each for key, each in self.world.orders.items() if key not in self.hidden}
        return evolve(self.world, orders=orders)

    def order(self, account: Account, order_id: str) -> Order | None:
        """An order of an account, if it shows yet."""
        order = self.visible().orders.get(int(order_id)) if order_id.isdecimal() else None
        return order if order is not None and order.account == account.number else None

    def expect(self, body: Any) -> None:
        """Have the fault in a body ahead, of requests or of the stream.

        Raises:
            TypeError, ValueError: it is none.
        """
        fault = read_fault(body)
        if isinstance(fault, Trouble):
            self.troubles.ahead.append(fault)
        else:
            self.faults.append(fault)

    def fault_for(self, method: str, path: str) -> Fault | None:
        """The fault that a request meets, taken off the list when it has met it often enough."""
        for index, fault in enumerate(self.faults):
            if fault.method == method and path.startswith(fault.path):
                if fault.times > 1:
                    self.faults[index] = evolve(fault, times=fault.times - 1)
                else:
                    del self.faults[index]
                return fault
        return None

    def ledger(self) -> dict[str, Any]:
        """Everything that happened, in the order it came, for whoever judges a client."""
        traded = [(order, each) for order in self.world.orders.values() for each in order.fills]
        traded.sort(key=lambda each: each[1].activity_id)
        roots = [order for order in self.world.orders.values() if order.parent is None]
        return {
            "accounts": {
                number: {
                    "cash": account.cash,
                    "positions": {s: p.quantity for s, p in account.positions.items()},
                }
                for number, account in self.world.accounts.items()
            },
            "orders": [order_tree(self.world, order) for order in roots],
            "fills": [
                _fill(*each) for each in sorted(traded, key=lambda each: each[1].activity_id)
            ],
            "occasions": [asdict(each) for each in self.world.occasions],
        }


def _fill(order: Order, report: Activity) -> dict[str, Any]:
    assert order.terms is not None  # noqa: S101 - only an order with a leg is executed
    return {
        "activityId": report.activity_id,
        "orderId": order.order_id,
        "account": order.account,
        "symbol": order.terms.symbol,
        "instruction": order.terms.instruction,
        "quantity": report.quantity,
        "price": report.price,
        "fee": report.fee,
        "time": report.at,
    }


def new_desk(
    *,
    quotes: dict[str, dict[str, str]],
    calendar: Calendar,
    now: Callable[[], datetime],
    app_key: str | None = None,
    app_secret: str | None = None,
) -> Desk:
    """A Schwab of two accounts, one on margin and one of cash."""
    accounts = [
        _account("12345678", "MARGIN", Decimal(50_000)),
        _account("12345679", "CASH", Decimal(5_000)),
    ]
    world = World(
        accounts={account.number: account for account in accounts},
        quotes={symbol: read_quote(symbol, told, now()) for symbol, told in quotes.items()},
    )
    return Desk(
        app_key=app_key or secrets.token_hex(16),
        app_secret=app_secret or secrets.token_hex(8),
        world=world,
        calendar=calendar,
        now=now,
    )


def read_quote(symbol: str, told: dict[str, str], at: datetime) -> Quote:
    """A quote as the quotes file and the control endpoint have it: prices as texts."""
    prices = {name: Decimal(str(price)) for name, price in told.items()}
    return Quote(
        symbol=Symbol(symbol),
        at=at,
        source="simulator",
        bid=prices.get("bid"),
        ask=prices.get("ask"),
        last=prices.get("last"),
        previous_close=prices.get("previous_close"),
    )


def _account(number: str, kind: str, cash: Decimal) -> Account:
    hash_value = secrets.token_hex(32).upper()
    return Account(number=number, hash_value=hash_value, kind=kind, starting_cash=cash, cash=cash)
