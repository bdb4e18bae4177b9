"""Disk work on a thread of its own: its results, its order, its end."""

import asyncio
import threading

import pytest

from brokers.disk_thread import DiskThread


def test_work_is_done_in_order_on_one_other_thread() -> None:
    done: list[tuple[int, int]] = []

    async def main() -> list[int]:
        thread = DiskThread("disk")

        def work(number: int) -> int:
            done.append((number, threading.get_ident()))
            return number * 2

        answers = await asyncio.gather(*(thread.do(work, number=n) for n in range(5)))
        thread.end()
        return answers

    assert asyncio.run(main()) == [0, 2, 4, 6, 8]
    assert [number for number, _ in done] == list(range(5))
    assert len({ident for _, ident in done}) == 1
    assert done[0][1] != threading.get_ident()


def test_what_work_raises_reaches_its_waiter_and_no_other() -> None:
    def broken() -> int:
        raise OSError("no space left")

    async def main() -> int:
        thread = DiskThread("disk")
        with pytest.raises(OSError, match="no space left"):
            await thread.do(broken)
        answer = await thread.do(lambda: 7)
        thread.end()
        return answer

    assert asyncio.run(main()) == 7


@pytest.mark.parametrize("fails", [False, True])
def test_work_is_done_even_if_nobody_waits_any_more(*, fails: bool) -> None:
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        go_on.wait(5)
        ended.set()
        if fails:
            raise OSError("too late to matter")

    async def main() -> None:
        thread = DiskThread("disk")
        waiting = asyncio.ensure_future(thread.do(work))
        await asyncio.to_thread(began.wait, 5)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go_on.set()
        thread.end()
        await asyncio.sleep(0)  # what the thread told the loop is heard, and concerns nobody

    asyncio.run(main())
    assert ended.is_set()


def test_a_thread_that_has_ended_does_nothing_more() -> None:
    async def main() -> None:
        thread = DiskThread("disk")
        thread.end()  # it never began
        with pytest.raises(RuntimeError, match="disk has ended"):
            await thread.do(lambda: None)

    asyncio.run(main())


def test_work_outlives_its_loop() -> None:
    thread = DiskThread("disk")
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        go_on.wait(5)
        ended.set()

    async def main() -> "asyncio.Task[None]":
        waiting = asyncio.ensure_future(thread.do(work))
        await asyncio.to_thread(began.wait, 5)
        return waiting

    assert asyncio.run(main()).cancelled()
    go_on.set()
    thread.end()
    assert ended.is_set()
