"""From settings to the rules actors go by."""

from collections.abc import Mapping

from attrs import fields

from actors.webhook import Desk
from settings.model import Settings, effective
from settings.secrets import Secret
from trading.alerts import Sender
from trading.breaker import BreakerLimits
from trading.rules import Limits, StrategyRules
from trading.vocabulary import AccountName, Mode, StrategyName


def front_desk(
    settings: Settings, secrets: Mapping[StrategyName, Secret]
) -> dict[StrategyName, Desk]:
    """What the WebhookActor knows of each strategy."""
    return {
        name: Desk(
            accounts=strategy.accounts,
            sender=Sender(timestamp=strategy.timestamp, sides=strategy.sides),
            id_is_unique=strategy.id_is_unique,
            secret=secrets.get(name),
        )
        for name, strategy in settings.strategies.items()
    }


def rules_of(
    settings: Settings, account: AccountName
) -> tuple[dict[StrategyName, StrategyRules], StrategyRules]:
    """Each strategy's rules on an account, and those for a strategy no longer in the settings."""
    leaves = settings.mode is Mode.LIVE or not settings.accounts[account].has_real_money
    rules = {
        name: StrategyRules(
            name=name,
            limits=limits_of(settings, account, name),
            sides=strategy.sides,
            allow_add=strategy.allow_add,
            allow_repeats=strategy.allow_repeats,
            id_is_unique=strategy.id_is_unique,
            timestamp=strategy.timestamp,
            symbols=None if strategy.symbols is None else frozenset(strategy.symbols),
            external=dict(strategy.external),
            hours=settings.accounts[account].hours,
            on_closed=strategy.on_closed,
            entry_ttl=strategy.entry_ttl,
            retired=strategy.retired or settings.accounts[account].retired,
            leaves=leaves,
            restore_protection=strategy.restore_protection,
            borrowable=settings.accounts[account].lends,
        )
        for name, strategy in settings.strategies.items()
    }
    orphan = StrategyRules(
        name=StrategyName("removed"),
        limits=limits_of(settings, account, None),
        hours=settings.accounts[account].hours,
        retired=True,
        leaves=leaves,
    )
    return rules, orphan


def limits_of(settings: Settings, account: AccountName, strategy: StrategyName | None) -> Limits:
    """The limits in force, by name from the settings."""
    risk = effective(settings, account, strategy)
    return Limits(**{a.name: getattr(risk, a.name) for a in fields(Limits)})


def breaker_limits(settings: Settings, account: AccountName) -> BreakerLimits:
    """When an account's breaker trips."""
    risk = effective(settings, account, None)
    return BreakerLimits(
        max_consecutive_errors=settings.circuit_breaker.max_consecutive_errors,
        max_daily_loss=risk.max_daily_loss,
        max_daily_loss_percent=risk.max_daily_loss_percent,
    )
