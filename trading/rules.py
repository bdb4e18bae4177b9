"""What a strategy may do, and the limits it trades inside."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.hours import EntryWindow, Hours, OnClosed
from trading.vocabulary import Sides, StrategyName, Symbol, TimestampMeaning


IN_MODE_PAPER: Final = {"mode": "paper"}
"""What a refusal shows where the mode keeps an account's orders back."""


@frozen(kw_only=True)
class Limits:
    """The limits of an account and strategy; None is off, and `allow_short` then, too.

    Money in dollars, sizes in shares, percentages of equity at the last day boundary, ages in
    seconds. The three of the session hold where the account keeps the exchange's hours.
    """

    max_order_value: Decimal | None
    max_order_value_percent: Decimal | None
    max_position_value: Decimal | None
    max_position_value_percent: Decimal | None
    max_position_size: Decimal | None
    max_total_exposure: Decimal | None
    max_total_exposure_percent: Decimal | None
    max_daily_loss: Decimal | None
    max_daily_loss_percent: Decimal | None
    max_alert_age_seconds: Decimal | None
    max_exit_age_seconds: Decimal | None
    repeat_window_seconds: Decimal | None
    price_collar_percent: Decimal | None
    entry_window: EntryWindow | None
    entry_cutoff_seconds: Decimal | None
    flatten_before_close_minutes: Decimal | None = None
    reversal_wait_seconds: Decimal | None = None
    allow_short: bool | None = False


@frozen(kw_only=True)
class StrategyRules:
    """One strategy on one account. `symbols` None means any; `retired` leaves exits only.

    `external` are the symbols it trades beside others who hold as many shares there, and no more.
    Protection that somebody else cancels comes back only with `restore_protection`. Where nothing
    `leaves`, the account's orders are not sent: the mode is paper and its money real.
    An entry that rests is cancelled after `entry_ttl` seconds; None: it ends with its session.
    Short is sold only where it is allowed beside `sides`, and what is `borrowable`; None: the venue
    says what is. `hours` are the account's; `on_closed` is asked where they are the exchange's.
    """

    name: StrategyName
    limits: Limits
    sides: Sides = Sides.LONG_ONLY
    allow_add: bool = False
    allow_repeats: bool = False
    id_is_unique: bool = False
    timestamp: TimestampMeaning = TimestampMeaning.TIMENOW
    symbols: frozenset[Symbol] | None = None
    external: Mapping[Symbol, Decimal] = {}
    hours: Hours = Hours.ALWAYS
    on_closed: OnClosed = OnClosed()  # noqa: RUF009 - immutable
    entry_ttl: Decimal | None = None
    retired: bool = False
    leaves: bool = True
    restore_protection: bool = False
    borrowable: frozenset[Symbol] | None = None


RulesOf = Callable[[StrategyName], StrategyRules]
"""A strategy's rules on the account, also of one that is no longer in the settings."""
