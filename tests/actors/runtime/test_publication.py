import threading

from actors.runtime import Publication


def test_a_publication_holds_what_was_published_last() -> None:
    slot = Publication("first")
    assert slot.current == "first"
    slot.publish("second")
    assert slot.current == "second"


def test_a_waiter_wakes_when_what_it_waits_for_is_published() -> None:
    slot = Publication(0)
    threading.Timer(0, slot.publish, [3]).start()
    assert slot.wait_for(lambda number: number == 3, timeout_s=5)


def test_a_waiter_gives_up_after_its_timeout() -> None:
    assert not Publication(0).wait_for(lambda number: number == 1, timeout_s=0)
