"""Every line of the log begins with a word that docs/logs.md explains."""

import ast
import logging
import re
from collections.abc import Iterator

from daemon.log_lines import event_word
from tests.test_house import HOUSE, called, name_of, sources
from trading.events import EVENT_TYPES


LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
RESERVED = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
OF_THE_LOG_ITSELF = {"library_said", "log_call_failed"}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every log call of the house, and where it stands."""
    for file in sources():
        for name, call in called(file):
            match call.func:
                case ast.Attribute(value=ast.Name(id="log")) if name in LEVELS:
                    yield f"{name_of(file)}:{call.lineno}", call
                case ast.Name(id="_own"):
                    yield f"{name_of(file)}:{call.lineno}", call
                case _:
                    pass


def word_of(call: ast.Call) -> str:
    return ast.literal_eval(call.args[0]) if isinstance(call.args[0], ast.Constant) else ""


def test_every_log_call_is_a_word_and_fields() -> None:
    odd = [
        place
        for place, call in calls()
        if len(call.args) != 1 or not re.fullmatch(r"[a-z]+(_[a-z]+)+", word_of(call))
    ]
    assert odd == []


def test_no_field_takes_a_name_that_log_records_have_themselves() -> None:
    given = {
        key.value
        for _, call in calls()
        for node in ast.walk(call)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert given & RESERVED == set()


def test_docs_explain_every_word_and_no_other() -> None:
    text = (HOUSE / "docs" / "logs.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)
    used = {word_of(call) for _, call in calls()} | OF_THE_LOG_ITSELF
    used |= {event_word(kind.__name__) for kind in EVENT_TYPES}
    assert sorted(explained) == sorted(used)
