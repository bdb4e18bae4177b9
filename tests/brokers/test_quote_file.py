"""A market in a file: what its lines show, what is wrong with them, and what is read when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.market import Candle, Quote
from brokers.quote_file import BAR_COLUMNS, QUOTE_COLUMNS, LineFault, Lines, known_at
from brokers.quote_tape import QuoteTape, as_quote, last_quotes
from trading.vocabulary import Symbol


MINUTE = timedelta(minutes=1)
OPEN = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
QUOTES = ",".join(QUOTE_COLUMNS)
BARS = ",".join(BAR_COLUMNS)


def faults_of(*lines: str) -> list[tuple[int, int, str]]:
    reader = Lines(MINUTE)
    reader.take(lines)
    return [(f.line, f.column, f.message) for f in reader.faults]


def test_a_quote_leaves_out_what_it_does_not_know() -> None:
    (quote,) = Lines(MINUTE).take([QUOTES, "2026-11-23T09:30:00-05:00,BRK.B,99.95,100.05,,1200\r"])
    assert quote == Quote(
        symbol=Symbol("BRK.B"),
        at=OPEN,
        source="file",
        bid=Decimal("99.95"),
        ask=Decimal("100.05"),
        volume=Decimal(1200),
    )


def test_a_bar_is_known_when_it_is_over() -> None:
    (bar,) = Lines(MINUTE).take([BARS, "2026-11-23T14:30:00Z,AAPL,100,101,99,100.5,"])
    assert isinstance(bar, Candle)
    assert known_at(bar) == OPEN + MINUTE
    assert as_quote(bar) == Quote(
        symbol=Symbol("AAPL"), at=OPEN + MINUTE, source="file", last=Decimal("100.5")
    )


def test_every_fault_is_told_with_its_line_and_column() -> None:
    assert faults_of(
        QUOTES,
        "2026-11-23 14:30,aapl,0,x,1,-5",
        "",
        "2026-11-23T14:30:00Z,AAPL,1,2",
        "2026-11-23T14:30:00Z,AAPL,,,,7",
        "yesterday,AAPL,1,2,,",
    ) == [
        (2, 1, "at: must be an instant with its zone, like 2026-11-23T14:30:00Z"),
        (2, 18, "symbol: must be a symbol, like AAPL or BRK.B"),
        (2, 23, "bid: must be a price above 0, like 187.50"),
        (2, 25, "ask: must be a price above 0, like 187.50"),
        (2, 29, "volume: must be a number of shares"),
        (4, 1, "has 4 values where there are 6 columns"),
        (5, 27, "bid: a line needs a bid, an ask or a last price"),
        (6, 1, "at: must be an instant with its zone, like 2026-11-23T14:30:00Z"),
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("100,99,98,100", (2, 31, "high: is below another price of the bar")),
        ("100,101,100.5,101", (2, 35, "low: is above another price of the bar")),
        ("100,,98,100", (2, 31, "high: must be a price above 0, like 187.50")),
    ],
)
def test_a_bar_holds_together(row: str, fault: tuple[int, int, str]) -> None:
    assert faults_of(BARS, f"2026-11-23T14:30:00Z,AAPL,{row},5") == [fault]


def test_without_the_names_of_its_columns_nothing_is_read() -> None:
    told = f"the first line must be {QUOTES} or {BARS}"
    assert faults_of("at;symbol", "2026-11-23T14:30:00Z,AAPL,1,2,,") == [(1, 1, told)]


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\n"))))
def test_whatever_stands_in_a_file_is_a_value_or_a_fault(lines: list[str]) -> None:
    reader = Lines(MINUTE)
    shown = reader.take([QUOTES, *lines])
    kept = sum(1 for line in lines if line.strip())
    assert len(shown) + len({fault.line for fault in reader.faults}) == kept


def test_a_line_is_read_once_it_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "quotes.csv"
    path.write_text(f"{QUOTES}\n2026-11-23T14:30:00Z,AAPL,1,2,,\n2026-11-23T14:3")
    tape = QuoteTape(path, MINUTE)
    assert len(tape.read()) == 1
    assert tape.read() == []
    with path.open("a") as file:
        file.write("1:00Z,AAPL,3,x,,\n")
    assert tape.read() == []
    fault = LineFault(3, 29, "ask: must be a price above 0, like 187.50")
    assert (tape.new_faults(), tape.new_faults()) == ([fault], [])


def test_a_file_that_was_begun_anew_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "quotes.csv"
    path.write_text(f"{QUOTES}\n2026-11-23T14:30:00Z,AAPL,1,2,,\n2026-11-23T14:31:00Z,AAPL,1,2,,\n")
    tape = QuoteTape(path, MINUTE)
    assert len(tape.read()) == 2
    path.write_text(f"{BARS}\n2026-11-23T14:30:00Z,AAPL,1,1,1,1,\n")
    assert [type(shown) for shown in tape.read()] == [Candle]


def test_of_the_past_the_last_of_each_symbol_counts() -> None:
    shown = Lines(MINUTE).take(
        [
            BARS,
            "2026-11-23T14:31:00Z,AAPL,2,2,2,2,",
            "2026-11-23T14:30:00Z,AAPL,1,1,1,1,",
            "2026-11-23T14:32:00Z,AAPL,3,3,3,3,",
            "2026-11-23T14:30:00Z,MSFT,9,9,9,9,",
        ]
    )
    last = last_quotes(shown, OPEN + 2 * MINUTE)
    assert {symbol: quote.last for symbol, quote in last.items()} == {"AAPL": 2, "MSFT": 9}
