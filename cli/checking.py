"""Reading settings.yaml for its faults, or for what it says."""

import os
from collections.abc import Iterator
from pathlib import Path

from cli.loaded import settings_at
from cli.printing import put, say
from settings.model import Settings
from settings.secrets import SecretRef, SecretUnreadable, resolve
from trading.money import dollars


def check_settings(path: Path) -> None:
    """Print in short what the settings say; faults end the command."""
    settings = settings_at(path)
    put(f"{path.name} is fine:")
    for title, text in _summary(settings):
        put(f"  {title:<11}{text}")
    for place, reference in _references(settings):
        try:
            resolve(reference, os.environ)
        except SecretUnreadable as error:
            say(f"{place}: {error}; not a fault if only the daemon can see it")


def _summary(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "mode", settings.mode
    for name, account in settings.accounts.items():
        yield "account", f"{name}: {account.broker}, {dollars(account.starting_cash)} dollars"
    for strategy_name, strategy in settings.strategies.items():
        to = ", ".join(strategy.accounts) or "no account, its alerts are only recorded"
        yield "strategy", f"{strategy_name} -> {to}{' (retired)' if strategy.retired else ''}"
    yield "alerts at", str(settings.web.webhook.listen)
    yield "pages at", str(settings.web.dashboard.listen)
    yield "state in", str(settings.state_dir)


def _references(settings: Settings) -> Iterator[tuple[str, SecretRef]]:
    if settings.web.webhook.secret:
        yield "web.webhook.secret", settings.web.webhook.secret
    for name, strategy in settings.strategies.items():
        if strategy.secret:
            yield f"strategies.{name}.secret", strategy.secret
