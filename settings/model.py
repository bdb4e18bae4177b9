"""The settings as values: their names, their defaults, their units."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from attrs import Factory, evolve, field, fields, frozen

from settings.listen import Listen as Listen  # noqa: PLC0414 - part of this face
from settings.paper import Funds, PaperFaults, PaperQuotes, PaperShorts
from settings.public_url import PublicUrl
from settings.rules import (
    above,
    at_least,
    empty,
    holdings,
    limit,
    networks,
    or_off,
    symbols,
    weekdays,
    whole_cents,
    with_tradingview,
)
from settings.secrets import SecretRef
from settings.venue_urls import CallbackUrl, LoopbackUrl
from trading.hours import EntryWindow, Hours, OnClosed
from trading.vocabulary import AccountName, Mode, Sides, StrategyName, Symbol, TimestampMeaning


@frozen(kw_only=True)
class WebhookListener:
    """Where alerts arrive. No allowed addresses means no check; the rate limit is per strategy."""

    listen: Listen = field(default=Listen("127.0.0.1", 8080))
    rate_limit_per_minute: int | None = field(default=600, validator=or_off(above(0)))
    allowed_addresses: tuple[str, ...] = field(
        default=(), converter=with_tradingview, validator=networks
    )
    trusted_proxies: tuple[str, ...] = field(default=(), validator=networks)
    secret: SecretRef | None = None


@frozen(kw_only=True)
class DashboardListener:
    """Where pages and API are served; `public_url` is where TLS stands before them."""

    listen: Listen = field(default=Listen("127.0.0.1", 8081))
    public_url: PublicUrl | None = None
    trusted_proxies: tuple[str, ...] = field(default=(), validator=networks)


@frozen(kw_only=True)
class LiveListener:
    """Where the live feed will be served; this version accepts the address and serves no feed."""

    listen: Listen = field(default=Listen("127.0.0.1", 8082))


@frozen(kw_only=True)
class Web:
    """The listeners of the edge."""

    webhook: WebhookListener = WebhookListener()
    dashboard: DashboardListener = DashboardListener()
    live: LiveListener = LiveListener()


@frozen(kw_only=True)
class Risk:
    """The limits; None is off.

    Values and losses in dollars, `_percent` twins of equity at the last day boundary (the smaller
    holds), sizes in shares. The limits of not_enforced.py are taken as null only.
    """

    max_order_value: Decimal | None = field(default=Decimal(2500), validator=limit)
    max_order_value_percent: Decimal | None = field(default=Decimal(10), validator=limit)
    max_position_value: Decimal | None = field(default=Decimal(5000), validator=limit)
    max_position_value_percent: Decimal | None = field(default=Decimal(20), validator=limit)
    max_position_size: Decimal | None = field(default=Decimal(500), validator=limit)
    max_total_exposure: Decimal | None = field(default=Decimal(12500), validator=limit)
    max_total_exposure_percent: Decimal | None = field(default=Decimal(50), validator=limit)
    max_daily_loss: Decimal | None = field(default=Decimal(500), validator=limit)
    max_daily_loss_percent: Decimal | None = field(default=Decimal(2), validator=limit)
    max_alert_age_seconds: Decimal | None = field(default=Decimal(30), validator=limit)
    max_exit_age_seconds: Decimal | None = field(default=Decimal(900), validator=limit)
    repeat_window_seconds: Decimal | None = field(default=Decimal(10), validator=limit)
    # TradingView sends again for up to 30 s: a shorter window would let its repeats through.
    dedup_window_seconds: Decimal = field(default=Decimal(45), validator=above(30))
    price_collar_percent: Decimal | None = field(default=Decimal(2), validator=limit)
    # Those that only accounts with the exchange's hours know.
    entry_window: EntryWindow | None = EntryWindow.parse("09:31-15:55")  # noqa: RUF009 - immutable
    entry_cutoff_seconds: Decimal | None = field(default=Decimal(30), validator=limit)
    flatten_before_close_minutes: Decimal | None = field(default=None, validator=limit)
    reversal_wait_seconds: Decimal | None = field(default=Decimal(120), validator=limit)
    allow_short: bool | None = False


@frozen
class RiskOverrides:
    """The limits that an account or a strategy sets itself; those not named are inherited."""

    changes: Mapping[str, Decimal | EntryWindow | bool | None]

    @classmethod
    def given(cls, risk: Risk, names: set[str]) -> "RiskOverrides":
        """Those limits of `risk` that were given by name."""
        return cls({a.name: getattr(risk, a.name) for a in fields(Risk) if a.name in names})

    def over(self, risk: Risk) -> Risk:
        """The limits with these in place of those they name."""
        changes: Mapping[str, Any] = self.changes
        return evolve(risk, **changes)


class Broker(StrEnum):
    """The venues an account can be at."""

    PAPER = "paper"
    SCHWAB = "schwab"


@frozen(kw_only=True)
class Account:
    """One account at one broker; `starting_cash` in dollars is the paper broker's.

    At Schwab an account is found by its number, and reached through an app of the developer
    portal's; `base_url` is a simulator's. On a retired account strategies may only leave their
    positions.
    """

    broker: Broker
    account_number: SecretRef | None = None
    app_key: SecretRef | None = None
    app_secret: SecretRef | None = None
    callback_url: CallbackUrl = CallbackUrl("https://127.0.0.1:8182")  # noqa: RUF009 - immutable
    base_url: LoopbackUrl | None = None
    orders_per_minute: int = field(default=120, validator=at_least(40))
    orders_per_day: int = field(default=4_000, validator=at_least(400))
    starting_cash: Decimal = field(default=Decimal(25000), validator=[above(0), whole_cents])
    hours: Hours = Hours.EXCHANGE
    funds: Funds = Funds.CASH_LIKE
    quotes: PaperQuotes = PaperQuotes()  # noqa: RUF009 - immutable
    shorts: PaperShorts = PaperShorts()  # noqa: RUF009 - immutable
    faults: PaperFaults = PaperFaults()  # noqa: RUF009 - immutable
    retired: bool = False
    risk: RiskOverrides | None = None

    @property
    def lends(self) -> frozenset[Symbol] | None:
        """The symbols that may be sold short; None: the venue says which."""
        return frozenset(self.shorts.borrowable) if self.broker is Broker.PAPER else None

    @property
    def has_real_money(self) -> bool:
        """Whether an order for it is one with money."""
        return self.broker is not Broker.PAPER and self.base_url is None


USUAL: Final = {
    "account_number": "env:TOS_ACCOUNT_ID",
    "app_key": "env:TOS_API_KEY",
    "app_secret": "env:TOS_API_SECRET",
}
"""The secrets of an account at a venue where people sign in, and where most have them."""

OF_ACCOUNT: Final = tuple(USUAL)


class SizingType(StrEnum):
    """Who says how many shares."""

    FROM_ALERT = "from_alert"


@frozen(kw_only=True)
class Sizing:
    """How an order's quantity is found."""

    type: SizingType = SizingType.FROM_ALERT


@frozen(kw_only=True)
class Strategy:
    """Whose alerts these are and what they may do.

    No accounts means that alerts are recorded only; `symbols` None means any; `external` are the
    symbols, with the shares of them, that others hold on its accounts and it trades nevertheless; a
    retired strategy may only leave its positions. After `entry_ttl` seconds an unfilled entry is
    cancelled; null: it ends with its session.
    """

    accounts: tuple[AccountName, ...]
    sides: Sides = Sides.LONG_ONLY
    allow_add: bool = False
    allow_repeats: bool = False
    id_is_unique: bool = False
    timestamp: TimestampMeaning = TimestampMeaning.TIMENOW
    sizing: Sizing = Sizing()
    symbols: tuple[Symbol, ...] | None = field(default=None, validator=or_off(symbols))
    external: dict[Symbol, Decimal] = field(factory=dict, validator=holdings)
    secret: SecretRef | None = None
    on_closed: OnClosed = OnClosed()  # noqa: RUF009 - immutable
    restore_protection: bool = False
    entry_ttl: Decimal | None = field(default=None, validator=or_off(above(0)))
    retired: bool = False
    risk: RiskOverrides | None = None


@frozen(kw_only=True)
class CircuitBreaker:
    """When trading stops by itself; None is off."""

    max_consecutive_errors: int | None = field(default=3, validator=or_off(above(0)))


@frozen(kw_only=True)
class CalendarChanges:
    """What the exchange does other than its published holidays say: days closed, days that close
    at 13:00, and full days that would else be one of these.
    """

    closed: tuple[date, ...] = field(default=(), validator=weekdays)
    half_days: tuple[date, ...] = field(default=(), validator=weekdays)
    open: tuple[date, ...] = field(default=(), validator=weekdays)


class LogLevel(StrEnum):
    """The least grave thing that is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    """How a log line is written; auto is text at a terminal, else JSON."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


@frozen(kw_only=True)
class Logging:
    """What the daemon says on stderr."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.AUTO


@frozen(kw_only=True)
class Settings:
    """Everything settings.yaml and the environment decide."""

    mode: Mode = Mode.PAPER
    state_dir: Path = Path("state")
    web: Web = Web()
    accounts: dict[AccountName, Account] = Factory(dict)
    strategies: dict[StrategyName, Strategy] = Factory(dict)
    risk: Risk = Risk()
    circuit_breaker: CircuitBreaker = CircuitBreaker()
    calendar: CalendarChanges = CalendarChanges()
    notifications: tuple[Any, ...] = field(default=(), validator=empty)
    logging: Logging = Logging()


def effective(
    settings: Settings, account: AccountName, strategy: StrategyName | None = None
) -> Risk:
    """The limits for a strategy on an account: the strategy's over the account's over all.

    Without a strategy, the account's own.
    """
    risk = settings.risk
    overrides = [settings.accounts[account].risk]
    if strategy is not None:
        overrides.append(settings.strategies[strategy].risk)
    for own in overrides:
        risk = own.over(risk) if own else risk
    return risk
