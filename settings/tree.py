"""Settings as they are written: sections, lists and texts, before any text has a meaning."""

from collections.abc import Iterable
from typing import Any

from settings.faults import SettingPath


Tree = dict[str, Any] | list[Any] | str | None
"""None stands where nothing, or null, is written."""


def is_null(text: str) -> bool:
    """Whether a bare word stands for no value."""
    return text in ("", "~", "null", "Null", "NULL")


def at(tree: Tree, path: Iterable[str | int]) -> Tree:
    """What stands at a path of names; None where there is nothing."""
    for name in path:
        tree = tree.get(str(name)) if isinstance(tree, dict) else None
    return tree


def holds(tree: Tree, path: SettingPath) -> bool:
    """Whether something is written at a path of names."""
    section = at(tree, path[:-1])
    return not path or (isinstance(section, dict) and path[-1] in section)


def with_value(tree: Tree, path: SettingPath, value: Tree) -> Tree:
    """The tree with a value put in; what is no section where one is needed stays as it is."""
    if not path:
        return value
    if not isinstance(tree, dict | None):
        return tree
    section = tree or {}
    name = str(path[0])
    return {**section, name: with_value(section.get(name), path[1:], value)}


def without(tree: Tree, path: SettingPath) -> Tree:
    """The tree without what stands at a path of names; a tree without itself is empty."""
    if not path or not isinstance(tree, dict):
        return {}
    name, below = str(path[0]), path[1:]
    if below:
        return {**tree, name: without(tree[name], below)}
    return {other: value for other, value in tree.items() if other != name}
