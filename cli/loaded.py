"""The settings as a command needs them, or the command's end."""

import os
from collections.abc import Sequence
from pathlib import Path

from cli.failure import Exit, Failure
from settings.faults import Fault, SettingsFaults, did_you_mean
from settings.load import Loaded, load_with_origins
from settings.model import Settings, Strategy
from trading.vocabulary import StrategyName


def settings_at(path: Path) -> Settings:
    """The settings of a file and the environment; ends the command with every fault in them."""
    return loaded_at(path).settings


def loaded_at(path: Path) -> Loaded:
    """The same, with the origin of each value."""
    try:
        return load_with_origins(path, os.environ)
    except SettingsFaults as error:
        raise faulty(error.faults) from None


def faulty(faults: Sequence[Fault]) -> Failure:
    """The end of a command whose settings have faults: a line for each, and their number."""
    count = f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}."
    return Failure(Exit.SETTINGS, "\n".join([*map(str, faults), count]))


def strategy_of(settings: Settings, name: str) -> tuple[StrategyName, Strategy]:
    """The strategy of a name; an unknown one is a wrong argument."""
    found = settings.strategies.get(StrategyName(name))
    if found is None:
        known = ", ".join(settings.strategies) or "none"
        near = did_you_mean(name, settings.strategies)
        raise Failure(Exit.USAGE, f"unknown strategy {name}{near or f'; in the settings: {known}'}")
    return StrategyName(name), found
