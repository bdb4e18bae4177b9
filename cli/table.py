"""Plain aligned tables."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from cli.text import shown, width


Row = Mapping[str, Any]
"""An item of an API's list."""


@frozen
class Column:
    """A column: its title, the field it shows, how, and on which side it lines up."""

    title: str
    field: str
    show: Callable[[object], str] = shown
    is_number: bool = False


def table(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """The rows in lines under a line of titles; numbers line up at the right."""
    lines = [
        [column.title for column in columns],
        *([column.show(row.get(column.field)) for column in columns] for row in rows),
    ]
    widths = [max(width(line[index]) for line in lines) for index in range(len(columns))]
    return "\n".join(_line(columns, widths, line) for line in lines)


def _line(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> str:
    padded = (
        _padded(cell, wide, is_number=column.is_number)
        for column, wide, cell in zip(columns, widths, cells, strict=True)
    )
    return "  ".join(padded).rstrip()


def _padded(text: str, columns: int, *, is_number: bool) -> str:
    padding = " " * (columns - width(text))
    return padding + text if is_number else text + padding
