import asyncio
import threading
from collections.abc import Callable
from unittest.mock import Mock

import pytest

from actors.runtime import LoopReply, NoAnswer, Reply, ThreadReply, deliver


def in_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()


async def a_turn_of_the_loop() -> None:
    turned = asyncio.get_running_loop().create_future()
    turned.get_loop().call_soon(turned.set_result, None)
    await turned


def test_a_thread_waits_for_an_answer_from_another() -> None:
    reply = ThreadReply[int]()
    threading.Timer(0, reply.set, [7]).start()
    assert reply.wait(5) == 7


def test_a_thread_gives_up_after_its_timeout() -> None:
    with pytest.raises(NoAnswer, match=r"no answer within 0\.0 s"):
        ThreadReply[int]().wait(0.0)


def test_the_first_answer_counts_however_often_it_is_asked_for() -> None:
    reply = ThreadReply[int]()
    reply.set(1)
    reply.set(2)
    assert [reply.wait(0), reply.wait(0)] == [1, 1]


def test_an_answer_after_the_waiter_gave_up_is_harmless() -> None:
    reply = ThreadReply[int]()
    with pytest.raises(NoAnswer):
        reply.wait(0)
    reply.set(1)
    assert reply.wait(0) == 1


def test_a_coroutine_awaits_an_answer_from_a_thread() -> None:
    async def ask() -> int:
        reply = LoopReply[int]()
        await asyncio.to_thread(reply.set, 7)
        return await reply.within(5)

    assert asyncio.run(ask()) == 7


def test_a_coroutine_gives_up_after_its_timeout_and_a_late_answer_is_harmless() -> None:
    async def ask(errors: Mock) -> None:
        asyncio.get_running_loop().set_exception_handler(errors)
        reply = LoopReply[int]()
        with pytest.raises(NoAnswer):
            await reply.within(0)
        reply.set(7)
        await a_turn_of_the_loop()

    errors = Mock()
    asyncio.run(ask(errors))
    errors.assert_not_called()


def test_a_second_answer_to_a_coroutine_is_dropped_in_silence() -> None:
    async def ask(errors: Mock) -> int:
        asyncio.get_running_loop().set_exception_handler(errors)
        reply = LoopReply[int]()
        reply.set(1)
        reply.set(2)
        await a_turn_of_the_loop()
        return await reply.within(5)

    errors = Mock()
    assert asyncio.run(ask(errors)) == 1
    errors.assert_not_called()


def test_an_answer_to_a_closed_loop_is_harmless() -> None:
    async def make() -> LoopReply[int]:
        return LoopReply[int]()

    reply = asyncio.run(make())
    assert reply.loop.is_closed()
    reply.set(7)


def test_a_loop_reply_is_made_on_a_running_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        LoopReply[int]()


def test_deliver_answers_many_and_wakes_each_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        loop = asyncio.get_running_loop()
        replies = [LoopReply[int]() for _ in range(100)]
        on_thread = ThreadReply[int]()
        pairs: list[tuple[Reply[int], int]] = [(on_thread, -1), *zip(replies, range(100))]  # noqa: B905 - equal
        wake = Mock(wraps=loop.call_soon_threadsafe)
        monkeypatch.setattr(loop, "call_soon_threadsafe", wake)
        in_thread(lambda: deliver(pairs))
        answers = [await reply.within(5) for reply in replies]
        assert (answers, on_thread.wait(0), wake.call_count) == (list(range(100)), -1, 1)

    asyncio.run(ask())


def test_a_deadline_that_comes_in_the_same_turn_as_the_answer_changes_nothing() -> None:
    async def ask() -> str:
        reply = LoopReply[str]()
        reply.resolve("in time")
        reply._expire(1)
        return await reply.within(1)

    assert asyncio.run(ask()) == "in time"
