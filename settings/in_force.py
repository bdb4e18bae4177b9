"""The settings as the fact that a start of the daemon writes down."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import asdict

from settings.model import CircuitBreaker, Risk, Settings, effective
from settings.shown import digest
from trading.events import SettingsApplied
from trading.hours import EntryWindow
from trading.in_force import AccountInForce, StrategyInForce
from trading.money import plain


OFF = "off"


def settings_applied(settings: Settings, version: str, at: datetime) -> SettingsApplied:
    """What these settings let the daemon do, in the words of the journal."""
    return SettingsApplied(
        at=at,
        version=version,
        mode=settings.mode,
        digest=digest(settings),
        accounts=tuple(
            AccountInForce(
                account=name,
                broker=account.broker.value,
                retired=account.retired,
                limits=_by_name(_fields(effective(settings, name))),
            )
            for name, account in settings.accounts.items()
        ),
        strategies=tuple(
            StrategyInForce(
                strategy=name,
                accounts=strategy.accounts,
                retired=strategy.retired,
                limits=_by_name(strategy.risk.changes if strategy.risk else {}),
            )
            for name, strategy in settings.strategies.items()
        ),
        breaker=_by_name(_fields(settings.circuit_breaker)),
    )


def _fields(section: Risk | CircuitBreaker) -> dict[str, Any]:
    return asdict(section, recurse=False)


def _by_name(limits: Mapping[str, Decimal | int | EntryWindow | None]) -> dict[str, str]:
    return {name: _written(limit) for name, limit in limits.items()}


def _written(limit: Decimal | int | EntryWindow | None) -> str:
    if limit is None:
        return OFF
    return str(limit) if isinstance(limit, EntryWindow) else plain(Decimal(limit))
