"""Acts on the books by hand: what is booked, and every way in which one is refused."""

from decimal import Decimal
from typing import Any

import pytest

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    MSFT,
    OTHER,
    Number,
    booking,
    desk,
    fill,
    planned,
    rules,
    seen,
    started,
    unknown,
)
from trading.bookings import Adjusted, Adopted, ByHand, SharesTransferred, Transferred
from trading.by_hand import Adjust, Adopt, Ask, Declined, Signature, Transfer, decide_by_hand
from trading.desk import Desk, new_desk
from trading.desk_fold import evolve_desk
from trading.event import Event
from trading.vocabulary import BookingId, Code, Side, Sides, StrategyName, Symbol


SIGNED = Signature(act_id="act-1", at=AT, reason="mine", by="ann")
NAMED: dict[str, Any] = {
    "at": AT,
    "account": ACCOUNT,
    "booking_id": BookingId("act-1"),
    "reason": "mine",
    "by": "ann",
}


def outside(quantity: Number) -> Event:
    return booking(SharesTransferred, symbol=AAPL, quantity=Decimal(quantity), price=Decimal(100))


def adopt(quantity: Number = 10, strategy: StrategyName = DEMO) -> Adopt:
    return Adopt(strategy=strategy, symbol=AAPL, quantity=Decimal(quantity), price=Decimal(90))


def transfer(quantity: Number = 10, to: StrategyName = OTHER) -> Transfer:
    return Transfer(strategy=DEMO, to=to, symbol=AAPL, quantity=Decimal(quantity))


def adjust(
    quantity: Number = 0,
    strategy: StrategyName | None = DEMO,
    symbol: Symbol | None = AAPL,
    cash: Number = 0,
) -> Adjust:
    return Adjust(
        strategy=strategy,
        symbol=symbol,
        quantity=Decimal(quantity),
        price=Decimal(90),
        cash=Decimal(cash),
    )


def booked(here: Desk, ask: Ask, sides: Sides = Sides.LONG_ONLY) -> ByHand:
    found = decide_by_hand(here, lambda _: rules(sides=sides), ask, SIGNED)
    assert isinstance(found, ByHand)
    return found


def declined(here: Desk, ask: Ask) -> tuple[Code, dict[str, str]]:
    found = decide_by_hand(here, lambda _: rules(), ask, SIGNED)
    assert isinstance(found, Declined)
    return found.code, found.inputs


# --- adopt ----------------------------------------------------------------------------------------


def test_external_shares_are_adopted_under_the_acts_own_id() -> None:
    here = desk(outside(12))
    event = booked(here, adopt(10))
    assert event == Adopted(
        **NAMED, strategy=DEMO, symbol=AAPL, quantity=Decimal(10), price=Decimal(90)
    )
    book = evolve_desk(here, event).book
    assert seen(book.position(DEMO, AAPL).quantity, book.outside(AAPL).quantity) == (10, 2)


@pytest.mark.parametrize(("there", "asked"), [(9, 10), (0, 1), (-9, 10)])
def test_no_more_is_adopted_than_is_external_and_long(there: int, asked: int) -> None:
    code, inputs = declined(desk(outside(there)), adopt(asked))
    assert code is Code.NOT_THAT_MANY
    assert inputs == {"asked": str(asked), "external_holds": str(there)}


def test_a_fraction_is_no_strategys() -> None:
    found = declined(desk(outside(12)), adopt("1.5"))
    assert found == (Code.WHOLE_SHARES_ONLY, {"quantity": "1.5"})


def test_nothing_is_adopted_against_anothers_share() -> None:
    here = desk(outside(12), fill("x1", 5, strategy=OTHER, side=Side.SELL))
    assert declined(here, adopt()) == (Code.OPPOSING_POSITION, {"other": "-5"})


# --- transfer -------------------------------------------------------------------------------------


def test_a_share_goes_over_with_its_sign() -> None:
    event = booked(desk(fill("x1", 10)), transfer(4))
    assert event == Transferred(**NAMED, strategy=DEMO, to=OTHER, symbol=AAPL, quantity=Decimal(4))
    sold = desk(fill("x1", 10, side=Side.SELL))
    short = booked(sold, transfer(4), Sides.LONG_SHORT)
    assert isinstance(short, Transferred)
    assert short.quantity == -4
    found = declined(sold, transfer(4))
    assert found == (Code.SIDE_NOT_HELD, {"sides": "long_only", "own_share": "-10"})


def test_no_more_goes_over_than_is_held() -> None:
    found = declined(desk(fill("x1", 3)), transfer(4))
    assert found == (Code.NOT_THAT_MANY, {"asked": "4", "own_share": "3"})


def test_a_share_does_not_go_to_its_owner_or_in_parts() -> None:
    here = desk(fill("x1", 10))
    assert declined(here, transfer(4, to=DEMO))[0] is Code.NOTHING_TO_DO
    assert declined(here, transfer("0.5"))[0] is Code.WHOLE_SHARES_ONLY


def test_a_share_that_orders_may_still_sell_does_not_go_over() -> None:
    here = desk(fill("x1", 10), planned("o2", Side.SELL, 10), started("o2"), unknown("o2"))
    assert declined(here, transfer(4)) == (Code.ORDERS_IN_THE_WAY, {"live_orders": "1"})
    elsewhere = desk(fill("x1", 10), planned("o2", Side.SELL, 10, symbol=MSFT))
    assert isinstance(booked(elsewhere, transfer(4)), Transferred)


# --- adjust ---------------------------------------------------------------------------------------


def test_what_is_missing_or_too_much_is_booked() -> None:
    here = desk(fill("x1", 10))
    event = booked(here, adjust(-4, cash="0.5"))
    assert event == Adjusted(
        **NAMED,
        strategy=DEMO,
        symbol=AAPL,
        quantity=Decimal(-4),
        price=Decimal(90),
        cash=Decimal("0.5"),
    )
    after = evolve_desk(here, event).book
    assert seen(after.own(AAPL), after.cash) == (6, Decimal("24000.5"))
    assert isinstance(booked(here, adjust(4)), Adjusted)
    assert isinstance(booked(here, adjust(strategy=None, symbol=None, cash=-3)), Adjusted)
    apart = evolve_desk(here, outside(1))
    assert isinstance(booked(apart, adjust("-0.5", strategy=None)), Adjusted)
    assert isinstance(booked(apart, adjust(-1, strategy=None)), Adjusted)


@pytest.mark.parametrize(("held", "asked"), [(0, "-0.5"), (3, -4), (-2, -1)])
def test_nothing_external_is_adjusted_through_zero(held: int, asked: Number) -> None:
    here = desk(outside(held)) if held else desk()
    code, inputs = declined(here, adjust(asked, strategy=None))
    numbers = {"asked": str(-Decimal(asked)), "external_holds": str(held)}
    assert (code, inputs) == (Code.NOT_THAT_MANY, numbers)


def test_what_is_external_and_short_is_adjusted_towards_zero() -> None:
    assert isinstance(booked(desk(outside(-2)), adjust(2, strategy=None)), Adjusted)


def test_nothing_is_nothing_to_do() -> None:
    assert declined(desk(), adjust())[0] is Code.NOTHING_TO_DO


def test_books_that_never_began_are_not_adjusted() -> None:
    assert declined(new_desk(ACCOUNT), adjust(4))[0] is Code.BROKER_NOT_READY


def test_no_share_is_adjusted_through_zero() -> None:
    code, inputs = declined(desk(fill("x1", 3)), adjust(-4))
    assert (code, inputs) == (Code.NOT_THAT_MANY, {"asked": "4", "own_share": "3"})


def test_only_who_may_be_short_is_put_short() -> None:
    found = declined(desk(), adjust(-4))
    assert found == (Code.SIDE_NOT_HELD, {"sides": "long_only", "own_share": "-4"})
    put = booked(desk(), adjust(-4), Sides.SHORT_ONLY)
    assert isinstance(put, Adjusted)
    assert put.quantity == -4


def test_a_share_that_orders_may_still_sell_does_not_shrink() -> None:
    here = desk(fill("x1", 10), planned("o2", Side.SELL, 10))
    assert declined(here, adjust(-4))[0] is Code.ORDERS_IN_THE_WAY
    assert isinstance(booked(here, adjust(4)), Adjusted)


def test_a_strategy_holds_whole_shares_of_one_sign() -> None:
    assert declined(desk(), adjust("0.5"))[0] is Code.WHOLE_SHARES_ONLY
    against = desk(fill("x1", 5, strategy=OTHER, side=Side.SELL))
    assert declined(against, adjust(5)) == (Code.OPPOSING_POSITION, {"other": "-5"})
