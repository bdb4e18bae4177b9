"""Rows 2, 15 and 24 of the rules, on the paper venue."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from brokers.base import MayLeave, OutcomeUnknownError, Ticket, let_out
from brokers.paper import PaperVenue
from tests.actors.paper_account import PaperAccount
from tests.actors.room import DEMO
from trading.alert_events import SignalHeld, SignalRefused
from trading.order_events import CancelOverdue, CancelRequested, OrderAbsent
from trading.rules import StrategyRules
from trading.vocabulary import Action, BrokerOrderId, Code, OrderStatus, OrderType, Side


class LosingVenue(PaperVenue):
    """A paper venue that loses orders on their way while it is told to, and cancels likewise."""

    loses = 0
    ignores_cancels = False

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        if self.loses:
            self.loses -= 1
            raise OutcomeUnknownError("no answer")
        return await super().submit(ticket, may_leave)

    async def cancel(self, broker_order_id: BrokerOrderId) -> None:
        if not self.ignores_cancels:
            await super().cancel(broker_order_id)


@pytest.fixture
def accounts() -> Iterator[Callable[..., PaperAccount]]:
    made: list[PaperAccount] = []

    def make(rules: StrategyRules = DEMO) -> PaperAccount:
        made.append(PaperAccount(rules, kind=LosingVenue))
        made[-1].market("99.95", "100.05", 100)
        return made[-1]

    yield make
    for account in made:
        account.close()


def long(account: PaperAccount, **more: Any) -> PaperAccount:
    """Ten shares are held."""
    account.alert("a", quantity=10, price=100, **more)
    account.until_order("a.1", OrderStatus.ACCEPTED)
    account.market("99.95", "100.05", 100)
    account.until_share(10)
    return account


# --- row 2 --------------------------------------------------------------------------------------


def test_row_02_reversal_close_half_filled(accounts: Callable[..., PaperAccount]) -> None:
    account = long(accounts())
    account.alert("b", Action.SELL, quantity=20, prev_position_size=10, position_size=-10)
    account.until_order("b.1", OrderStatus.ACCEPTED)
    account.alert("c", quantity=20, prev_position_size=-10, position_size=10)
    (held,) = account.room.events(SignalHeld)
    assert (held.code, (held.until - held.at).total_seconds()) == (Code.REVERSAL_NOT_FLAT, 120)
    account.market("99.95", "100.05", 100, volume=150)
    account.until_share(5)
    assert account.order("c.1") is None
    account.market("99.95", "100.05", 100, volume=250)
    account.until_order("c.1", OrderStatus.ACCEPTED)
    assert account.plans()[-1].quantity == 10
    assert account.share == 0


def test_row_02_reversal_never_flat(accounts: Callable[..., PaperAccount]) -> None:
    account = long(accounts())
    account.alert("b", Action.SELL, quantity=20, prev_position_size=10, position_size=-10)
    account.until_order("b.1", OrderStatus.ACCEPTED)
    account.alert("c", quantity=20, prev_position_size=-10, position_size=10)
    account.room.advance(119)
    assert account.refusals() == []
    account.room.advance(2)
    (refused,) = account.room.events(SignalRefused)
    assert refused.code is Code.REVERSAL_NOT_FLAT
    assert refused.inputs["own_share"] == refused.inputs["closes_in_flight"] == "10"
    account.market("99.95", "100.05", 100)
    account.until_share(0)


# --- row 7, the venue does not answer -----------------------------------------------------------


def test_row_07_a_cancel_without_an_answer_is_an_alarm_and_nothing_is_sent(
    accounts: Callable[..., PaperAccount],
) -> None:
    account = long(accounts(), take_profit=110, stop_loss=95)
    account.until_resting("a.stop1 10", "a.target1 10")
    account.venue.ignores_cancels = True  # type: ignore[attr-defined]
    account.alert("b", Action.SELL, quantity=10)
    account.room.advance(29)
    assert account.room.events(CancelOverdue) == []
    account.room.advance(2)
    assert len(account.room.events(CancelOverdue)) == 2
    account.room.advance(60)
    assert len(account.room.events(CancelOverdue)) == 2
    assert len(account.plans()) == 3


# --- row 15 -------------------------------------------------------------------------------------


def test_row_15_an_exit_that_is_absent_twice_is_planned_once_more(
    accounts: Callable[..., PaperAccount],
) -> None:
    account = long(accounts())
    account.venue.loses = 1  # type: ignore[attr-defined]
    account.alert("b", Action.SELL, quantity=10)
    account.until_order("b.1", OrderStatus.UNKNOWN)
    while account.order("b.1.2") is None:
        account.pass_time(1)
    first, second = account.room.events(OrderAbsent)
    assert (second.at - first.at).total_seconds() >= 120
    account.until_order("b.1.2", OrderStatus.ACCEPTED)
    account.market("99.95", "100.05", 100)
    account.until_share(0)
    assert account.fills(Side.SELL) == 10


def test_row_15_an_exit_that_is_absent_again_is_left_to_a_person(
    accounts: Callable[..., PaperAccount],
) -> None:
    account = long(accounts())
    account.venue.loses = 2  # type: ignore[attr-defined]
    account.alert("b", Action.SELL, quantity=10)
    account.until_order("b.1", OrderStatus.UNKNOWN)
    while account.order("b.1.2") is None:
        account.pass_time(1)
    account.until_order("b.1.2", OrderStatus.UNKNOWN)
    account.pass_time(300)
    assert len(account.room.events(OrderAbsent)) == 3
    assert len(account.plans()) == 3


def test_row_15_an_entry_that_is_absent_is_never_planned_again(
    accounts: Callable[..., PaperAccount],
) -> None:
    account = accounts()
    account.venue.loses = 1  # type: ignore[attr-defined]
    account.alert("a", quantity=10, price=100)
    account.until_order("a.1", OrderStatus.UNKNOWN)
    account.pass_time(300)
    assert len(account.room.events(OrderAbsent)) == 1
    assert len(account.plans()) == 1


def test_row_15_a_crash_while_it_waits_forgets_nothing(
    accounts: Callable[..., PaperAccount],
) -> None:
    account = long(accounts())
    account.venue.loses = 1  # type: ignore[attr-defined]
    account.alert("b", Action.SELL, quantity=10)
    account.until_order("b.1", OrderStatus.UNKNOWN)
    account.pass_time(60)
    account.until(lambda: len(account.room.events(OrderAbsent)) == 1)
    account.crash()
    account.room.advance(60)
    account.begin(2)
    account.pass_time(30)
    account.until_share(0)
    assert account.plans()[-1].order_id == "b.paper.1.2"


# --- row 24 -------------------------------------------------------------------------------------


def test_row_24_limit_entry_never_fills(accounts: Callable[..., PaperAccount]) -> None:
    account = accounts(evolve(DEMO, entry_ttl=Decimal(300)))
    account.alert("a", quantity=10, order_type=OrderType.LIMIT, limit_price=90)
    account.until_order("a.1", OrderStatus.ACCEPTED)
    account.room.advance(299)
    assert account.room.events(CancelRequested) == []
    account.room.advance(2)
    account.until_resting()
    (asked,) = account.room.events(CancelRequested)
    assert asked.code is Code.ENTRY_TTL


def test_row_24_an_exit_limit_that_was_marketable_goes_to_the_market(
    accounts: Callable[..., PaperAccount],
) -> None:
    account = long(accounts())
    account.alert("b", Action.SELL, quantity=10, order_type=OrderType.LIMIT, limit_price=99)
    account.until_order("b.1", OrderStatus.ACCEPTED)
    account.room.advance(59)
    assert account.room.events(CancelRequested) == []
    account.room.advance(2)
    account.until_order("b.1.2", OrderStatus.ACCEPTED)
    assert account.plans()[-1].order_type is OrderType.MARKET
    account.market("98.95", "99.05", 99)
    account.until_share(0)


def test_row_24_an_exit_limit_above_the_market_rests(
    accounts: Callable[..., PaperAccount],
) -> None:
    account = long(accounts())
    account.alert("b", Action.SELL, quantity=10, order_type=OrderType.LIMIT, limit_price=120)
    account.until_order("b.1", OrderStatus.ACCEPTED)
    account.room.advance(600)
    assert account.resting() == ["b.1 10"]


def test_row_24_a_newer_buy_takes_the_older_one_off(
    accounts: Callable[..., PaperAccount],
) -> None:
    account = accounts()
    account.alert("a", quantity=10, order_type=OrderType.LIMIT, limit_price=90)
    account.until_order("a.1", OrderStatus.ACCEPTED)
    account.alert("b", quantity=10, order_type=OrderType.LIMIT, limit_price=91)
    account.until_resting("b.1 10")
