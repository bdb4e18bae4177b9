"""settings.yaml and the environment, read into Settings, or into every fault at once."""

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve, frozen

from settings.consistency import conflicts
from settings.convert import Wrong, settled
from settings.faults import BadValue, Fault, SettingPath, SettingsFaults, dotted
from settings.model import Settings, effective
from settings.origin import Origins
from settings.overrides import not_read, overrides
from settings.tree import Tree, with_value
from settings.written import read


__all__ = ["Fault", "Loaded", "SettingsFaults", "effective", "load", "load_with_origins"]


@frozen
class Loaded:
    """The settings, and where each value of them comes from."""

    settings: Settings
    origins: Origins


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of a file, overridden by the environment; raises SettingsFaults.

    Relative paths in the file are taken from its folder.
    """
    return load_with_origins(path, environ).settings


def load_with_origins(path: Path, environ: Mapping[str, str]) -> Loaded:
    """What `load` reads, with the origin of each value; raises SettingsFaults."""
    folder = path.absolute().parent
    written = read(path)
    if written.tree is None:
        raise SettingsFaults(written.faults)
    tree, variables, faults = _overridden(written.tree, environ)
    origins = Origins(written=written, variables=variables)
    settings, wrong = settled(tree, folder)
    wrong += _unmet(settings, wrong, written.places.keys() | variables.keys())
    faults += [origins.fault(where, message) for where, message in wrong]
    if faults or written.faults:
        raise SettingsFaults([*written.faults, *faults])
    return Loaded(evolve(settings, state_dir=folder / settings.state_dir), origins)


def _overridden(
    tree: Tree, environ: Mapping[str, str]
) -> tuple[Tree, dict[SettingPath, str], list[Fault]]:
    """The tree with the environment's values in it, which variable set what, and what is wrong."""
    variables: dict[SettingPath, str] = {}
    faults = []
    for name, path, value in overrides(tree, environ):
        if isinstance(value, BadValue):
            message = value.said_at(path)
            faults.append(Fault(source=f"env {name}", setting=dotted(path), message=message))
        else:
            tree = with_value(tree, path, value)
            variables[path] = name
    for name, message in not_read(tree, environ):
        faults.append(Fault(source=f"env {name}", message=message))
    return tree, variables, faults


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
