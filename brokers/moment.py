"""The instant at which orders meet a quote, and whether anything may fill then. Pure."""

from datetime import datetime

from attrs import frozen

from brokers.market import FROM_ALERT, MarketHours, Quote
from brokers.paper_rules import MarketRules


@frozen(kw_only=True)
class Moment:
    """A quote, the one of its symbol before it, and when and by what rules the orders meet it."""

    quote: Quote
    before: Quote | None
    now: datetime
    session: MarketHours | None
    rules: MarketRules

    @property
    def is_from_alert(self) -> bool:
        """Whether only an alert said this price."""
        return self.quote.source == FROM_ALERT

    @property
    def is_usable(self) -> bool:
        """Whether anything may fill by it: sound, fresh, in session and later than the one before.

        A price from an alert counts only where no market is known.
        """
        quote, before = self.quote, self.before
        if not quote.is_sound or quote.age(self.now) > self.rules.max_age:
            return False
        if self.session is not None and not self.session.holds(quote.at):
            return False
        if before is None:
            return True
        if self.is_from_alert:
            return before.source == FROM_ALERT
        return quote.at >= before.at and quote != before

    @property
    def widened(self) -> int:
        """By how much an assumed spread is wider than usual: twice just after the open."""
        if self.session is None:
            return 1
        return 2 if self.quote.at < self.session.opens_at + self.rules.wide_after_open else 1
