"""Every single value of the settings as people and programs may see it, with its origin."""

import json
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any

import attrs
from attrs import frozen

from settings.described import Description, description
from settings.faults import SettingPath, dotted
from settings.load import Loaded
from settings.model import RiskOverrides, Settings
from settings.origin import Origin, Source
from settings.overrides import bare_type, entry_type, is_section, variable
from trading.money import plain


Value = str | int | bool | list[str] | dict[str, str] | None
"""A value as JSON has it: numbers that need not be whole as text, null for what is off or unset."""


@frozen(kw_only=True)
class Shown:
    """One value, what decided it, and the variable that would.

    Of a secret this is where it is found, never the secret.
    """

    setting: str
    value: Value
    source: Source
    place: str
    variable: str

    about: Description

    @property
    def text(self) -> str:
        """The value as people write it."""
        return written(self.value)

    def as_object(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "setting": self.setting,
            "value": self.value,
            "source": self.source.value,
            "place": self.place or None,
            "variable": self.variable,
            "unit": self.about.unit or None,
            "about": self.about.sentence,
        }


def shown(loaded: Loaded) -> tuple[Shown, ...]:
    """All values in the order of the model."""
    return tuple(
        _shown(path, value, loaded.origins.of(path)) for path, value in values(loaded.settings)
    )


def values(settings: Settings) -> Iterator[tuple[SettingPath, Value]]:
    """The path of every single value, and the value; of inherited limits there is none."""
    yield from _values(settings, Settings, ())


def digest(settings: Settings) -> str:
    """What tells these settings from others: equal where every single value is."""
    listed = [[dotted(path), value] for path, value in values(settings)]
    return sha256(json.dumps(listed).encode()).hexdigest()[:16]


def _shown(path: SettingPath, value: Value, origin: Origin) -> Shown:
    return Shown(
        setting=dotted(path),
        value=value,
        source=origin.source,
        place=origin.place,
        variable=variable(path),
        about=description(path),
    )


def _values(value: Any, kind: Any, here: SettingPath) -> Iterator[tuple[SettingPath, Value]]:
    if isinstance(value, RiskOverrides):
        for name, limit in value.changes.items():
            yield (*here, name), as_json(limit)
    elif isinstance(value, dict) and entry_type(bare_type(kind)):
        for name, entry in value.items():
            yield from _values(entry, type(entry), (*here, name))
    elif is_section(bare_type(kind)):
        for field in attrs.fields(type(value)) if value is not None else ():
            yield from _values(getattr(value, field.name), field.type, (*here, field.name))
    else:
        yield here, as_json(value)


def as_json(value: Any) -> Value:
    """A value of the settings as JSON has it; of a secret where it is found."""
    match value:
        case None | bool() | int():
            return value
        case Decimal():
            return plain(value)
        case dict():
            return {str(name): str(as_json(held)) for name, held in value.items()}
        case tuple():
            return [str(item) for item in value]
        case _:
            return str(value)


def written(value: Value) -> str:
    """A value as people write it."""
    return value if isinstance(value, str) else json.dumps(value)
