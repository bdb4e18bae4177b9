import threading
from collections import deque

import pytest

from actors.runtime import Address, Mailbox, MailboxFull
from actors.runtime.mailbox import Letter
from actors.runtime.testing import ManualClock


def messages(mailbox: Mailbox, *, ordinary: bool = True) -> list[object]:
    taken = []
    while (letter := mailbox.take(ordinary=ordinary)) is not None:
        taken.append(letter[2])
    return taken


def test_messages_of_a_lane_come_out_in_the_order_put() -> None:
    mailbox = Mailbox("risk", 10)
    for number in range(5):
        mailbox.put(number)
    assert messages(mailbox) == [0, 1, 2, 3, 4]


def test_control_overtakes_ordinary() -> None:
    mailbox = Mailbox("risk", 10)
    mailbox.put("order")
    mailbox.put("halt", control=True)
    assert messages(mailbox) == ["halt", "order"]


def test_ordinary_messages_can_be_left_where_they_are() -> None:
    mailbox = Mailbox("risk", 10)
    mailbox.put("order")
    mailbox.put("halt", control=True)
    assert messages(mailbox, ordinary=False) == ["halt"]
    assert len(mailbox) == 1


def test_a_full_mailbox_refuses_to_the_sender_by_name_and_bound() -> None:
    address = Address("risk", bound=2)
    address.tell(1)
    address.tell(2)
    with pytest.raises(MailboxFull, match="risk is full: 2") as refused:
        address.tell(3)
    assert (refused.value.name, refused.value.bound) == ("risk", 2)
    assert messages(address.mailbox) == [1, 2]


def test_control_and_reserved_messages_pass_the_bound() -> None:
    address = Address("risk", bound=0)
    address.tell("halt", control=True)
    address.tell("flush", reserved=True)
    assert messages(address.mailbox) == ["halt", "flush"]


def test_a_mailbox_knows_how_long_its_oldest_message_waits() -> None:
    clock = ManualClock()
    mailbox = Mailbox("risk", 10, monotonic=clock.monotonic)
    assert mailbox.oldest_age(clock.monotonic()) == 0
    mailbox.put("order")
    clock.advance(3)
    mailbox.put("halt", control=True)
    clock.advance(1)
    assert mailbox.oldest_age(clock.monotonic()) == 4


def test_an_address_is_true_even_when_nothing_waits_there() -> None:
    address = Address("risk")
    assert address
    assert len(address) == 0
    assert repr(address) == "<Address risk: 0 waiting>"


def test_top_up_makes_as_many_tokens_as_messages_and_no_more() -> None:
    mailbox = Mailbox("risk", 10)
    for number in range(3):
        mailbox.put(number)
    mailbox.wait()
    mailbox.wait()
    mailbox.top_up()
    mailbox.top_up()
    assert mailbox._tokens.qsize() == 3


def test_a_letter_given_back_is_next_again_with_its_token() -> None:
    mailbox = Mailbox("risk", 10)
    mailbox.put(1)
    mailbox.put(2)
    mailbox.wait()
    mailbox.give_back(mailbox.take(ordinary=True))
    assert mailbox._tokens.qsize() == 2
    assert messages(mailbox) == [1, 2]


class Raced(deque[Letter]):
    """A lane whose letter a revoked reader takes between the look and the grasp."""

    def popleft(self) -> Letter:
        self.clear()
        return super().popleft()


def test_a_reader_beaten_to_a_letter_looks_again() -> None:
    mailbox = Mailbox("risk", 10)
    mailbox._control = Raced([(0.0, deque(), "halt")])
    mailbox.put("order")
    assert messages(mailbox) == ["order"]


def test_nothing_is_lost_or_doubled_when_many_threads_put_at_once() -> None:
    mailbox = Mailbox("risk", 100_000)

    def put_many(sender: int) -> None:
        for number in range(500):
            mailbox.put((sender, number), control=number % 7 == 0)

    senders = [threading.Thread(target=put_many, args=(n,)) for n in range(4)]
    for sender in senders:
        sender.start()
    taken = []
    for _ in range(2000):
        mailbox.wait()
        taken.append(mailbox.take(ordinary=True))
    for sender in senders:
        sender.join(5)
    assert {letter[2] for letter in taken if letter} == {
        (s, n) for s in range(4) for n in range(500)
    }
