from hypothesis import given
from hypothesis import strategies as st

from cli.table import Column, Row, table
from cli.text import clean, instant, money, price, shown, width


PLAIN = Column("name", "name")
NUMBER = Column("n", "n", is_number=True)


def test_text_lines_up_at_the_left_and_numbers_at_the_right() -> None:
    rows = [{"name": "AAPL", "n": "5"}, {"name": "F", "n": "1000"}]
    assert table((PLAIN, NUMBER), rows) == "name     n\nAAPL     5\nF     1000"


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    rows = [{"name": "日本", "n": "1"}, {"name": "e\u0301", "n": "2"}]
    assert table((PLAIN, NUMBER), rows) == "name  n\n日本  1\ne\u0301     2"


def test_no_line_ends_in_blanks() -> None:
    assert table((PLAIN,), [{"name": "a long one"}, {"name": ""}]) == "name\na long one\n-"


def test_what_a_terminal_would_obey_is_shown_as_a_mark() -> None:
    assert clean("a\x1b[2Jb\r\nc\u202ed\x9be") == "a�[2Jb��c�d�e"


@given(st.lists(st.fixed_dictionaries({"name": st.text(), "n": st.text()}), min_size=1))
def test_every_row_is_one_line_and_all_numbers_end_in_one_column(rows: list[Row]) -> None:
    lines = table((PLAIN, NUMBER), rows).split("\n")
    assert len(lines) == len(rows) + 1
    cells = ["n", *(shown(row["n"]) for row in rows)]
    full = [line for line, cell in zip(lines, cells, strict=True) if cell == cell.rstrip()]
    assert len({width(line) for line in full}) == 1


def test_money_is_grouped_and_has_two_decimals() -> None:
    assert [money(v) for v in ("24812.5", "-0.004", "0", None)] == [
        "24,812.50",
        "0.00",
        "0.00",
        "-",
    ]


def test_a_price_keeps_up_to_four_decimals_and_at_least_two() -> None:
    assert [price(v) for v in ("187.5", "0.1234", "3.33333333", "n/a")] == [
        "187.50",
        "0.1234",
        "3.3333",
        "n/a",
    ]


def test_times_are_those_of_new_york_in_summer_and_winter() -> None:
    assert instant("2026-11-20T14:30:00.123456Z") == "2026-11-20 09:30:00"
    assert instant("2026-07-20T13:30:00.123456Z", milliseconds=True) == "2026-07-20 09:30:00.123"
    assert instant("soon") == "soon"


def test_lists_and_objects_are_shown_in_words() -> None:
    assert shown({"a": ["x", None], "b": True}) == "a x, -, b yes"
    assert shown([]) == shown({}) == shown(None) == "-"
