"""What every fact of the journal has."""

from datetime import datetime
from typing import Final

from attrs import frozen


FOR_PEOPLE: Final = "for_people"
"""Marks, in its metadata, an event's last field as one to be read: no state is made of it."""


@frozen(kw_only=True)
class Event:
    """A fact: `at` is the aware UTC instant at which it became one for us."""

    at: datetime
