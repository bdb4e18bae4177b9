"""Settings from the environment: TRADING_BOT__RISK__MAX_DAILY_LOSS=500, for every single value."""

import json
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

import attrs

from settings.faults import BadValue, SettingPath
from settings.foreign import PREFIX, answer, strays
from settings.model import Risk, RiskOverrides, Settings
from settings.not_enforced import NOT_ENFORCED
from settings.tree import Tree, at, is_null


def is_section(kind: Any) -> bool:
    """Whether a type is a group of settings, and not one value read from a text by its parse."""
    return attrs.has(kind) and not hasattr(kind, "parse")


def leaves(
    tree: Tree, kind: Any = Settings, here: SettingPath = ()
) -> Iterator[tuple[SettingPath, Any]]:
    """The path and type of every single value there can be, the tree naming the map entries."""
    kind = bare_type(kind)
    below = tree if isinstance(tree, dict) else {}
    if entry := entry_type(kind):
        for name in below:
            yield from leaves(below[name], entry, (*here, name))
    elif is_section(kind):
        for field in attrs.fields(kind):
            yield from leaves(below.get(field.name), field.type, (*here, field.name))
        for name in sorted(NOT_ENFORCED) if kind is Risk else ():
            yield (*here, name), Any
    else:
        yield here, kind


def bare_type(kind: Any) -> Any:
    """The type without its `| None`, and for limits that override others, the limits."""
    if get_origin(kind) in (UnionType, Union):
        (kind,) = (one for one in get_args(kind) if one is not type(None))
    return Risk if kind is RiskOverrides else kind


def entry_type(kind: Any) -> Any:
    """The type of the sections that a map holds by name; None for what is no such map."""
    held = get_args(kind)[1] if get_origin(kind) is dict else None
    return held if is_section(held) else None


def variable(path: SettingPath) -> str:
    """The environment variable that overrides the value at `path`."""
    return PREFIX + "__".join(str(part).upper().replace("-", "_") for part in path)


def overrides(
    tree: Tree, environ: Mapping[str, str]
) -> Iterator[tuple[str, SettingPath, Tree | BadValue]]:
    """Each override's variable, path and value; or, instead of the value, what is wrong with it."""
    known: dict[str, list[tuple[SettingPath, Any]]] = {}
    for path, kind in leaves(tree):
        known.setdefault(variable(path), []).append((path, kind))
    for name, text in environ.items():
        if not name.startswith(PREFIX):
            continue
        match known.get(name, []):
            case []:
                yield name, (), BadValue(_unknown(name, tree, known))
            case [(path, kind)]:
                yield name, path, _value(text, kind)
            case several:
                entries = " and ".join(str(path[1]) for path, _ in several)
                yield name, (), BadValue(f"could mean {entries}; give one another name")


def not_read(tree: Tree, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables that are meant for us and do nothing, each with what to do instead."""
    return strays(tree, environ, (variable(path) for path, _ in leaves(tree)))


def _unknown(name: str, tree: Tree, known: Iterable[str]) -> str:
    for section in ("accounts", "strategies"):
        written = at(tree, (section,))
        entries = list(written) if isinstance(written, dict) else []
        heads = tuple(variable((section, entry, "")) for entry in entries)
        if name.startswith(variable((section, ""))) and not name.startswith(heads):
            named = ", ".join(entries) or "none"
            return f"an override makes no entry; {section} in the file: {named}"
    return answer(name, tree, known)


def _value(text: str, kind: Any) -> Tree | BadValue:
    """What a variable's text means in the place of a value of this type."""
    if is_null(text):
        return None
    begins, like = _AS_JSON.get(get_origin(kind), (None, ""))
    if begins is None or not text.startswith(begins):
        return text
    try:
        read: Tree = json.loads(text, parse_int=str, parse_float=str)
    except ValueError:
        return BadValue(f"must be {like}")
    return read


_AS_JSON: Final[Mapping[Any, tuple[str, str]]] = {
    tuple: ("[", 'a list as JSON, like ["one", "two"]'),
    dict: ("{", 'an object as JSON, like {"AAPL": "100"}'),
}
"""How a variable's text begins that is more than one value, and what it then must be."""
