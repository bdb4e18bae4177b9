"""Profit and loss, one definition each: worked examples with the arithmetic written out."""

from datetime import timedelta
from decimal import Decimal
from functools import reduce

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
    alert,
    booking,
    fill,
    opened,
    quoted,
    seen,
)
from trading.alert_events import AlertAccepted
from trading.bookings import (
    BorrowCharged,
    CashFlow,
    DividendPaid,
    ExternalTraded,
    FeeReplaced,
    Held,
    InterestBooked,
    PeakReset,
    Portion,
    SharesTransferred,
)
from trading.day_loss import Lost, Suspicion, judged, stale
from trading.event import Event
from trading.events import AccountOpened
from trading.external import portions
from trading.marks import Mark, fresher
from trading.order_events import ExecutionBusted
from trading.positions import Book, roll
from trading.profit import by_strategy, in_all, of_strategy, outside, unexplained
from trading.statement import Statement, evolve_statement, new_statement
from trading.vocabulary import ExecutionId, FlowKind, MarkSource, Side


TOMORROW = AT + timedelta(days=1)


def told(*events: Event) -> Statement:
    """The statement of an account opened with 25,000 $ after these facts."""
    return reduce(evolve_statement, (opened(), *events), new_statement(ACCOUNT))


def priced(price: Number, seconds: float = 0) -> AlertAccepted:
    return alert(price=price, at=after(seconds))


def sale(execution_id: str, quantity: Number, price: Number, **more: object) -> Event:
    return fill(execution_id, quantity, price, side=Side.SELL, **more)  # type: ignore[arg-type]


# --- 1 --------------------------------------------------------------------------------------------


def test_1_cost_is_the_average_as_exact_total_and_quantity_with_fees_outside() -> None:
    """Bought 3 at 10.01 and 4 at 10.02, each for a fee of 0.35.

    cost      3 x 10.01 + 4 x 10.02 = 30.03 + 40.08 = 70.11 for 7
    sold 2    2/7 of 70.11 = 20.0314285714 leave, to ten places; 50.0785714286 stay for 5
    realised  2 x 10.05 - 20.0314285714 = 0.0685714286
    fees      0.70 stand apart from both
    """
    told_so_far = told(fill("x1", 3, "10.01", fee="0.35"), fill("x2", 4, "10.02", fee="0.35"))
    held = told_so_far.book.position(DEMO, AAPL)
    assert seen(held.quantity, held.cost, held.fees) == (7, Decimal("70.11"), Decimal("0.70"))
    held = evolve_statement(told_so_far, sale("x3", 2, "10.05")).book.position(DEMO, AAPL)
    assert seen(held.quantity, held.cost) == (5, Decimal("50.0785714286"))
    assert held.realized == Decimal("0.0685714286")


# --- 2 --------------------------------------------------------------------------------------------


def test_2_realised_is_each_strategys_own_and_never_the_accounts_average() -> None:
    """A 10 at 100, B 10 at 120, B sells 10 at 115 for a fee of 1.

    B         10 x (115 - 120) = -50 gross, -51 net; the account's average of 110 would say +50
    """
    book = told(
        fill("x1", 10, 100),
        fill("x2", 10, 120, strategy=OTHER),
        sale("x3", 10, 115, strategy=OTHER, fee=1),
    ).book
    assert seen(of_strategy(book, OTHER).gross, of_strategy(book, OTHER).net) == (-50, -51)
    assert of_strategy(book, DEMO).gross == 0


def test_2_profits_and_carry_are_the_change_of_equity_less_flows() -> None:
    """25,000 $ and 20 MSFT at 50 at first; 100 $ deposited; interest of 3 $.

    DEMO      10 AAPL at 100, 4 sold at 107 for a fee of 1, marked at 106
              realised 4 x 7 - 1 = 27, open 6 x 6 = 36
    external  20 MSFT from 50 to 52: open 40; 5 sold by hand at 53: realised 5 x 3 = 15,
              so that 15 x 2 = 30 are open
    profits   27 + 36 + 15 + 30 + 3 = 111
    cash      25,000 - 1,000 + 428 - 1 + 100 + 3 + 265 = 24,795
    equity    24,795 + 6 x 106 + 15 x 52 = 26,211
    flows     25,000 + 20 x 50 + 100 = 26,100; 26,211 - 26,100 = 111
    """
    begun = AccountOpened(
        at=AT,
        account=ACCOUNT,
        cash=Decimal(25_000),
        positions=(Held(symbol=MSFT, quantity=Decimal(20), price=Decimal(50)),),
    )
    facts = (
        begun,
        fill("x1", 10, 100),
        sale("x2", 4, 107, fee=1),
        booking(CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(100)),
        booking(InterestBooked, amount=Decimal(3)),
        by_hand(5, 53),
        priced(106),
        quoted(MSFT, 52),
    )
    book = reduce(evolve_statement, facts, new_statement(ACCOUNT)).book
    assert seen(book.cash, book.equity(), book.flows) == (24_795, 26_211, 26_100)
    assert in_all(book).profit == 111
    assert unexplained(book) == 0
    assert seen(outside(book).gross, outside(book).unrealized) == (15, 30)


def by_hand(quantity: Number, price: Number) -> ExternalTraded:
    """Some MSFT sold by somebody else."""
    return booking(
        ExternalTraded,
        execution_id=ExecutionId("f1"),
        symbol=MSFT,
        side=Side.SELL,
        quantity=Decimal(quantity),
        price=Decimal(price),
        executed_at=AT,
    )


# --- 3 --------------------------------------------------------------------------------------------


def test_3_a_fee_is_an_estimate_until_the_brokers_figure_replaces_it() -> None:
    """Estimated 0.05 at the fill, 0.03 by the broker: 0.02 come back, to the fill's strategy."""
    estimated = fill("x1", 10, 100, fee="0.05", is_fee_estimated=True)
    statement = told(estimated)
    earned = of_strategy(statement.book, DEMO)
    assert seen(earned.fees, earned.estimated_fees) == (Decimal("0.05"), Decimal("0.05"))
    replaced = booking(
        FeeReplaced,
        execution_id=estimated.execution_id,
        strategy=DEMO,
        symbol=AAPL,
        fee=Decimal("0.03"),
        was_fee=Decimal("0.05"),
        executed_at=AT,
    )
    book = evolve_statement(statement, replaced).book
    earned = of_strategy(book, DEMO)
    assert seen(earned.fees, earned.estimated_fees) == (Decimal("0.03"), 0)
    assert book.cash == 25_000 - 1_000 - Decimal("0.03")


def test_3_dividends_go_by_the_share_held_at_the_ex_date() -> None:
    """10 $ on 10 of A, 5 of B and 15 external: 3.33, 1.67 and 5.00; the odd cent is B's.

    exact     10 x 10/30 = 3.333, 10 x 5/30 = 1.667, 10 x 15/30 = 5
    """
    book = told(
        fill("x1", 10, 100),
        fill("x2", 5, 100, strategy=OTHER),
        booking(SharesTransferred, symbol=AAPL, quantity=Decimal(15), price=Decimal(100)),
    ).book
    parts = portions(book, AAPL, Decimal(10))
    assert {p.strategy: p.amount for p in parts} == {
        DEMO: Decimal("3.33"),
        OTHER: Decimal("1.67"),
        None: Decimal("5.00"),
    }
    after_it = told(fill("x1", 10, 100), booking(DividendPaid, symbol=AAPL, portions=parts)).book
    assert after_it.position(DEMO, AAPL).carry == Decimal("3.33")
    assert after_it.cash == 24_010
    assert unexplained(after_it) == 0


def test_3_borrowing_goes_by_the_share_too_and_interest_is_the_accounts() -> None:
    """A night's 0.40 $ on 10 short of A; 1.50 $ of interest paid: nobody's but the account's."""
    statement = told(sale("x1", 10, 100))
    night = portions(statement.book, AAPL, Decimal("-0.40"))
    book = reduce(
        evolve_statement,
        (
            booking(BorrowCharged, symbol=AAPL, portions=night),
            booking(InterestBooked, amount=Decimal("-1.50")),
        ),
        statement,
    ).book
    assert night == (Portion(strategy=DEMO, amount=Decimal("-0.40")),)
    assert seen(of_strategy(book, DEMO).carry, book.carry) == (Decimal("-0.40"), Decimal("-1.50"))
    assert book.cash == 26_000 - Decimal("1.90")
    assert book.day_pnl() == 0


# --- 4 --------------------------------------------------------------------------------------------


def test_4_a_mark_is_the_last_price_of_its_source_with_its_age() -> None:
    mark = told(priced(100), priced(101, seconds=30)).book.marks[AAPL]
    assert seen(mark.price, mark.source, mark.age(after(75))) == (
        101,
        MarkSource.ALERT,
        timedelta(seconds=45),
    )


def test_4_what_a_market_said_is_never_replaced_by_an_alerts_price() -> None:
    quote = Mark(Decimal(100), AT, MarkSource.QUOTE)
    later_alert = Mark(Decimal(90), after(60))
    close = Mark(Decimal(99), after(30), MarkSource.CLOSE)
    assert fresher(quote, later_alert) is quote
    assert fresher(later_alert, quote) is quote
    assert fresher(quote, close) is close
    assert fresher(close, quote) is close


# --- 5 --------------------------------------------------------------------------------------------


def test_5_the_day_begins_at_20_00_in_new_york_with_cash_and_positions_at_their_marks() -> None:
    """10 at 100, 104 on Monday evening: E0 of Tuesday = 24,000 + 10 x 104 = 25,040.

    At 19:59:59 (00:59:59 UTC) it is still Monday, whose E0 is what the account began with.
    """
    evening = told(fill("x1", 10, 100), priced(104)).book
    boundary = AT.replace(hour=1) + timedelta(days=1)
    assert evening.day_ends == boundary
    last = roll(evening, boundary - timedelta(seconds=1))
    assert seen(last.opening_equity, last.day_pnl()) == (25_000, 40)
    first = roll(evening, boundary)
    assert seen(first.opening_equity, first.day_pnl()) == (25_040, 0)


# --- 6 --------------------------------------------------------------------------------------------


def test_6_the_days_profit_is_realised_net_today_and_the_change_of_what_is_held() -> None:
    """Monday: DEMO 10 AAPL at 100, 104 at the boundary. Tuesday: opens at 90.

    4 sold at 91 for a fee of 1     4 x (91 - 104) - 1     = -53
    5 bought at 92, entry later     5 x (95 - 92)          = +15
    6 held from before, at 95       6 x (95 - 104)         = -54
    OTHER 2 MSFT bought at 50, at 51                       =  +2
    together                                                 -90
    """
    book = told(
        fill("x1", 10, 100),
        priced(104),
        sale("x2", 4, 91, fee=1, at=TOMORROW),
        fill("x3", 5, 92, at=TOMORROW),
        fill("x4", 2, 50, symbol=MSFT, strategy=OTHER, at=TOMORROW),
        alert(price=95, at=TOMORROW),
        alert(price=51, symbol=MSFT, at=TOMORROW),
    ).book
    assert book.day_pnl() == -90
    assert of_strategy(book, DEMO).day_pnl == -92
    assert of_strategy(book, OTHER).day_pnl == 2


def test_6_neither_flows_nor_the_owners_other_holdings_trip_or_mask_it() -> None:
    """A deposit of 10,000 and 20 external MSFT that fall by 10 each, beside 10 AAPL that lose 50.

    day P&L   10 x (95 - 100) = -50
    account   -50 + 20 x (40 - 50) = -250; the flows are out of both
    """
    book = told(
        booking(SharesTransferred, symbol=MSFT, quantity=Decimal(20), price=Decimal(50)),
        booking(CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(10_000)),
        fill("x1", 10, 100),
        priced(95),
        quoted(MSFT, 40),
    ).book
    assert seen(book.day_pnl(), book.account_day_pnl()) == (-50, -250)


# --- 7 --------------------------------------------------------------------------------------------


LIMIT = Decimal(500)


def test_7_what_is_realised_trips_at_once_whatever_the_marks_say() -> None:
    """10 at 100 sold at 50: -500 realised, though the alert says 200 and 1 is still held."""
    book = told(fill("x1", 11, 100), sale("x2", 10, 50), priced(200)).book
    assert seen(book.day_realized(), book.day_pnl()) == (-500, -400)
    assert judged(book, LIMIT, None, AT) == Lost(Decimal(-500))


def test_7_one_bad_print_trips_nothing_and_two_a_second_apart_do() -> None:
    """10 at 100: 40 says -600. Taken back half a second later, or said again after a second."""
    print_ = told(fill("x1", 10, 100), priced(40))
    first = judged(print_.book, LIMIT, None, AT)
    assert first == Suspicion(AT)
    assert isinstance(first, Suspicion)
    again = evolve_statement(print_, priced(41, seconds=0.5)).book
    assert judged(again, LIMIT, first, after(0.5)) == first
    better = evolve_statement(print_, priced(99, seconds=0.5)).book
    assert judged(better, LIMIT, first, after(0.5)) is None
    still = evolve_statement(print_, priced(40, seconds=1)).book
    assert judged(still, LIMIT, first, after(1)) == Lost(Decimal(-600))


def test_7_marks_older_than_a_minute_trip_nothing_and_are_named() -> None:
    book = told(fill("x1", 10, 100), priced(40)).book
    assert stale(book, after(60)) == ()
    assert stale(book, after(61)) == (AAPL,)
    assert judged(book, LIMIT, None, after(61)) is None


# --- 8 --------------------------------------------------------------------------------------------


def test_8_flows_are_never_profit_or_loss() -> None:
    """+1,000, -200, and 3 shares worth 50 each: 950 flowed in, and nothing was earned."""
    book = told(
        booking(CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(1_000)),
        booking(CashFlow, kind=FlowKind.WITHDRAWAL, amount=Decimal(-200)),
        booking(SharesTransferred, symbol=MSFT, quantity=Decimal(3), price=Decimal(50)),
    ).book
    assert seen(book.equity(), book.flows_today, in_all(book).profit) == (25_950, 950, 0)
    assert seen(book.day_pnl(), book.account_day_pnl()) == (0, 0)


# --- 9 --------------------------------------------------------------------------------------------


def test_9_the_index_is_chained_at_each_flow() -> None:
    """10 at 100, to 350: 25,000 -> 27,500, an index of 1.1. Then 27,500 more are deposited.

    from 350 to 625   55,000 -> 57,750, which is 1.05 of it
    index             1.1 x 1.05 = 1.155, though 57,750 / 25,000 = 2.31
    """
    statement = told(
        fill("x1", 10, 100),
        priced(350),
        booking(CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(27_500)),
        priced(625),
    )
    assert statement.book.equity() == 57_750
    assert statement.curve.index_of(statement.book) == Decimal("1.155")
    assert statement.curve.bot_index_of(statement.book) == Decimal("1.155")


def test_9_the_bots_index_leaves_out_what_it_does_not_hold() -> None:
    """25,000 $ and 500 external MSFT at 50 make 50,000. MSFT falls to 40, 10 AAPL gain 500.

    index       (50,000 - 5,000 + 500) / 50,000 = 0.91
    the bot's   1 + 500 / 50,000 = 1.01
    """
    statement = told(
        booking(SharesTransferred, symbol=MSFT, quantity=Decimal(500), price=Decimal(50)),
        fill("x1", 10, 100),
        priced(150),
        quoted(MSFT, 40),
    )
    assert statement.curve.index_of(statement.book) == Decimal("0.91")
    assert statement.curve.bot_index_of(statement.book) == Decimal("1.01")


# --- 10 -------------------------------------------------------------------------------------------


def test_10_drawdown_is_measured_from_the_highest_boundary() -> None:
    """10 AAPL at 100. Boundary at 350: 27,500, a peak of 1.1. Next day 600 at noon, then 75.

    now       24,000 + 750 = 24,750, an index of 0.99; 1 - 0.99 / 1.1 = 0.1
    600       30,000, an index of 1.2, is no peak: no boundary lay there
    """
    statement = told(
        fill("x1", 10, 100),
        priced(350),
        alert(price=600, at=TOMORROW),
        alert(price=75, at=TOMORROW + timedelta(hours=1)),
    )
    assert statement.curve.peak == Decimal("1.1")
    assert statement.curve.drawdown(statement.book) == Decimal("0.1")


def test_10_a_peak_is_reset_only_by_a_persons_act() -> None:
    statement = told(fill("x1", 10, 100), priced(350), alert(price=75, at=TOMORROW))
    after_weeks = evolve_statement(statement, alert(price=75, at=AT + timedelta(days=30)))
    assert after_weeks.curve.drawdown(after_weeks.book) == Decimal("0.1")
    reset = evolve_statement(after_weeks, booking(PeakReset, at=AT + timedelta(days=30)))
    assert reset.curve.drawdown(reset.book) == 0


# --- 11 -------------------------------------------------------------------------------------------


def test_11_a_trade_goes_from_flat_to_flat_and_is_net_of_fees() -> None:
    """5 + 5 bought at 100 and 102, 4 + 6 sold at 103: fees of 1 each.

    gross     10 x 103 - 5 x 100 - 5 x 102 = 20; net 20 - 4 = 16: one trade of four fills
    then      10 bought and sold at 100: gross 0, net -2, a loser by its fees
    """
    statement = told(
        fill("x1", 5, 100, fee=1),
        fill("x2", 5, 102, fee=1),
        sale("x3", 4, 103, fee=1),
        sale("x4", 6, 103, fee=1),
        fill("x5", 10, 100, fee=1),
        sale("x6", 10, 100, fee=1),
    )
    one, other = statement.trades.ended
    assert seen(one.gross, one.fees, one.net, one.is_loser) == (20, 4, 16, False)
    assert seen(other.gross, other.net, other.is_loser) == (0, -2, True)
    assert statement.trades.losing_streak(DEMO) == 1


# --- 12 -------------------------------------------------------------------------------------------


def test_12_a_bust_counts_when_it_arrives() -> None:
    """Monday: 10 at 100, and 10 at 80 by mistake; 100 at the boundary. Tuesday: the 10 at 80 go.

    cash       25,000 - 1,000 - 800 + 800 = 24,000; 10 at 100 are left
    Tuesday    E0 counted 20 x 100; ten of them are gone for 80 each: 10 x (80 - 100) = -200
    """
    monday = (fill("x1", 10, 100), fill("x2", 10, 80), priced(100))
    bust = about(
        ExecutionBusted,
        at=TOMORROW,
        strategy=DEMO,
        symbol=AAPL,
        side=Side.BUY,
        execution_id=ExecutionId("x2"),
        quantity=Decimal(10),
        price=Decimal(80),
    )
    book: Book = told(*monday, bust).book
    held = book.position(DEMO, AAPL)
    assert seen(book.cash, held.quantity, held.average_price) == (24_000, 10, 100)
    assert seen(told(*monday).book.day_pnl(), book.day_pnl()) == (200, -200)
    assert list(by_strategy(book)) == [DEMO]
