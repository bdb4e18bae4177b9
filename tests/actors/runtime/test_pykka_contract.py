"""The private names of Pykka that the runtime stands on, and exactly what it relies on in each.

If an upgrade breaks one of these, read the runtime again before changing the test.
"""

import ast
import inspect
import threading
from pathlib import Path
from typing import Any, Final
from unittest.mock import Mock

import pykka
import pytest
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.runtime import Worker


class Plain(pykka.ThreadingActor):
    """An actor as Pykka makes it, that notes what is called on it."""

    use_daemon_thread = True

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.first_error: BaseException | None = None
        self.dies_at_start_of: BaseException | None = None

    def on_start(self) -> None:
        if self.dies_at_start_of is not None:
            raise self.dies_at_start_of

    def _handle_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
        self.calls.append("_handle_failure")
        self.first_error = self.first_error or exception_value
        super()._handle_failure(exception_type, exception_value, traceback)

    def on_stop(self) -> None:
        self.calls.append("on_stop")

    def on_receive(self, message: object) -> object:
        if isinstance(message, BaseException):
            raise message
        return message


class Scripted:
    """An inbox that hands out what it is given, counting how often it is asked if it is empty."""

    def __init__(self, *messages: object) -> None:
        self.envelopes = [Envelope(message) for message in messages]
        self.asked_if_empty = 0
        self.put_in: list[Envelope[Any]] = []

    def put(self, envelope: Envelope[Any], /) -> None:
        self.put_in.append(envelope)

    def get(self) -> Envelope[Any]:
        return self.envelopes.pop(0)

    def empty(self) -> bool:
        self.asked_if_empty += 1
        return True


def test_an_envelope_carries_message_and_reply_to() -> None:
    envelope = Envelope("hello")
    assert (envelope.message, envelope.reply_to) == ("hello", None)
    assert isinstance(Envelope[str]("hello"), Envelope)


def test_a_stop_is_an_actor_stop_put_into_the_refs_inbox() -> None:
    actor, inbox = Plain(), Scripted()
    actor.actor_ref.actor_inbox = inbox
    actor.stop()
    actor.actor_ref.stop(block=False)
    assert [envelope.message for envelope in inbox.put_in] == [_ActorStop(), _ActorStop()]


def test_a_ref_tells_and_asks_by_putting_envelopes_into_its_inbox() -> None:
    actor, inbox = Plain(), Scripted()
    actor.actor_ref.actor_inbox = inbox
    actor.actor_ref.tell(1)
    reply = actor.actor_ref.ask(2, block=False)
    assert [(e.message, e.reply_to) for e in inbox.put_in] == [(1, None), (2, reply)]


def test_the_loop_reads_the_actors_inbox_until_a_stop_and_buries_nothing_if_it_is_empty() -> None:
    actor = Plain()
    actor.actor_inbox = inbox = Scripted("one", _ActorStop(), "left")
    actor._actor_loop()
    assert [envelope.message for envelope in inbox.envelopes] == ["left"]
    assert inbox.asked_if_empty == 1
    assert actor.calls == ["on_stop"]


def test_a_read_stop_is_answered_after_on_stop_has_run() -> None:
    actor = Plain()
    actor.actor_inbox = inbox = Scripted(_ActorStop())
    reply = inbox.envelopes[0].reply_to = Mock()
    reply.set = lambda _: actor.calls.append("answered")
    actor._actor_loop()
    assert actor.calls == ["on_stop", "answered"]


def test_an_error_in_on_start_reaches_handle_failure_and_ends_the_loop_before_a_message() -> None:
    actor = Plain()
    actor.dies_at_start_of = ValueError("no")
    actor.actor_inbox = inbox = Scripted("unread")
    actor._actor_loop()
    assert actor.calls == ["_handle_failure"]
    assert len(inbox.envelopes) == 1


def test_a_base_exception_in_on_start_escapes_the_loop() -> None:
    actor = Plain()
    actor.dies_at_start_of = SystemExit(3)
    with pytest.raises(SystemExit):
        actor._actor_loop()


def test_an_error_from_handle_receive_on_a_tell_reaches_handle_failure_with_the_error() -> None:
    actor, error = Plain(), ValueError("no")
    actor.actor_inbox = Scripted(error)
    actor._actor_loop()
    assert actor.calls == ["_handle_failure"]
    assert actor.first_error is error


def test_an_error_from_handle_receive_on_an_ask_reaches_the_asker_only() -> None:
    actor, reply = Plain(), pykka.ThreadingFuture[object]()
    actor.actor_inbox = inbox = Scripted(ValueError("no"), _ActorStop())
    inbox.envelopes[0].reply_to = reply
    actor._actor_loop()
    assert actor.calls == ["on_stop"]
    with pytest.raises(ValueError, match="no"):
        reply.get(timeout=0)


def test_the_loop_ends_when_handle_receive_leaves_the_stopped_flag_set() -> None:
    actor = Plain()
    actor.actor_inbox = inbox = Scripted("unread")
    actor.actor_stopped.set()
    actor._actor_loop()
    assert len(inbox.envelopes) == 1


def test_a_base_exception_from_handle_receive_would_stop_every_actor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(pykka.ActorRegistry, "stop_all", lambda: stopped.append("all"))
    actor = Plain()
    actor.actor_inbox = Scripted(SystemExit(3))
    actor._actor_loop()
    assert stopped == ["all"]


def test_handle_failure_unregisters_and_sets_the_stopped_flag_as_the_runtimes_own_does() -> None:
    actor = Plain()
    pykka.ActorRegistry.register(actor.actor_ref)
    actor._handle_failure(ValueError, ValueError("no"), None)
    assert actor.actor_stopped.is_set()
    assert pykka.ActorRegistry.get_all() == []


def test_start_registers_the_actor_and_then_runs_start_actor_loop_in_the_callers_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[threading.Thread, int]] = []

    def note(_: Plain) -> None:
        seen.append((threading.current_thread(), len(pykka.ActorRegistry.get_all())))

    monkeypatch.setattr(Plain, "_start_actor_loop", note)
    ref = Plain.start()
    pykka.ActorRegistry.unregister(ref)
    assert seen == [(threading.current_thread(), 1)]


def test_unregistering_an_actor_twice_is_harmless() -> None:
    actor = Plain()
    pykka.ActorRegistry.unregister(actor.actor_ref)
    pykka.ActorRegistry.unregister(actor.actor_ref)
    assert pykka.ActorRegistry.get_all() == []


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("_actor_loop", ["self"]),
        ("_start_actor_loop", ["self"]),
        ("_handle_receive", ["self", "message"]),
        ("_handle_failure", ["self", "exception_type", "exception_value", "traceback"]),
    ],
)
def test_what_the_worker_overrides_has_the_signature_it_overrides(
    name: str, parameters: list[str]
) -> None:
    assert list(inspect.signature(getattr(pykka.ThreadingActor, name)).parameters) == parameters


# ---- nothing else is touched -----------------------------------------------------------

OURS: Final = frozenset({"_actor_loop", "_start_actor_loop", "_handle_receive", "_handle_failure"})
"""Private names of its actor that the runtime overrides; each is pinned above."""


def test_the_runtime_imports_no_other_private_name() -> None:
    runtime = Path(inspect.getfile(Worker)).parent
    imported = {
        f"{node.module}.{alias.name}"
        for file in runtime.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pykka")
        for alias in node.names
        if alias.name.startswith("_") or "._" in f"{node.module}"
    }
    assert imported == {"pykka._envelope.Envelope", "pykka.messages._ActorStop"}


def test_no_actor_shadows_another_private_name_of_pykkas() -> None:
    theirs = {name for name in dir(pykka.ThreadingActor) if name.startswith("_")}
    for actor in actors_of_the_house():
        mine = {name for name in vars(actor) if not name.startswith("__")}
        assert mine & theirs - {"_abc_impl"} <= (OURS if actor is Worker else set()), actor


def test_an_actors_stopped_flag_is_what_makes_its_ref_dead() -> None:
    actor = Plain()
    assert actor.actor_ref.is_alive()
    actor.actor_stopped.set()
    assert not actor.actor_ref.is_alive()


def test_an_actors_thread_is_a_daemon_where_its_class_says_so() -> None:
    assert Worker.use_daemon_thread
    assert "use_daemon_thread" in vars(pykka.ThreadingActor)


def actors_of_the_house() -> list[type[Worker]]:
    """Every kind of actor there is, and what they stand on."""
    import actors.tree  # noqa: F401 - so that all of them are known

    found: list[type[Worker]] = [Worker]  # type: ignore[type-abstract]  # none of them is made
    for kind in found:
        found += [sub for sub in kind.__subclasses__() if sub.__module__.startswith("actors.")]
    return found
