"""Data goes to stdout, everything said about it to stderr."""

import json
from collections.abc import Sequence

import click

from cli.table import Column, Row, table


def put(text: str) -> None:
    """Print data."""
    click.echo(text)


def say(text: str) -> None:
    """Print a message."""
    click.echo(text, err=True)


def put_json(data: object) -> None:
    """Print data for programs, one document a line."""
    click.echo(json.dumps(data))


def put_rows(columns: Sequence[Column], rows: Sequence[Row], *, none: str) -> None:
    """Print a table, or say that there is nothing to show."""
    if rows:
        put(table(columns, rows))
    else:
        say(none)
