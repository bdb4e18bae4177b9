"""The rules of the house that no linter knows, checked on the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest


HOUSE: Final = Path(__file__).parents[1]
ROOMS: Final = ("actors", "brokers", "cli", "daemon", "journal", "settings", "trading", "web")
LONGEST_FILE: Final = 310
LONGEST_FUNCTION: Final = 50

LOCKS: Final = frozenset({"Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*rooms: str) -> list[Path]:
    files = [file for room in rooms or ROOMS for file in sorted((HOUSE / room).rglob("*.py"))]
    return files if rooms else [*files, HOUSE / "app.py"]


def name_of(file: Path) -> str:
    return file.relative_to(HOUSE).as_posix()


def outside_runtime(files: list[Path]) -> list[Path]:
    return [file for file in files if not name_of(file).startswith("actors/runtime/")]


def nodes(file: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def called(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """The last name of everything a file calls: `c` of `a.b.c()`."""
    for node in nodes(file):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
                yield name, node
            case _:
                pass


def lines_with(pattern: str, files: list[Path]) -> list[str]:
    """Where a pattern stands, as file:line."""
    wanted = re.compile(pattern)
    return [
        f"{name_of(file)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if wanted.search(line)
    ]


def test_there_is_a_house_to_look_at() -> None:
    assert {file.relative_to(HOUSE).parts[0] for file in sources()} == {*ROOMS, "app.py"}


# --- waiting ------------------------------------------------------------------------------------


def test_no_actor_waits_for_another() -> None:
    assert lines_with(r"\.(ask|result)\(", outside_runtime(sources("actors"))) == []


def test_no_actor_sleeps() -> None:
    assert lines_with(r"\btime\.sleep\(|from time import .*\bsleep\b", sources("actors")) == []


def test_locks_are_for_the_runtime_alone() -> None:
    found = [
        f"{name_of(file)}:{call.lineno}"
        for file in outside_runtime(sources())
        for name, call in called(file)
        if name in LOCKS
    ]
    assert found == []


# --- time ---------------------------------------------------------------------------------------


def test_one_file_of_the_daemon_reads_the_wall_clock() -> None:
    daemon = sources(*(room for room in ROOMS if room != "cli"))
    wall_clock = r"datetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time(_ns)?\("
    found = {place.rpartition(":")[0] for place in lines_with(wall_clock, daemon)}
    assert found == {"actors/runtime/clock.py"}


def test_the_monotonic_clock_is_for_the_runtime_and_the_daemon() -> None:
    found = {place.rpartition(":")[0] for place in lines_with(r"\btime\.monotonic\b", sources())}
    assert {file for file in found if not file.startswith(("actors/runtime/", "daemon/"))} == set()


# --- money --------------------------------------------------------------------------------------


def test_no_decimal_is_made_of_a_float() -> None:
    found = [
        f"{name_of(file)}:{call.lineno}"
        for file in sources()
        for name, call in called(file)
        if name == "Decimal" and any(_is_float(argument) for argument in call.args)
    ]
    assert found == []


def _is_float(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


# --- size and form ------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sources(), ids=name_of)
def test_files_stay_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("file", sources(), ids=name_of)
def test_functions_stay_short(file: Path) -> None:
    long = {
        node.name
        for node in nodes(file)
        if isinstance(node, Function) and _length(node) > LONGEST_FUNCTION
    }
    assert not long


def _length(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_no_exception_is_caught_without_a_name() -> None:
    found = [
        f"{name_of(file)}:{node.lineno}"
        for file in sources()
        for node in nodes(file)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert found == []


@pytest.mark.parametrize("file", sources(), ids=name_of)
def test_whatever_is_public_says_what_it_is(file: Path) -> None:
    assert list(_mute(ast.parse(file.read_text(encoding="utf-8")), file.stem)) == []


def _mute(scope: ast.Module | ast.ClassDef, name: str) -> Iterator[str]:
    """Public modules, classes and functions without a docstring; what is nested is nobody's."""
    if ast.get_docstring(scope) is None:
        yield name
    for node in scope.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _mute(node, f"{name}.{node.name}")
        elif isinstance(node, Function) and not node.name.startswith("_"):
            is_said_before = any("overload" in ast.unparse(d) for d in node.decorator_list)
            if ast.get_docstring(node) is None and not is_said_before:
                yield f"{name}.{node.name}"
