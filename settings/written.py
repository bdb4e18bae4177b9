"""settings.yaml as text: what is written where, every scalar still the text it was."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from attrs import Factory, evolve, frozen

from settings.faults import Fault, SettingPath, dotted
from settings.tree import Tree, is_null


@frozen(kw_only=True)
class Written:
    """A file's tree, the line and column (from 1) of each path in it, and what is wrong as text.

    The tree is None where the file cannot be read at all.
    """

    name: str
    tree: Tree = None
    places: dict[SettingPath, tuple[int, int]] = Factory(dict)
    faults: list[Fault] = Factory(list)

    def place(self, path: SettingPath) -> tuple[int, int]:
        """Where a path is written, or else the nearest section above it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def fault(self, path: SettingPath, message: str) -> Fault:
        """A fault of this file at the place of a path."""
        return self.fault_at(self.place(path), path, message)

    def fault_at(self, place: tuple[int, int], path: SettingPath, message: str) -> Fault:
        """A fault of this file at a place of its own."""
        line, column = place
        return Fault(
            source=self.name, line=line, column=column, setting=dotted(path), message=message
        )


def read(path: Path) -> Written:
    """What is written in a file; what makes it unreadable is among its faults."""
    try:
        return _parsed(path.name, path.read_bytes().decode())
    except OSError as error:
        return _unreadable(path.name, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return _unreadable(path.name, "is not UTF-8 text")


def _parsed(name: str, text: str) -> Written:
    try:
        root = _Loader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        return _unreadable(name, "a character that YAML does not allow", line, column)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return _unreadable(name, f"not YAML: {_without_content(error.problem or '')}", line, column)
    except RecursionError:
        return _unreadable(name, "nested too deeply", 1, 1)
    written = Written(name=name)
    tree = _tree(root, (), written) if root else None
    return evolve(written, tree={} if tree is None else tree)


def _unreadable(name: str, message: str, line: int = 0, column: int = 0) -> Written:
    return Written(
        name=name, faults=[Fault(source=name, line=line, column=column, message=message)]
    )


_GRAMMAR = re.compile(r"[:,\]}\-]|\\t|<[a-z ]+>")
_QUOTED = re.compile(r"""(['"])(.*?)\1 ?""")


def _without_content(problem: str) -> str:
    """PyYAML's sentence without what it quotes of the file, which may be part of a secret."""
    return _QUOTED.sub(lambda q: q[0] if _GRAMMAR.fullmatch(q[2]) else "", problem).strip()


class _Loader(yaml.BaseLoader):
    """Reads scalars as text, and no aliases: what a line means stands on that line."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs forgot it
            raise yaml.MarkedYAMLError(
                problem="aliases are not read; write the value out", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)


def _tree(node: yaml.Node, path: SettingPath, into: Written) -> Tree:
    """The node as a tree; notes places and faults on the way."""
    match node:
        case yaml.MappingNode():
            return dict(_entries(node, path, into))
        case yaml.SequenceNode():
            items = []
            for index, item in enumerate(node.value):
                into.places[*path, index] = _place(item)
                items.append(_tree(item, (*path, index), into))
            return items
        case yaml.ScalarNode(style=None, value=bare) if is_null(bare):
            return None
        case _:
            return str(node.value)


def _entries(
    node: yaml.MappingNode, path: SettingPath, into: Written
) -> Iterator[tuple[str, Tree]]:
    for key, value in node.value:
        name = str(key.value)
        here = (*path, name)
        if not isinstance(key, yaml.ScalarNode):
            message = "a name is needed here, not a list or section"
            into.faults.append(into.fault_at(_place(key), path, message))
        elif here in into.places:
            message = f"given twice (first at line {into.places[here][0]})"
            into.faults.append(into.fault_at(_place(key), here, message))
        else:
            into.places[here] = _place(key)
            yield name, _tree(value, here, into)


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
