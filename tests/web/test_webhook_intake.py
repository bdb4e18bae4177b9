import gzip

import pytest

from actors.messages import Answer, JournalHealth
from actors.runtime import TreeState
from tests.web.line import (
    BODY,
    HEAD,
    ROUTE,
    one_answer,
    open_line,
    said,
)


def test_an_alert_reaches_the_actor_and_its_answer_the_sender() -> None:
    with open_line() as line:
        status, body, headers = line.send(body=b"buy")
        (request,) = line.heard
    assert (status, body) == (200, {"status": "accepted", "alert_id": "a1"})
    assert headers["Content-Type"].startswith("application/json")
    assert (request.body, request.token, request.address) == (b"buy", None, "127.0.0.1")
    assert headers["Server"] == "trading-bot"
    assert (request.id, request.at.year) == ("20260105-1", 2026)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"status": "duplicate", "alert_id": "a0"}),
        Answer(400, {"code": "INVALID_ALERT", "faults": [{"place": "x", "problem": "y"}]}),
        Answer(401, {"code": "BAD_SECRET"}),
        Answer(429, {"code": "RATE_LIMIT"}, 7),
        Answer(503, {"code": "JOURNAL_CANNOT_COMMIT"}),
    ],
)
def test_every_answer_goes_out_as_it_is(answer: Answer) -> None:
    with open_line(lambda _: answer) as line:
        status, body, headers = line.send()
    assert (status, body) == (answer.status, answer.body)
    assert headers.get("Retry-After") == (str(answer.retry_after_s) if status == 429 else None)


@pytest.mark.parametrize("kind", ["application/json", "text/plain; charset=utf-8", "nonsense"])
def test_any_content_type_is_taken(kind: str) -> None:
    with open_line() as line:
        assert line.send(Content_Type=kind)[0] == 200


@pytest.mark.parametrize(("path", "token"), [("s3cret", "s3cret"), ("a%2Fb%20%C3%BC?x=1", "a/b ü")])
def test_the_url_may_carry_the_token(path: str, token: str) -> None:
    with open_line() as line:
        assert line.send(path=f"{ROUTE}/{path}")[0] == 200
        assert line.heard[0].token == token


@pytest.mark.parametrize("path", ["/", ROUTE + "/", ROUTE + "/a/b", ROUTE + "x", "/api/status"])
def test_nothing_else_is_served(path: str) -> None:
    with open_line() as line:
        status, body, _ = line.send(path=path)
        assert (status, body["code"]) == (404, "NOT_FOUND")
        assert line.heard == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_an_alert_is_posted(method: str) -> None:
    with open_line() as line:
        status, body, headers = line.send(method)
    assert (status, body["code"], headers["Allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")


def test_health_is_told_in_every_state() -> None:
    with open_line() as line:
        line.tree.publish(TreeState(ready=False, children=()))
        assert line.send("GET", "/health")[1] == {"status": "starting", "service": "trading-bot"}
        line.tree.publish(TreeState(ready=True, children=()))
        assert line.send("GET", "/health")[1]["status"] == "healthy"
        line.journal.publish(JournalHealth())
        assert line.send("GET", "/health")[:2] == (
            200,
            {"status": "degraded", "service": "trading-bot"},
        )
        assert line.send("POST", "/health")[0] == 405


def test_a_connection_carries_many_alerts() -> None:
    with open_line() as line, line.connect() as connection:
        for _ in range(5):
            connection.sendall(HEAD + BODY)
            assert b"accepted" in one_answer(connection)
        assert len(line.heard) == 5


# --- turned away ----------------------------------------------------------------------------------


def test_until_ready_senders_are_asked_to_try_again() -> None:
    with open_line() as line:
        line.journal.publish(JournalHealth(reason="disk full"))
        status, body, headers = line.send()
    assert (status, body["code"], headers["Retry-After"]) == (503, "NOT_READY", "5")
    assert body["reason"] == "the journal cannot commit: disk full"
    assert line.heard == []


def test_a_full_mailbox_is_busy() -> None:
    with open_line(None, bound=0) as line:
        status, body, headers = line.send()
    assert (status, body["code"], headers["Retry-After"]) == (503, "BUSY", "5")


def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    with open_line(lambda _: None) as line:
        status, body, headers = line.send()
    assert (status, body["code"], headers["Retry-After"]) == (503, "TIMEOUT", "5")


def test_who_is_not_allowed_is_turned_away_before_anything_is_read() -> None:
    with open_line(allowed_addresses=("10.0.0.0/8",)) as line:
        line.journal.publish(JournalHealth())
        status, body, _ = line.send(X_Forwarded_For="10.0.0.1")
        assert (status, body["code"]) == (403, "ADDRESS_NOT_ALLOWED")
        assert line.heard == []


def test_a_trusted_proxy_tells_who_sends() -> None:
    with open_line(allowed_addresses=("10.0.0.0/8",), trusted_proxies=("127.0.0.1",)) as line:
        assert line.send(X_Forwarded_For="1.2.3.4, 10.0.0.1")[0] == 200
        assert line.send(X_Forwarded_For="10.0.0.1, 1.2.3.4")[0] == 403
        assert line.heard[0].address == "10.0.0.1"


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 200), (64 * 1024 + 1, 413)])
def test_a_body_has_an_end(size: int, status: int) -> None:
    with open_line() as line:
        assert line.send(body=b" " * size)[0] == status
        assert [len(r.body) for r in line.heard] == ([size] if status == 200 else [])


def test_a_body_that_does_not_tell_its_length_has_an_end_too() -> None:
    with open_line() as line, line.connect() as connection:
        chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 3)
        assert said(connection).startswith(b"HTTP/1.1 413")


def test_a_packed_body_is_not_unpacked() -> None:
    packed = gzip.compress(b" " * 10_000_000)
    with open_line() as line:
        assert line.send(body=packed, Content_Encoding="gzip")[0] == 200
        assert line.heard[0].body == packed


def test_broken_chunks_are_a_bad_request() -> None:
    with open_line() as line, line.connect() as connection:
        # In one piece: where the fault comes later, the body just never ends, and that is a 408.
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
        assert b"400 Bad Request" in said(connection)


def test_a_sender_who_leaves_in_the_middle_is_no_trouble(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_line() as line:
        with line.connect() as connection:
            connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        assert line.send()[0] == 200
    assert caplog.text == ""
