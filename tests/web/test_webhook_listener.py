import asyncio
import logging
import socket
import threading
from contextlib import ExitStack, closing

import pytest

from actors.messages import Receive
from actors.runtime import LoopReply, deliver
from settings.model import Listen, WebhookListener
from tests.web.line import (
    ACCEPTED,
    BODY,
    HEAD,
    PATIENT,
    ROUTE,
    Line,
    one_answer,
    open_line,
    said,
)
from web import webhook


def test_the_token_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = f"{ROUTE}/s3cret-token"
    with open_line() as line:
        line.send(path=path)
        line.send("GET", path)
        for rest in (b" HTTP/9.9\r\n\r\n", b" HTTP/1.1\r\nbad header\r\n\r\n"):
            with line.connect() as connection:
                connection.sendall(b"POST " + path.encode() + rest)
                assert b"400" in said(connection)
    assert "s3cret-token" not in caplog.text


def test_many_answers_wake_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[Receive] = []
    wakes: list[object] = []
    full = threading.Event()

    def keep(request: Receive) -> None:
        waiting.append(request)
        if len(waiting) == 20:
            full.set()

    with open_line(keep, deadlines=PATIENT) as line, ExitStack() as stack:
        clients = [stack.enter_context(line.connect()) for _ in range(20)]
        for client in clients:
            client.sendall(HEAD + BODY)
        assert full.wait(5)
        reply = waiting[0].reply
        assert isinstance(reply, LoopReply)
        wake = reply.loop.call_soon_threadsafe

        def counted(*arguments: object) -> asyncio.Handle:
            wakes.append(arguments)
            return wake(*arguments)  # type: ignore[arg-type]  # handed on as they came

        monkeypatch.setattr(reply.loop, "call_soon_threadsafe", counted)
        deliver((request.reply, ACCEPTED) for request in waiting)
        assert all(b"accepted" in one_answer(client) for client in clients)
        assert len(wakes) == 1
        monkeypatch.undo()


def other(listen: Listen) -> webhook.WebhookListener:
    with open_line() as line:
        return webhook.WebhookListener(
            WebhookListener(listen=listen),
            line.address,
            line.listener._intake._readiness,
            line.listener._intake._clock,
            str,
        )


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(webhook.ListenFailed) as failed:
            other(Listen("127.0.0.1", port)).open()
    text = str(failed.value)
    assert text.startswith(f"cannot listen at 127.0.0.1:{port}: Address already in use")
    assert "web.webhook.listen" in text
    assert "\n" not in text


def test_a_host_that_is_not_ours_is_one_clear_line() -> None:
    with pytest.raises(webhook.ListenFailed, match=r"cannot listen at 192\.0\.2\.1:0"):
        other(Listen("192.0.2.1", 0)).open()


def test_closing_lets_a_request_under_way_be_answered() -> None:
    held: list[Receive] = []
    arrived = threading.Event()

    def hold(request: Receive) -> None:
        held.append(request)
        arrived.set()

    with open_line(hold, deadlines=PATIENT) as line, line.connect() as connection:
        connection.sendall(HEAD + BODY)
        assert arrived.wait(5)
        closing_thread = threading.Thread(target=line.listener.close)
        closing_thread.start()
        held[0].reply.set(ACCEPTED)
        assert b"accepted" in said(connection)
        closing_thread.join(5)
        refuses(line)


def refuses(line: Line) -> None:
    with pytest.raises(ConnectionRefusedError), closing(line.connect()):
        pass


def test_closing_twice_is_closing_once() -> None:
    with open_line() as line:
        line.listener.close()
        line.listener.close()
        refuses(line)
