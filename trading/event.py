"""What every fact of the journal has."""

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class Event:
    """A fact: `at` is the aware UTC instant at which it became one for us."""

    at: datetime
