"""settings.yaml and the environment, read into Settings, or into every fault at once."""

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve

from settings.consistency import conflicts
from settings.convert import Wrong, settled
from settings.faults import BadValue, Fault, SettingPath, SettingsFaults, dotted
from settings.model import Settings, effective
from settings.overrides import overrides
from settings.tree import Tree, with_value
from settings.written import read


__all__ = ["Fault", "SettingsFaults", "effective", "load"]


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of a file, overridden by the environment; raises SettingsFaults.

    Relative paths in the file are taken from its folder.
    """
    folder = path.absolute().parent
    written = read(path)
    if written.tree is None:
        raise SettingsFaults(written.faults)
    tree, variables, faults = _overridden(written.tree, environ)
    settings, wrong = settled(tree, folder)
    wrong += _unmet(settings, wrong, written.places.keys() | variables.keys())
    for where, message in wrong:
        variable = _variable(where, variables)
        faults.append(
            _said(variable, where, message) if variable else written.fault(where, message)
        )
    if faults or written.faults:
        raise SettingsFaults([*written.faults, *faults])
    return evolve(settings, state_dir=folder / settings.state_dir)


def _overridden(
    tree: Tree, environ: Mapping[str, str]
) -> tuple[Tree, dict[SettingPath, str], list[Fault]]:
    """The tree with the environment's values in it, which variable set what, and what is wrong."""
    variables: dict[SettingPath, str] = {}
    faults = []
    for name, path, value in overrides(tree, environ):
        if isinstance(value, BadValue):
            faults.append(_said(name, path, value.said_at(path)))
        else:
            tree = with_value(tree, path, value)
            variables[path] = name
    return tree, variables, faults


def _variable(path: SettingPath, variables: Mapping[SettingPath, str]) -> str | None:
    """The variable that set a value, or the list it is in."""
    return variables.get(path) or variables.get(path[:-1])


def _said(variable: str, path: SettingPath, message: str) -> Fault:
    return Fault(source=f"env {variable}", setting=dotted(path), message=message)


def _unmet(settings: Settings, wrong: list[Wrong], written: set[SettingPath]) -> list[Wrong]:
    """The conflicts between settings; one that stands on a faulty setting is not judged."""
    found = []
    for conflict in conflicts(settings):
        if not any(_touches(path, bad) for path in conflict.paths for bad, _ in wrong):
            first = next((path for path in conflict.paths if path in written), conflict.paths[0])
            found.append((first, conflict.message))
    return found


def _touches(path: SettingPath, other: SettingPath) -> bool:
    shared = min(len(path), len(other))
    return path[:shared] == other[:shared]
