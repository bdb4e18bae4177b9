"""Nothing in actors/ outside the runtime asks, waits for a result, or touches a Pykka future."""

import re
from pathlib import Path

import pytest


HOUSE = Path(__file__).parents[3]
FORBIDDEN = re.compile(r"\.ask\(|\.result\(|\.proxy\(|ThreadingFuture|pykka\.Future|pykka\.get_all")


def places_that_wait(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if FORBIDDEN.search(line)]


def actor_files() -> list[Path]:
    runtime = HOUSE / "actors" / "runtime"
    files = sorted((HOUSE / "actors").rglob("*.py"))
    return [file for file in files if runtime not in file.parents]


@pytest.mark.parametrize("file", actor_files(), ids=lambda file: str(file.relative_to(HOUSE)))
def test_no_actor_waits_for_another(file: Path) -> None:
    assert places_that_wait(file.read_text()) == []


@pytest.mark.parametrize(
    "line", ["ref.ask(Balance())", "future.result()", "pykka.ThreadingFuture()", "ref.proxy().x"]
)
def test_a_wait_is_recognised(line: str) -> None:
    assert places_that_wait(f"x = 1\n  {line}\n") == [line]
