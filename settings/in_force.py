"""The settings as the fact that a start of the daemon writes down."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import scrypt
from typing import Any

from attrs import asdict

from settings.faults import SettingPath
from settings.model import CircuitBreaker, Risk, Settings, effective
from settings.secrets import Secret
from settings.shown import digest
from trading.events import SettingsApplied
from trading.hours import EntryWindow
from trading.in_force import AccountInForce, StrategyInForce
from trading.money import plain


OFF = "off"

Limit = Decimal | int | EntryWindow | bool | None


def settings_applied(
    settings: Settings, version: str, at: datetime, secrets: Mapping[SettingPath, Secret]
) -> SettingsApplied:
    """What these settings let the daemon do, in the words of the journal.

    Of the secrets they refer to none is in it, but of account numbers a mark that tells them apart.
    """
    return SettingsApplied(
        at=at,
        version=version,
        mode=settings.mode,
        digest=digest(settings),
        accounts=tuple(
            AccountInForce(
                account=name,
                broker=account.broker.value,
                number=_mark(secrets.get(("accounts", name, "account_number"))),
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
                sides=strategy.sides,
            )
            for name, strategy in settings.strategies.items()
        ),
        breaker=_by_name(_fields(settings.circuit_breaker)),
    )


def _mark(number: Secret | None) -> str:
    """What tells an account number from every other, made so that trying them all takes years."""
    if number is None:
        return ""
    # Eight digits are soon tried: a plain digest of them would be no secret.
    mark = scrypt(number.reveal().encode(), salt=b"account number", n=2**14, r=8, p=1, dklen=8)
    return mark.hex()


def _fields(section: Risk | CircuitBreaker) -> dict[str, Any]:
    return asdict(section, recurse=False)


def _by_name(limits: Mapping[str, Limit]) -> dict[str, str]:
    return {name: _written(limit) for name, limit in limits.items()}


def _written(limit: Limit) -> str:
    if isinstance(limit, bool):
        return "true" if limit else "false"
    if limit is None:
        return OFF
    return str(limit) if isinstance(limit, EntryWindow) else plain(Decimal(limit))
