import socket
import threading
from contextlib import ExitStack

import pytest
from attrs import evolve

from tests.web.line import (
    BODY,
    HEAD,
    PATIENT,
    SHORT,
    one_answer,
    open_line,
    said,
)


def test_a_dripping_body_is_told_and_closed() -> None:
    with open_line() as line, line.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        answer = said(connection)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"BODY_TOO_SLOW" in answer


def test_a_connection_without_a_word_is_closed() -> None:
    with open_line() as line, line.connect() as connection:
        assert said(connection) == b""


def dripping(connection: socket.socket, over: threading.Event) -> bytes:
    """What comes back while a header line is sent byte by byte, faster than any gap counts."""

    def drip() -> None:
        try:
            while not over.wait(0.02):
                connection.sendall(b"x")
        except OSError:
            return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        return said(connection)
    except ConnectionResetError:
        return b""
    finally:
        over.set()
        thread.join(5)


def test_a_dripping_head_is_closed_however_often_it_drips() -> None:
    with open_line() as line, line.connect() as connection:
        connection.sendall(HEAD + b"X-Slow: ")
        assert dripping(connection, threading.Event()) == b""


def test_a_later_head_on_the_same_connection_may_not_drip_either() -> None:
    deadlines = evolve(SHORT, idle_s=30)
    with open_line(deadlines=deadlines) as line, line.connect() as connection:
        for _ in range(2):
            connection.sendall(HEAD + BODY)
            assert b"accepted" in one_answer(connection)
        connection.sendall(HEAD + b"X-Slow: ")
        assert dripping(connection, threading.Event()) == b""


def test_an_idle_connection_outlives_the_heads_deadline_but_not_for_ever() -> None:
    with open_line() as line, line.connect() as connection:
        connection.sendall(HEAD + BODY)
        assert b"accepted" in one_answer(connection)
        connection.settimeout(SHORT.head_s * 1.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        assert said(connection) == b""


def test_200_dripping_connections_stop_nobody_and_are_closed() -> None:
    with open_line(deadlines=evolve(SHORT, head_s=1.5, body_s=1.5)) as line, ExitStack() as stack:
        slow = [stack.enter_context(line.connect()) for _ in range(200)]
        for n, connection in enumerate(slow):
            connection.sendall(HEAD + (b"X: " if n % 2 else b"Content-Length: 9\r\n\r\n{"))
        assert line.send()[0] == 200
        answers = [said(connection) for connection in slow]
    assert [a[:12] for a in answers] == [b"HTTP/1.1 408", b""] * 100


def test_a_dripping_connection_makes_way_for_a_real_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.deadlines.MAX_CONNECTIONS", 2)
    with open_line(deadlines=PATIENT) as line, ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(line.connect()).sendall(HEAD + b"X-Slow: a")
        assert line.send()[0] == 200
        assert line.send()[0] == 200


def test_connections_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.deadlines.MAX_CONNECTIONS", 2)
    with open_line(deadlines=PATIENT) as line, ExitStack() as stack:
        first, second = (stack.enter_context(line.connect()) for _ in range(2))
        for connection in (first, second):
            connection.sendall(HEAD + BODY)
            assert b"accepted" in one_answer(connection)
        with line.connect() as third:
            assert said(third) == b""
        first.sendall(HEAD + BODY)
        assert b"accepted" in one_answer(first)
