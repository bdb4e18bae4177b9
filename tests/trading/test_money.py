"""Numbers are written exactly, and never by a rule that fails on a large one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.money import dollars, is_whole, percent_of, plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("100", "100"),
        ("100.00", "100"),
        ("1E+2", "100"),
        ("150.50", "150.5"),
        ("-0.010", "-0.01"),
        ("0E-2", "0"),
        ("-0.00", "0"),
        ("0.00000001", "0.00000001"),
        ("1E+30", "1" + "0" * 30),
        ("1234567890123456789012345678.12345", "1234567890123456789012345678.12345"),
    ],
)
def test_a_number_is_written_in_its_shortest_exact_form(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_what_is_written_reads_back_as_the_same_number(value: Decimal) -> None:
    assert Decimal(plain(value)) == value


def test_an_amount_is_rounded_to_the_cent_and_grouped() -> None:
    assert dollars(Decimal("24812.4951")) == "24,812.50"
    assert dollars(Decimal(-5)) == "-5.00"


def test_only_whole_numbers_of_shares_are_whole() -> None:
    assert is_whole(Decimal("10.000"))
    assert is_whole(Decimal("1E+3"))
    assert not is_whole(Decimal("10.5"))


def test_two_percent_of_25000_is_500() -> None:
    assert percent_of(Decimal(25_000), Decimal(2)) == 500
