import threading
from collections.abc import Callable
from queue import Empty, Full

import pykka
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.runtime import Mailbox, Port


class WouldBlock(Mailbox):
    """A mailbox that says so where a real one would wait."""

    def wait(self) -> None:
        self._tokens.get_nowait()


@pytest.fixture
def mailbox() -> Mailbox:
    return WouldBlock("risk", 10)


def read(port: Port) -> object:
    return port.get().message


def stop(*, reply: bool = False) -> Envelope[_ActorStop]:
    return Envelope(_ActorStop(), pykka.ThreadingFuture() if reply else None)


def test_a_port_is_always_empty_so_that_a_dying_actor_buries_nothing(mailbox: Mailbox) -> None:
    mailbox.put("order")
    assert Port(mailbox).empty()


def test_a_closed_port_hands_out_control_messages_only(mailbox: Mailbox) -> None:
    port = Port(mailbox)
    mailbox.put("order")
    mailbox.put("halt", control=True)
    assert read(port) == "halt"
    with pytest.raises(Empty):
        port.get()
    assert len(mailbox) == 1


def test_an_opened_port_hands_out_what_waited_while_it_was_closed(mailbox: Mailbox) -> None:
    port = Port(mailbox)
    mailbox.put(1)
    mailbox.put(2)
    with pytest.raises(Empty):
        port.get()
    port.open()
    assert [read(port), read(port)] == [1, 2]


def test_a_port_can_be_closed_and_opened_again(mailbox: Mailbox) -> None:
    port = Port(mailbox)
    port.open()
    port.close()
    mailbox.put(1)
    with pytest.raises(Empty):
        port.get()
    port.open()
    assert read(port) == 1


def test_what_a_ref_is_told_or_asked_goes_to_the_mailbox_and_keeps_its_reply(
    mailbox: Mailbox,
) -> None:
    port = Port(mailbox)
    port.open()
    asked = Envelope("balance", pykka.ThreadingFuture())
    port.put(asked)
    assert port.get() is asked


def test_a_stop_overtakes_everything_and_leaves_the_queue_to_the_successor(
    mailbox: Mailbox,
) -> None:
    port, successor = Port(mailbox), Port(mailbox)
    port.open()
    mailbox.put("order")
    mailbox.put("halt", control=True)
    port.put(stop())
    assert read(port) == _ActorStop()
    successor.open()
    assert [read(successor), read(successor)] == ["halt", "order"]


def test_a_successor_never_reads_its_predecessors_stop(mailbox: Mailbox) -> None:
    Port(mailbox).put(stop())
    successor = Port(mailbox)
    successor.open()
    with pytest.raises(Empty):
        successor.get()


def test_a_late_thread_reads_its_own_stop_and_never_a_message(mailbox: Mailbox) -> None:
    late = Port(mailbox)
    late.open()
    late.put(stop())
    mailbox.put("order")
    assert [read(late), read(late)] == [_ActorStop(), _ActorStop()]
    assert len(mailbox) == 1


def test_a_successor_finds_messages_whose_tokens_a_closed_predecessor_ate(mailbox: Mailbox) -> None:
    hung = Port(mailbox)
    mailbox.put("order")
    with pytest.raises(Empty):
        hung.get()
    successor = Port(mailbox)
    successor.open()
    assert read(successor) == "order"


class RevokedWhileTaking(WouldBlock):
    """A mailbox whose reader is revoked between taking a letter and looking up."""

    port: Port

    def wait(self) -> None:
        super().wait()
        if self.port._stops == []:
            self.port.put(stop())


@pytest.mark.parametrize("control", [True, False])
def test_a_port_revoked_while_it_takes_gives_back_letter_and_token(
    control: bool,  # noqa: FBT001 - a case
) -> None:
    mailbox = RevokedWhileTaking("risk", 10)
    mailbox.port = Port(mailbox)
    mailbox.port.open()
    mailbox.put(1, control=control)
    mailbox.put(2, control=control)
    assert read(mailbox.port) == _ActorStop()
    successor = Port(mailbox)
    successor.open()
    assert [read(successor), read(successor)] == [1, 2]


def test_a_stop_wakes_a_waiting_reader() -> None:
    port = Port(Mailbox("risk", 10))
    reader = threading.Thread(target=port.get)
    reader.start()
    port.put(stop())
    reader.join(5)
    assert not reader.is_alive()


def test_a_second_stop_is_answered_at_once(mailbox: Mailbox) -> None:
    port, second = Port(mailbox), stop(reply=True)
    port.put(stop())
    port.put(second)
    assert second.reply_to is not None
    assert second.reply_to.get(timeout=0) is None


def test_a_second_stop_that_nobody_waits_for_needs_no_answer(mailbox: Mailbox) -> None:
    port = Port(mailbox)
    port.put(stop())
    port.put(stop())
    assert read(port) == _ActorStop()


def test_a_stop_that_an_actor_died_before_reading_is_answered_at_its_end(mailbox: Mailbox) -> None:
    port, unread = Port(mailbox), stop(reply=True)
    port.put(unread)
    port.end()
    assert unread.reply_to is not None
    assert unread.reply_to.get(timeout=0) is None


def test_a_stop_that_was_read_is_left_to_pykka_to_answer(mailbox: Mailbox) -> None:
    port, first = Port(mailbox), stop(reply=True)
    port.put(first)
    port.get()
    port.end()
    assert first.reply_to is not None
    with pytest.raises(pykka.Timeout):
        first.reply_to.get(timeout=0)


def test_a_stop_after_the_end_is_answered_at_once(mailbox: Mailbox) -> None:
    port, late = Port(mailbox), stop(reply=True)
    port.end()
    port.put(late)
    assert late.reply_to is not None
    assert late.reply_to.get(timeout=0) is None


def test_a_stop_that_two_threads_answer_is_answered_once(mailbox: Mailbox) -> None:
    port, answered = Port(mailbox), stop(reply=True)
    assert answered.reply_to is not None
    answered.reply_to.set(None)
    port.put(answered)
    port.end()
    with pytest.raises(Full):
        answered.reply_to.set(None)


class PortsOfOneMailbox(RuleBasedStateMachine):
    """Put, open, close and revoke in any order: nothing is lost, doubled or stuck."""

    @initialize()
    def begin(self) -> None:
        self.mailbox = WouldBlock("risk", 1_000_000)
        self.current = Port(self.mailbox)
        self.is_open = False
        self.revoked: list[Port] = []
        self.put: dict[bool, list[int]] = {True: [], False: []}
        self.got: dict[bool, list[int]] = {True: [], False: []}

    @rule(control=st.booleans(), number=st.integers(1, 3))
    def put_some(self, control: bool, number: int) -> None:  # noqa: FBT001 - hypothesis draws it
        for _ in range(number):
            self.put[control].append(len(self.put[control]))
            self.mailbox.put((control, self.put[control][-1]), control=control)

    @rule()
    def open(self) -> None:
        self.current.open()
        self.is_open = True

    @rule()
    def close(self) -> None:
        self.current.close()
        self.is_open = False

    @rule()
    def read_one(self) -> None:
        try:
            control, number = self.current.get().message
        except Empty:
            assert not self.mailbox._control
            assert not (self.is_open and self.mailbox._ordinary)
        else:
            self.got[control].append(number)
            assert control or self.is_open

    @rule()
    def revoke(self) -> None:
        self.current.put(stop())
        self.revoked.append(self.current)
        self.current = Port(self.mailbox)
        self.is_open = False

    @rule()
    def late_threads_wake_up(self) -> None:
        assert all(isinstance(read(late), _ActorStop) for late in self.revoked)

    @invariant()
    def every_readable_message_has_a_token(self) -> None:
        readable = len(self.mailbox) if self.is_open else len(self.mailbox._control)
        assert self.mailbox._tokens.qsize() >= readable

    def teardown(self) -> None:
        self.current.open()
        self.is_open = True
        while len(self.mailbox):
            self.read_one()
        assert self.got == self.put


PortsOfOneMailbox.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None
)
TestPortsOfOneMailbox = PortsOfOneMailbox.TestCase


def test_letting_go_that_fails_is_logged_and_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def cannot() -> None:
        raise OSError("busy")

    Port(Mailbox("a", 10), cannot).revoke()
    assert caplog.messages == ["actor_not_let_go"]


@pytest.mark.parametrize("end", [lambda port: port.put(Envelope(_ActorStop())), Port.end])
def test_a_port_is_over_once_it_holds_a_stop_or_its_actor_has_ended(
    end: Callable[[Port], None],
) -> None:
    port = Port(Mailbox("a", 10))
    before = port.is_over
    end(port)
    assert (before, port.is_over) == (False, True)


class Idle(threading.Event):
    """An event that is never waited for in earnest, only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return False


class WokenTwice(Mailbox):
    """A mailbox whose reader is woken by two messages whenever it is empty."""

    def wait(self) -> None:
        if not len(self):
            self.put(1)
            self.put(2)
        super().wait()


def test_an_onlooker_lets_others_go_first_only_where_it_was_idle() -> None:
    port = Port(WokenTwice("dashboard", 10), linger_s=0.004)
    port._told_to_stop = idle = Idle()
    port.open()
    assert [read(port), read(port), read(port)] == [1, 2, 1]
    assert idle.waits == [0.004, 0.004]


def test_a_stop_does_not_wait_for_an_onlooker() -> None:
    port = Port(Mailbox("dashboard", 10), linger_s=3600.0)
    port.put(stop())
    assert isinstance(read(port), _ActorStop)
