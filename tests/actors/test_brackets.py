"""Rules 0.5 and rows 7 and 8 on the paper venue: a share is never without its legs for long."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.actors.paper_account import PaperAccount
from trading.order_events import OrderPlanned
from trading.vocabulary import Action, Code, OrderStatus, OrderType, Side, TimeInForce


@pytest.fixture
def account() -> Iterator[PaperAccount]:
    account = PaperAccount()
    account.market("99.95", "100.05", 100)
    account.alert("z", Action.CLOSE_LONG)  # the quote has been seen when this is decided
    yield account
    account.close()


def bracketed(account: PaperAccount) -> None:
    """Ten shares bought at about 100, a target at 110 and a stop at 95."""
    account.alert("a", quantity=10, price=100, take_profit=110, stop_loss=95)
    account.until_order("a.1", OrderStatus.ACCEPTED)
    account.market("99.95", "100.05", 100)
    account.until_resting("a.stop1 10", "a.target1 10")


def test_an_entry_that_has_filled_gets_its_target_and_its_stop(account: PaperAccount) -> None:
    bracketed(account)
    _, target, stop = account.plans()
    assert (target.order_type, target.limit_price) == (OrderType.LIMIT, Decimal(110))
    assert (stop.order_type, stop.stop_price) == (OrderType.STOP, Decimal(95))
    for leg in (target, stop):
        assert (leg.side, leg.quantity) == (Side.SELL, Decimal(10))
        assert (leg.time_in_force, leg.parent_id) == (TimeInForce.GTC, "a.paper.1")
    assert target.oco_id == stop.oco_id


def test_the_target_closes_the_share_and_no_leg_is_left(account: PaperAccount) -> None:
    bracketed(account)
    account.market(111, "111.1", 111)
    account.until_resting()
    account.until_share(0)
    assert account.fills(Side.SELL) == 10


def test_the_stop_closes_the_share_and_no_leg_is_left(account: PaperAccount) -> None:
    bracketed(account)
    account.market(94, "94.1", 94)
    account.market(94, "94.1", 94)
    account.until_resting()
    account.until_share(0)


def test_row_07_stop_resting_exit_arrives(account: PaperAccount) -> None:
    bracketed(account)
    account.alert("b", Action.SELL, quantity=10)
    account.until_resting("b.1 10")
    account.market("99.95", "100.05", 100)
    account.until_share(0)
    account.until_resting()
    assert len(account.plans()) == 4


def test_row_07_partial_exit_and_the_rest_is_protected_again(account: PaperAccount) -> None:
    bracketed(account)
    account.alert("b", Action.SELL, quantity=4)
    account.until_resting("a.stop2 6", "a.target2 6", "b.1 4")
    account.market("99.95", "100.05", 100)
    account.until_share(6)
    account.until_resting("a.stop2 6", "a.target2 6")


def test_row_08_target_fills_while_the_exit_is_on_its_way(account: PaperAccount) -> None:
    bracketed(account)
    account.market(111, "111.1", 111)
    account.until_share(0)
    account.alert("b", Action.SELL, quantity=10)
    assert account.refusals() == [Code.NOTHING_TO_DO, Code.EXIT_ALREADY_FILLED]


def test_rule_0_5_a_partly_filled_entry_is_given_up_and_protected(account: PaperAccount) -> None:
    account.alert("a", quantity=10, price=100, take_profit=110, stop_loss=95)
    account.until_order("a.1", OrderStatus.ACCEPTED)
    account.market("99.95", "100.05", 100, volume=40)
    account.until_share(4)
    account.room.advance(4)
    assert account.resting() == ["a.1 6"]
    account.room.advance(1.1)
    account.until_resting("a.stop1 4", "a.target1 4")


def test_rule_0_5_after_a_partial_fill_of_a_leg_the_rest_has_both_again(
    account: PaperAccount,
) -> None:
    bracketed(account)
    account.market(111, "111.1", 111, volume=130)  # a tenth, and ten are used up
    account.until_share(7)
    account.until_resting("a.stop2 7", "a.target2 7")


@pytest.mark.parametrize("seconds", [0.0, 3.0, 60.0])
def test_a_crash_between_the_fill_and_its_legs_loses_no_protection(
    account: PaperAccount, seconds: float
) -> None:
    account.alert("a", quantity=10, price=100, take_profit=110, stop_loss=95)
    account.until_order("a.1", OrderStatus.ACCEPTED)
    account.room.end("risk:paper")
    account.market("99.95", "100.05", 100)
    account.until(lambda: account.fills(Side.BUY) == 10)
    account.crash_broker()
    account.room.advance(seconds)
    account.begin(2)
    account.until_resting("a.stop1 10", "a.target1 10")
    assert len(account.room.events(OrderPlanned)) == 3


def test_a_crash_while_the_legs_are_taken_off_ends_with_the_exit(account: PaperAccount) -> None:
    bracketed(account)
    account.alert("b", Action.SELL, quantity=10)
    account.crash()
    account.begin(2)
    # It may have been sent before the crash: then it waits for a quote, which is seen no more.
    account.until(lambda: account.share == 0 or account.resting() == ["b.1 10"])
    account.market("99.95", "100.05", 100)
    account.until_share(0)
    account.until_resting()
    assert account.fills(Side.SELL) == 10


def test_a_crash_after_a_part_of_the_target_ends_protected(account: PaperAccount) -> None:
    bracketed(account)
    account.market(111, "111.1", 111, volume=130)
    account.until(lambda: account.fills(Side.SELL) == 3)
    account.crash()
    account.begin(2)
    account.until_share(7)
    account.until_resting("a.stop2 7", "a.target2 7")
