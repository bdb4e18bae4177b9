"""The judge's own sums of bookings: by hand, and against the bot's over random histories."""

from decimal import Decimal
from typing import Any

from hypothesis import settings

from journal.rows import row_of
from journal.store import Recorded
from tests.crash.fold import State, fold
from tests.crash.rows import Row
from tests.crash.written import Fact, good_journal
from tests.journal.samples import CODEC
from tests.trading.builders import planned
from tests.trading.test_books_close import Account
from trading.event import Event


def state(*facts: Fact) -> State:
    rows = [
        Row(seq=seq, at="", type=fact.type, body=fact.body)
        for seq, fact in enumerate((*good_journal().facts, *facts), 1)
    ]
    found = fold(rows)
    assert fold([*rows, *rows]) == found
    return found


def booking(kind: str, name: str = "t1", **more: Any) -> Fact:
    return Fact(kind, {"account": "paper", "booking_id": name, "symbol": "AAPL", **more})


CASH = Decimal(25_000) - 5 * Decimal("100.10")


def test_what_an_account_held_at_first_is_external() -> None:
    opened = {
        "account": "two",
        "cash": "10",
        "positions": [{"symbol": "A", "quantity": "-3", "price": "5"}],
    }
    found = state(Fact("AccountOpened", opened))
    assert found.positions["two", "A"] == found.shares["two", "", "A"] == -3


def test_a_foreign_trade_takes_from_external_and_from_a_share() -> None:
    sale = {"side": "sell", "quantity": "6", "price": "110", "fee": "0.02"}
    found = state(
        booking("SharesTransferred", quantity="4", price="100"),
        booking("ExternalTraded", "F1", **sale),
        booking("ExternallyClosed", "F1/demo", strategy="demo", **sale | {"quantity": "2"}),
    )
    assert found.positions["paper", "AAPL"] == 3
    assert found.shares == {("paper", "demo", "AAPL"): 3, ("paper", "", "AAPL"): 0}
    assert found.cash["paper"] == CASH + 660 - Decimal("0.02")


def test_a_split_leaves_whole_shares_and_puts_the_rest_outside() -> None:
    """5 and 2 external, 1 for 2 and 0.10 a share: 2 and 1.5."""
    found = state(
        booking("SharesTransferred", quantity="2", price="100"),
        booking("CorporateAction", "t2", new="1", old="2", cash="0.10"),
        booking("CashInLieuPaid", "t3", quantity="0.5", amount="50"),
    )
    assert found.shares == {("paper", "demo", "AAPL"): 2, ("paper", "", "AAPL"): 1}
    assert found.positions["paper", "AAPL"] == 3
    assert found.cash["paper"] == CASH + Decimal("50.70")


def test_what_goes_from_hand_to_hand_changes_no_sum_and_is_no_more_than_there_is() -> None:
    found = state(
        booking("Transferred", strategy="demo", to="other", quantity="9"),
        booking("DustMoved", "t2", strategy="other", quantity="0.5"),
        booking("Adopted", "t3", strategy="demo", quantity="1", price="7"),
        booking("Adopted", "t4", strategy="demo", quantity="-1", price="7"),
    )
    assert found.positions["paper", "AAPL"] == 5
    assert {key[1]: quantity for key, quantity in found.shares.items()} == {
        "demo": Decimal("0.5"),
        "other": Decimal("4.5"),
        "": 0,
    }
    assert found.cash["paper"] == CASH


def test_money_comes_and_goes_once() -> None:
    found = state(
        booking("CashFlow", amount="100"),
        booking("CashFlow", amount="100"),
        booking("InterestBooked", amount="-1"),
        booking("FeeCharged", amount="2"),
        booking("FeeReplaced", fee="0.5", was_fee="0.2"),
        booking("DividendPaid", portions=[{"amount": "3"}, {"amount": "4"}]),
        booking("Adjusted", symbol=None, cash="-10"),
    )
    assert found.cash["paper"] == CASH + 100 - 1 - 2 - Decimal("0.3") + 7 - 10


def test_an_execution_taken_back_counts_no_more() -> None:
    of = {"order_id": "a1.paper.1", "account": "paper", "strategy": "demo", "symbol": "AAPL"}
    of |= {"execution_id": "P1.1", "side": "buy"}
    was = {"was_quantity": "5", "was_price": "100.10"}
    found = state(Fact("ExecutionCorrected", {**of, **was, "quantity": "4", "price": "100"}))
    assert found.positions["paper", "AAPL"] == 4
    assert found.cash["paper"] == 24_600
    assert found.orders["a1.paper.1"].status == "PARTIALLY_FILLED"
    found = state(Fact("ExecutionBusted", {**of, "quantity": "5", "price": "100.10"}))
    assert found.positions["paper", "AAPL"] == 0
    assert found.cash["paper"] == 25_000
    assert found.orders["a1.paper.1"].status == "ACCEPTED"
    assert found.problems == []


class Judged(Account):
    """The account to which anything may happen, its events also as rows for the judge."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.write(planned(quantity=1_000_000))

    def write(self, event: Event) -> None:
        seq = len(self.rows) + 1
        row = row_of(Recorded(seq, event, "test", 0, seq, ""), CODEC)
        body = CODEC.write(event)[1]
        self.rows.append(Row(seq=seq, at=row[1], type=row[2], body=body))

    def happens(self, event: Event) -> None:
        super().happens(event)
        self.write(event)

    def teardown(self) -> None:
        found, book = fold(self.rows), self.statement.book
        assert fold([*self.rows, *self.rows]) == found
        assert found.cash.get("paper", Decimal(0)) == (book.cash or 0)
        for (_, symbol), total in found.positions.items():
            assert total == book.net(symbol)  # type: ignore[arg-type]  # a name
        held: dict[tuple[str, str, str], Decimal]
        held = {("paper", *key): p.quantity for key, p in book.positions.items()}
        held |= {("paper", "", symbol): p.quantity for symbol, p in book.external.items()}
        assert {k: q for k, q in found.shares.items() if q} == {k: q for k, q in held.items() if q}


TestJudged = Judged.TestCase
TestJudged.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
