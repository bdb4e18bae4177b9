"""Scopes and sides say what they cover and where they point."""

import pytest

from tests.trading.builders import AAPL, ACCOUNT, DEMO, MSFT
from trading.events import Scope
from trading.vocabulary import Side


@pytest.mark.parametrize(
    ("scope", "covered", "text"),
    [
        (Scope(), True, "everything"),
        (Scope(account=ACCOUNT), True, "account paper"),
        (Scope(strategy=DEMO, symbol=AAPL), True, "strategy demo, symbol AAPL"),
        (Scope(account=ACCOUNT, symbol=MSFT), False, "account paper, symbol MSFT"),
    ],
)
def test_a_scope_covers_what_all_its_parts_cover(scope: Scope, covered: bool, text: str) -> None:  # noqa: FBT001 - a parameter of the table
    assert scope.covers("paper", "demo", "AAPL") is covered
    assert str(scope) == text


def test_a_side_knows_its_sign_and_its_opposite() -> None:
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
    assert (Side.BUY.opposite, Side.SELL.opposite) == (Side.SELL, Side.BUY)
