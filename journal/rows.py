"""An event as a row of the store, and back."""

from typing import TypeAlias

from journal.codec import INSTANT, Codec
from journal.errors import UndecodableEvent
from journal.store import Fact, Recorded


Row: TypeAlias = tuple[int, str, str, str | None, str | None, str | None, str, int, int, str, str]
"""seq, at, type, account, alert_id, order_id, writer, epoch, number, cause, body"""

COLUMNS = "seq, at, type, account, alert_id, order_id, writer, epoch, number, cause, body"

FactRow: TypeAlias = tuple[int, str, str]
"""seq, type, body"""

FACT_COLUMNS = "seq, type, body"


def row_of(record: Recorded, codec: Codec) -> Row:
    """The row that holds a record; what it is searched by stands in columns of its own."""
    type_name, fields, body = codec.write(record.event)
    return (
        record.seq,
        body[INSTANT],
        type_name,
        fields.get("account"),
        fields.get("alert_id"),
        fields.get("order_id"),
        record.writer,
        record.epoch,
        record.number,
        record.cause,
        body,
    )


def record_of(row: Row, codec: Codec) -> Recorded:
    """The record that a row holds.

    Raises:
        UndecodableEvent: naming the row's seq.
    """
    seq, _, type_name, _, _, _, writer, epoch, number, cause, body = row
    try:
        event = codec.decode(type_name, body)
    except UndecodableEvent as error:
        raise error.at(seq) from error
    return Recorded(seq, event, writer, epoch, number, cause)


def fact_of(row: FactRow, codec: Codec) -> Fact:
    """The fact that a row holds.

    Raises:
        UndecodableEvent: naming the row's seq.
    """
    seq, type_name, body = row
    try:
        return seq, codec.fact(type_name, body)
    except UndecodableEvent as error:
        raise error.at(seq) from error
