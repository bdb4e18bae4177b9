"""From texts to values, by the types the model declares; every fault, not the first."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Any, get_origin

import attrs
from cattrs import Converter
from cattrs.cols import homogenous_tuple_structure_factory, mapping_structure_factory
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, override

from settings.faults import BadValue, SettingPath, did_you_mean
from settings.listen import Listen
from settings.model import Risk, RiskOverrides, Settings
from settings.not_enforced import NOT_ENFORCED
from settings.overrides import is_section
from settings.public_url import PublicUrl
from settings.rules import choice
from settings.secrets import SecretRef
from settings.tree import Tree, holds, without
from settings.venue_urls import CallbackUrl, LoopbackUrl
from trading.hours import EntryWindow
from trading.vocabulary import Symbol


Wrong = tuple[SettingPath, str]
"""A path and what is wrong there."""

Hook = Callable[[Any, Any], Any]
"""What cattrs calls with what is written and the type wanted."""

_Symbols = tuple[Symbol, ...]
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


def settled(tree: Tree, folder: Path) -> tuple[Settings, list[Wrong]]:
    """The settings, with the default in the place of each faulty value, and what was wrong.

    Files are looked for from `folder`.
    """
    converter = _converter(folder)
    first: list[Wrong] = []
    while True:
        try:
            return converter.structure(tree, Settings), first
        except (BaseValidationError, BadValue) as error:
            found = list(_walk(error))
        # What is missing once a faulty value is gone is that fault's consequence, not news.
        first = first or found
        for path in [_prunable(tree, path) for path, _ in found]:
            tree = without(tree, path) if holds(tree, path) else tree


def _prunable(tree: Tree, path: SettingPath) -> SettingPath:
    """What must go for a fault to go: a list goes whole, and for what is missing its section."""
    names = tuple(takewhile(lambda part: isinstance(part, str), path))
    while not holds(tree, names):
        names = names[:-1]
    return names


def _walk(error: Exception, at: SettingPath = ()) -> Iterator[Wrong]:
    """What cattrs found, flat; an error that is not about the settings is a bug and raised."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            at = (*at, note.name)
        elif isinstance(note, IterableValidationNote):
            at = (*at, note.index)
    match error:
        case ForbiddenExtraKeysError():
            yield from (((*at, name), _unknown(name, error.cl)) for name in error.extra_fields)
        case BaseValidationError():
            for inner in error.exceptions:
                yield from _walk(inner, at)
        case BadValue():
            yield at, error.said_at(at)
        case KeyError():
            yield at, "is required"
        case _:
            raise error


def _unknown(name: str, section: type) -> str:
    if section is Risk and name in NOT_ENFORCED:
        return "is not enforced in this version; remove it (null is accepted)"
    known = [field.name for field in attrs.fields(section)]
    return f"unknown setting{did_you_mean(name, known) or '; known here: ' + ', '.join(known)}"


# --- one reader for each type -------------------------------------------------------------------


def _converter(folder: Path) -> Converter:
    converter = Converter(detailed_validation=True)
    readers = {
        **_READERS,
        SecretRef: lambda text: SecretRef.parse(text).below(folder),
        Path: lambda text: folder / text,
    }
    for kind, reader in readers.items():
        converter.register_structure_hook(kind, _reading(reader))
    # cattrs looks a class up by its bases: what is registered for StrEnum serves all of them.
    converter.register_structure_hook(StrEnum, lambda raw, kind: choice(kind, _text(raw)))
    converter.register_structure_hook_factory(is_section, lambda kind: _section(kind, converter))
    converter.register_structure_hook_factory(_is(dict), lambda kind: _entries(kind, converter))
    converter.register_structure_hook_factory(_is(tuple), lambda kind: _list(kind, converter))
    converter.register_structure_hook(
        _Symbols | None,
        lambda raw, _: None if raw in (None, "any") else converter.structure(raw, _Symbols),
    )
    converter.register_structure_hook(
        RiskOverrides,
        lambda raw, _: RiskOverrides.given(converter.structure(raw, Risk), set(raw)),
    )
    return converter


def _is(container: type) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is container


def _section(kind: Any, converter: Converter) -> Hook:
    """Reads a section: each value by its type, then by the model's own rule for it."""
    fields: dict[str, Any] = {
        a.name: override(struct_hook=_judged(a, converter)) for a in attrs.fields(kind)
    }
    inner = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **fields)

    def section(raw: Any, _: Any) -> Any:
        given = _named(raw)
        if kind is Risk:
            given = {k: v for k, v in given.items() if v is not None or k not in NOT_ENFORCED}
        return inner(given, kind)

    return section


def _judged(attribute: Any, converter: Converter) -> Hook:
    """Reads one value and judges it at once, so that a fault of one does not hide the next."""

    def value(raw: Any, kind: Any) -> Any:
        read = converter.structure(raw, kind)
        if attribute.converter:
            read = attribute.converter(read)
        if attribute.validator:
            attribute.validator(None, attribute, read)
        return read

    return value


def _entries(kind: Any, converter: Converter) -> Hook:
    inner = mapping_structure_factory(kind, converter)
    return lambda raw, _: inner(_named(raw), kind)


def _list(kind: Any, converter: Converter) -> Hook:
    inner = homogenous_tuple_structure_factory(kind, converter)

    def items(raw: Any, _: Any) -> Any:
        if not isinstance(raw, list):
            raise BadValue("must be a list, like [one, two]")
        return inner(raw, kind)

    return items


def _reading(reader: Callable[[str], Any]) -> Hook:
    return lambda raw, _: reader(_text(raw))


def _named(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict | None):
        raise BadValue("must be a section, with lines of name: value")
    return raw or {}


def _text(raw: Any) -> str:
    if raw is None:
        raise BadValue("needs a value")
    if not isinstance(raw, str):
        raise BadValue("must be a single value, not a list or section")
    return raw


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise BadValue("must be a number like 2500 or 250.10", text)
    return Decimal(text)


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise BadValue("must be a whole number", text)
    return int(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise BadValue("must be true or false", text)
    return text == "true"


def _day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadValue("must be a day like 2026-11-27", text)


def _window(text: str) -> EntryWindow:
    try:
        return EntryWindow.parse(text)
    except ValueError:
        rule = "must be two times in New York from 09:30 to 16:00, like 09:31-15:55"
        raise BadValue(rule, text) from None


_READERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    bool: _truth,
    int: _whole,
    Decimal: _decimal,
    Listen: Listen.parse,
    date: _day,
    EntryWindow: _window,
    PublicUrl: PublicUrl.parse,
    LoopbackUrl: LoopbackUrl.parse,
    CallbackUrl: CallbackUrl.parse,
}
