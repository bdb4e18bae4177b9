"""The books close with everything in them: random histories of an account, judged after each fact.

The judge keeps quantities and cash by itself, in the simplest way there is.
"""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from attrs import asdict, frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.trading.builders import AAPL, ACCOUNT, AT, DEMO, MSFT, OTHER, about, alert, booking, fill
from trading.bookings import (
    Adjusted,
    Adopted,
    BorrowCharged,
    CashFlow,
    CashInLieuPaid,
    CorporateAction,
    DividendPaid,
    DustMoved,
    ExternalTraded,
    FeeCharged,
    FeeReplaced,
    Held,
    InterestBooked,
    SharesTransferred,
    Transferred,
)
from trading.event import Event
from trading.events import AccountOpened
from trading.external import cash_residual, dust, portions, residuals, taken_from_shares
from trading.money import ZERO
from trading.order_events import ExecutionBusted, ExecutionCorrected, OrderFilled
from trading.profit import in_all, unexplained
from trading.statement import Statement, evolve_statement, new_statement
from trading.vocabulary import ExecutionId, FlowKind, Side, StrategyName, Symbol


STRATEGIES = st.sampled_from((DEMO, OTHER))
SYMBOLS = st.sampled_from((AAPL, MSFT))
SIDES = st.sampled_from(Side)
SHARES = st.integers(1, 300).map(Decimal)
SIGNED = st.integers(-300, 300).map(Decimal)
PRICES = st.decimals("0.01", 900, places=2)
CENTS = st.decimals("-500", 500, places=2)
FEES = st.decimals(0, 5, places=2)


@frozen
class Deal:
    """Shares that changed hands at the venue."""

    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal

    @property
    def signed(self) -> Decimal:
        return self.side.sign * self.quantity

    @property
    def spent(self) -> Decimal:
        return self.signed * self.price + self.fee


DEALS = st.builds(Deal, SYMBOLS, SIDES, SHARES, PRICES, FEES)


class Account(RuleBasedStateMachine):
    """An account to which anything may happen, in any order, over several days."""

    def __init__(self) -> None:
        super().__init__()
        self.now = AT
        self.statement: Statement = new_statement(ACCOUNT)
        self.fills: dict[ExecutionId, OrderFilled] = {}
        self.number = 0
        self.quantities: defaultdict[Symbol, Decimal] = defaultdict(Decimal)
        self.cash = ZERO
        self.carried_today = ZERO

    # --- what the rules use ---------------------------------------------------------------------

    def happens(self, event: Event) -> None:
        before = self.statement.book.day_ends
        self.statement = evolve_statement(self.statement, event)
        if self.statement.book.day_ends != before:
            self.carried_today = ZERO

    def books(self, fact: Any, /, **more: Any) -> None:
        self.happens(booking(fact, at=self.now, **more))

    def moved(self, symbol: Symbol, quantity: Decimal, cash: Decimal = ZERO) -> None:
        self.quantities[symbol] += quantity
        self.cash += cash

    # --- the rules ------------------------------------------------------------------------------

    @initialize(cash=CENTS, quantity=SIGNED, price=PRICES)
    def opens(self, cash: Decimal, quantity: Decimal, price: Decimal) -> None:
        held = (Held(symbol=AAPL, quantity=quantity, price=price),)
        self.happens(AccountOpened(at=self.now, account=ACCOUNT, cash=cash, positions=held))
        self.moved(AAPL, quantity, cash)

    @rule(seconds=st.sampled_from((1, 600, 40_000, 200_000)))
    def time_goes_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(symbol=SYMBOLS, price=PRICES)
    def is_priced(self, symbol: Symbol, price: Decimal) -> None:
        self.happens(alert(symbol=symbol, price=price, at=self.now))

    @rule(strategy=STRATEGIES, deal=DEALS)
    def fills_an_order(self, strategy: StrategyName, deal: Deal) -> None:
        self.number += 1
        filled = fill(f"x{self.number}", strategy=strategy, at=self.now, **asdict(deal))
        self.fills[filled.execution_id] = filled
        self.happens(filled)
        self.moved(deal.symbol, deal.signed, -deal.spent)

    @precondition(lambda self: self.fills)
    @rule(data=st.data())
    def takes_an_execution_back(self, data: st.DataObject) -> None:
        gone = self.fills.pop(data.draw(st.sampled_from(sorted(self.fills))))
        self.happens(about(ExecutionBusted, at=self.now, **_numbers(gone)))
        signed = gone.side.sign * gone.quantity
        self.moved(gone.symbol, -signed, signed * gone.price)

    @precondition(lambda self: self.fills)
    @rule(data=st.data(), quantity=SHARES, price=PRICES)
    def corrects_an_execution(self, data: st.DataObject, quantity: Decimal, price: Decimal) -> None:
        was = self.fills.pop(data.draw(st.sampled_from(sorted(self.fills))))
        now = _numbers(was) | {"quantity": quantity, "price": price}
        self.happens(
            about(
                ExecutionCorrected,
                at=self.now,
                was_quantity=was.quantity,
                was_price=was.price,
                **now,
            )
        )
        sign = was.side.sign
        self.moved(
            was.symbol,
            sign * (quantity - was.quantity),
            sign * (was.quantity * was.price - quantity * price),
        )

    @rule(deal=DEALS)
    def somebody_trades(self, deal: Deal) -> None:
        self.number += 1
        trade = booking(
            ExternalTraded,
            at=self.now,
            execution_id=ExecutionId(f"f{self.number}"),
            executed_at=self.now,
            **asdict(deal),
        )
        closings = taken_from_shares(self.statement.book, trade)
        self.happens(trade)
        for closing in closings:
            self.happens(closing)
        self.moved(deal.symbol, deal.signed, -deal.spent)

    @rule(symbol=SYMBOLS, terms=st.sampled_from(((2, 1), (3, 2), (1, 10), (1, 3))), cash=FEES)
    def a_company_acts(self, symbol: Symbol, terms: tuple[int, int], cash: Decimal) -> None:
        paid = self.quantities[symbol] * cash
        new, old = map(Decimal, terms)
        self.quantities[symbol] = round(self.quantities[symbol] * new / old, 6)
        self.cash += paid
        self.books(CorporateAction, symbol=symbol, new=new, old=old, cash=cash)
        self.carried_today += paid

    @rule(symbol=SYMBOLS, amount=CENTS)
    def a_fraction_is_paid(self, symbol: Symbol, amount: Decimal) -> None:
        outside = self.statement.book.outside(symbol).quantity
        fraction = outside - int(outside)
        self.books(CashInLieuPaid, symbol=symbol, quantity=fraction, amount=amount)
        self.moved(symbol, -fraction, amount)

    @rule(
        kind=st.sampled_from((DividendPaid, BorrowCharged)),
        symbol=SYMBOLS,
        amount=CENTS,
    )
    def shares_bring_or_cost_something(self, kind: Any, symbol: Symbol, amount: Decimal) -> None:
        self.books(kind, symbol=symbol, portions=portions(self.statement.book, symbol, amount))
        self.cash += amount
        self.carried_today += amount

    @rule(amount=CENTS, place=st.sampled_from(((DEMO, AAPL), (None, MSFT), (None, None))))
    def a_fee_is_charged(
        self, amount: Decimal, place: tuple[StrategyName | None, Symbol | None]
    ) -> None:
        strategy, symbol = place
        self.books(FeeCharged, amount=amount, strategy=strategy, symbol=symbol)
        self.cash -= amount
        if symbol is None:
            self.carried_today -= amount

    @precondition(lambda self: self.fills)
    @rule(data=st.data(), fee=FEES)
    def a_fee_is_replaced(self, data: st.DataObject, fee: Decimal) -> None:
        of = self.fills[data.draw(st.sampled_from(sorted(self.fills)))]
        self.books(
            FeeReplaced,
            execution_id=of.execution_id,
            strategy=of.strategy,
            symbol=of.symbol,
            fee=fee,
            was_fee=of.fee,
            executed_at=of.executed_at,
        )
        self.cash -= fee - of.fee

    @rule(amount=CENTS)
    def interest_is_booked(self, amount: Decimal) -> None:
        self.books(InterestBooked, amount=amount)
        self.cash += amount
        self.carried_today += amount

    @rule(amount=CENTS, kind=st.sampled_from(FlowKind))
    def money_flows(self, amount: Decimal, kind: FlowKind) -> None:
        self.books(CashFlow, amount=amount, kind=kind)
        self.cash += amount

    @rule(symbol=SYMBOLS, quantity=SIGNED, price=PRICES)
    def shares_flow(self, symbol: Symbol, quantity: Decimal, price: Decimal) -> None:
        self.books(SharesTransferred, symbol=symbol, quantity=quantity, price=price)
        self.moved(symbol, quantity)

    @rule(strategy=STRATEGIES, symbol=SYMBOLS, quantity=SIGNED, price=PRICES)
    def somebody_adopts(
        self, strategy: StrategyName, symbol: Symbol, quantity: Decimal, price: Decimal
    ) -> None:
        self.books(Adopted, strategy=strategy, symbol=symbol, quantity=quantity, price=price)

    @rule(symbol=SYMBOLS, quantity=SIGNED)
    def somebody_transfers(self, symbol: Symbol, quantity: Decimal) -> None:
        self.books(Transferred, strategy=DEMO, to=OTHER, symbol=symbol, quantity=quantity)

    @rule(strategy=st.sampled_from((DEMO, None)), symbol=SYMBOLS, quantity=SIGNED, price=PRICES)
    def somebody_adjusts_shares(
        self, strategy: StrategyName | None, symbol: Symbol, quantity: Decimal, price: Decimal
    ) -> None:
        self.books(Adjusted, strategy=strategy, symbol=symbol, quantity=quantity, price=price)
        self.moved(symbol, quantity)

    @rule(cash=CENTS)
    def somebody_adjusts_cash(self, cash: Decimal) -> None:
        self.books(Adjusted, cash=cash)
        self.cash += cash

    @rule()
    def dust_is_moved(self) -> None:
        for (strategy, symbol), quantity in dust(self.statement.book).items():
            self.books(DustMoved, strategy=strategy, symbol=symbol, quantity=quantity)
        assert not dust(self.statement.book)

    @rule()
    def equity_is_marked(self) -> None:
        self.happens(self.statement.curve.mark_of(self.statement.book, self.now))

    # --- the judge ------------------------------------------------------------------------------

    @invariant()
    def quantities_and_cash_are_all_that_moved(self) -> None:
        assert residuals(self.statement.book, self.quantities) == ()
        assert cash_residual(self.statement.book, self.cash) == 0

    @invariant()
    def profits_and_carry_are_the_change_of_equity_less_flows(self) -> None:
        assert unexplained(self.statement.book) == 0

    @invariant()
    def the_days_profits_and_carry_are_the_days_change_of_equity_less_flows(self) -> None:
        book = self.statement.book
        if book.cash is not None:
            assert book.account_day_pnl() == in_all(book).day_pnl + self.carried_today

    @invariant()
    def what_is_flat_has_cost_nothing(self) -> None:
        for _, position in self.statement.book.holdings():
            assert position.quantity or position.cost == position.day_cost == 0

    @invariant()
    def a_trade_is_open_where_something_is_held(self) -> None:
        book = self.statement.book
        held = {key for key, p in book.positions.items() if p.quantity}
        assert set(self.statement.trades.begun) == held


def _numbers(of: OrderFilled) -> dict[str, Any]:
    return {
        "strategy": of.strategy,
        "symbol": of.symbol,
        "side": of.side,
        "execution_id": of.execution_id,
        "quantity": of.quantity,
        "price": of.price,
    }


TestAccount = Account.TestCase
TestAccount.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
