"""The settings as a command needs them, or the command's end."""

import os
from pathlib import Path

from cli.failure import Exit, Failure
from settings.faults import SettingsFaults, did_you_mean
from settings.load import load
from settings.model import Settings, Strategy
from trading.vocabulary import StrategyName


def settings_at(path: Path) -> Settings:
    """The settings of a file and the environment; ends the command with every fault in them."""
    try:
        return load(path, os.environ)
    except SettingsFaults as error:
        count = len(error.faults)
        raise Failure(
            Exit.SETTINGS, f"{error}\n{count} {'fault' if count == 1 else 'faults'}."
        ) from None


def strategy_of(settings: Settings, name: str) -> tuple[StrategyName, Strategy]:
    """The strategy of a name; an unknown one is a wrong argument."""
    found = settings.strategies.get(StrategyName(name))
    if found is None:
        known = ", ".join(settings.strategies) or "none"
        near = did_you_mean(name, settings.strategies)
        raise Failure(Exit.USAGE, f"unknown strategy {name}{near or f'; in the settings: {known}'}")
    return StrategyName(name), found
