"""Trades from flat to flat, and what becomes of them when something is put right afterwards."""

from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any

from attrs import evolve

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    MSFT,
    OTHER,
    Number,
    about,
    after,
    booking,
    desk,
    fill,
    opened,
    seen,
)
from trading.bookings import ExternallyClosed, FeeReplaced, Transferred
from trading.bookkeeping import evolve_book
from trading.event import Event
from trading.order_events import ExecutionBusted, ExecutionCorrected, OrderFilled
from trading.statement import evolve_statement, new_statement
from trading.trades import KEPT, NO_TRADES, Trade, Trades, evolve_trades
from trading.vocabulary import ExecutionId, Side


def trades(*events: Event) -> Trades:
    return reduce(evolve_statement, (opened(), *events), new_statement(ACCOUNT)).trades


def buy(name: str, quantity: Number, price: Number, **more: Any) -> OrderFilled:
    return fill(name, quantity, price, **more)


def sell(name: str, quantity: Number, price: Number, **more: Any) -> OrderFilled:
    return fill(name, quantity, price, side=Side.SELL, **more)


def bust(of: OrderFilled) -> ExecutionBusted:
    return about(ExecutionBusted, at=after(90), **_numbers(of))


def corrected(of: OrderFilled, quantity: Number, price: Number) -> ExecutionCorrected:
    now = _numbers(of) | {"quantity": Decimal(quantity), "price": Decimal(price)}
    was: dict[str, Any] = {"was_quantity": of.quantity, "was_price": of.price}
    return about(ExecutionCorrected, at=after(90), **now, **was)


def _numbers(of: OrderFilled) -> dict[str, Any]:
    names = ("strategy", "symbol", "side", "execution_id", "quantity", "price")
    return {name: getattr(of, name) for name in names}


def test_a_trade_names_who_traded_what_and_when() -> None:
    (trade,) = trades(buy("x1", 10, 100), sell("x2", 10, 103, fee=1, at=after(60))).ended
    assert trade == Trade(
        strategy=DEMO,
        symbol=AAPL,
        side=Side.BUY,
        opened_at=AT,
        closed_at=after(60),
        gross=Decimal(30),
        fees=Decimal(1),
    )


def test_an_open_trade_has_not_ended() -> None:
    found = trades(buy("x1", 10, 100), sell("x2", 9, 103))
    assert found.ended == ()
    assert found.begun[DEMO, AAPL].side is Side.BUY


def test_each_strategy_and_symbol_has_trades_of_its_own() -> None:
    found = trades(
        buy("x1", 10, 100),
        buy("x2", 10, 100, strategy=OTHER),
        buy("x3", 10, 50, symbol=MSFT),
        sell("x4", 10, 101, strategy=OTHER),
        sell("x5", 10, 49, symbol=MSFT),
    )
    assert [seen(t.strategy, t.symbol, t.net) for t in found.ended] == [
        (OTHER, AAPL, 10),
        (DEMO, MSFT, -10),
    ]


def test_a_fill_through_zero_ends_a_trade_with_its_fee_and_opens_the_next() -> None:
    """10 at 100; 15 sold at 103 for 3: +30 less 3. 5 short, bought at 101: +10."""
    one, other = trades(buy("x1", 10, 100), sell("x2", 15, 103, fee=3), buy("x3", 5, 101)).ended
    assert seen(one.side, one.net) == (Side.BUY, 27)
    assert seen(other.side, other.net) == (Side.SELL, 10)


def test_a_streak_counts_trades_of_one_strategy_and_zero_ends_it() -> None:
    def lost(n: int, price: Number, **more: Any) -> tuple[Event, ...]:
        return buy(f"b{n}", 1, 100, **more), sell(f"s{n}", 1, price, **more)

    found = trades(*lost(1, 99), *lost(2, 99), *lost(3, 101, strategy=OTHER), *lost(4, 99))
    assert seen(found.losing_streak(DEMO), found.losing_streak(OTHER)) == (3, 0)
    assert trades(*lost(1, 99), *lost(2, 100)).losing_streak(DEMO) == 0
    assert found.losing_streak(OTHER) == 0


def test_the_last_are_kept() -> None:
    many = [
        event
        for n in range(KEPT + 5)
        for event in (buy(f"b{n}", 1, 100, at=after(n)), sell(f"s{n}", 1, 101, at=after(n)))
    ]
    found = trades(*many)
    assert len(found.ended) == KEPT
    assert found.ended[-1].closed_at == after(KEPT + 4)


def test_a_share_that_somebody_else_sold_ends_its_trade() -> None:
    closed = booking(
        ExternallyClosed,
        execution_id=ExecutionId("F1"),
        strategy=DEMO,
        symbol=AAPL,
        side=Side.SELL,
        quantity=Decimal(10),
        price=Decimal(98),
    )
    assert [t.net for t in trades(buy("x1", 10, 100), closed).ended] == [-20]


def test_shares_handed_over_end_one_trade_and_open_another() -> None:
    over = booking(Transferred, strategy=DEMO, to=OTHER, symbol=AAPL, quantity=Decimal(10))
    found = trades(buy("x1", 10, 100), over, sell("x2", 10, 105, strategy=OTHER))
    assert [seen(t.strategy, t.net) for t in found.ended] == [(DEMO, 0), (OTHER, 50)]


# --- put right afterwards -------------------------------------------------------------------------


def test_a_trade_whose_end_is_taken_back_goes_on() -> None:
    bought, sold = buy("x1", 10, 100, fee=1), sell("x2", 10, 90)
    found = trades(bought, sold, bust(sold))
    assert found.ended == ()
    again = trades(bought, sold, bust(sold), sell("x3", 10, 105))
    assert [seen(t.opened_at, t.net) for t in again.ended] == [(AT, 49)]


def test_a_trade_of_which_everything_is_taken_back_never_was() -> None:
    bought = buy("x1", 10, 100)
    assert trades(bought, bust(bought)) == Trades()


def test_a_price_corrected_after_the_end_mends_the_trade() -> None:
    bought, sold = buy("x1", 10, 100), sell("x2", 10, 90)
    (trade,) = trades(bought, sold, corrected(sold, 10, 91)).ended
    assert trade.net == -90


def test_a_quantity_corrected_after_the_end_opens_it_again() -> None:
    bought, sold = buy("x1", 10, 100), sell("x2", 10, 90)
    found = trades(bought, sold, corrected(sold, 8, 90), sell("x3", 2, 95))
    assert [t.net for t in found.ended] == [-8 * 10 - 2 * 5]


def fee_replaced(of: OrderFilled, fee: Number) -> FeeReplaced:
    return booking(
        FeeReplaced,
        at=AT + timedelta(days=1),
        execution_id=of.execution_id,
        strategy=of.strategy,
        symbol=of.symbol,
        fee=Decimal(fee),
        was_fee=of.fee,
        executed_at=of.executed_at,
    )


def test_a_fee_replaced_later_is_borne_by_the_trade_it_was_paid_in() -> None:
    """-5 gross and fees of 1 and 1; the sale's turns out to be 3. The next trade bears its own."""
    bought, sold = buy("x1", 10, 100, fee=1), sell("x2", 10, "99.5", fee=1, at=after(60))
    next_one = buy("x3", 10, 100, fee=1, at=after(120))
    found = trades(bought, sold, next_one, fee_replaced(sold, 3))
    assert [t.net for t in found.ended] == [-5 - 1 - 3]
    ended = trades(
        bought, sold, next_one, fee_replaced(sold, 3), sell("x4", 10, 100, at=after(180))
    ).ended
    assert [t.net for t in ended] == [-9, -1]


def test_a_fee_replaced_is_not_borne_by_a_later_trade_in_another_symbol() -> None:
    bought, sold = buy("x1", 10, 100), sell("x2", 10, 101, fee=1, at=after(60))
    other = (
        buy("y1", 10, 100, symbol=MSFT, at=after(70)),
        sell("y2", 10, 101, symbol=MSFT, at=after(80)),
    )
    first, second = trades(bought, sold, *other, fee_replaced(sold, 3)).ended
    assert [first.net, second.net] == [7, 10]


def test_a_fee_replaced_in_time_is_simply_the_trades() -> None:
    bought = buy("x1", 10, 100, fee=1)
    found = trades(bought, fee_replaced(bought, 2), sell("x2", 10, 101, at=after(60)))
    assert [t.net for t in found.ended] == [8]


def test_a_fee_of_a_trade_that_is_forgotten_is_not_the_open_ones() -> None:
    bought = buy("x1", 10, 100, fee=1, at=after(60))
    old = fill("x0", 10, 100, fee=1, at=AT)
    found = trades(bought, fee_replaced(old, 5), sell("x2", 10, 101, at=after(90)))
    assert [t.net for t in found.ended] == [9]


def test_a_fee_replaced_after_the_last_trade_is_borne_by_it() -> None:
    bought, sold = buy("x1", 10, 100), sell("x2", 10, 101, fee=1, at=after(60))
    (trade,) = trades(bought, sold, fee_replaced(sold, 3)).ended
    assert trade.net == 7


def test_what_is_taken_back_opens_the_trade_of_its_own_symbol() -> None:
    bought, sold = buy("x1", 10, 100), sell("x2", 10, 90)
    other = (buy("y1", 1, 10, symbol=MSFT), sell("y2", 1, 11, symbol=MSFT))
    found = trades(bought, sold, *other, bust(sold))
    assert [t.symbol for t in found.ended] == [MSFT]


def test_the_end_of_what_nobody_saw_begin_is_no_trade() -> None:
    held = desk(buy("x1", 10, 100)).book
    sold = sell("x2", 10, 90)
    assert evolve_trades(NO_TRADES, held, evolve_book(held, sold), sold) == NO_TRADES


def test_a_trade_that_is_forgotten_is_not_mended() -> None:
    bought, sold = buy("x1", 10, 100), sell("x2", 10, 90)
    before = trades(bought, sold)
    forgotten = evolve(before, ended=())
    flat = desk(bought, sold).book
    dearer = corrected(sold, 10, 91)
    assert evolve_trades(forgotten, flat, evolve_book(flat, dearer), dearer) == forgotten
