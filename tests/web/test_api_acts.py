from typing import Any

import pytest
from falcon import testing

from actors.messages import Halt, HaltAnswer, Resume, ResumeAnswer
from actors.runtime.testing import RecordingAddress
from tests.web.conftest import BEARER
from tests.web.house import PAPER, PASSWORD, STOPPED, TOKEN, House, answering
from trading.events import OperatorActed, PasswordWrong, Scope
from trading.vocabulary import Act
from web.dashboard import make_app


@pytest.fixture
def quick(house: House, monkeypatch: pytest.MonkeyPatch) -> testing.TestClient:
    """A client of an edge that does not wait long for the breaker."""
    monkeypatch.setattr("web.acts.ANSWER_WITHIN_S", 0.05)
    return testing.TestClient(make_app(house.edge()), headers=BEARER)


def test_a_halt_overtakes_what_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.acts.ANSWER_WITHIN_S", 0.01)
    house.breaker = recorder = RecordingAddress("breaker:*")
    testing.TestClient(make_app(house.edge()), headers=BEARER).simulate_post("/api/halt")
    assert [letter.control for letter in recorder.letters] == [True]


def test_a_halt_tells_what_was_reached(house: House, api: testing.TestClient) -> None:
    with answering(house.breaker) as heard:
        found = api.simulate_post("/api/halt", json={"reason": "lunch"})
    assert found.json == {
        "status": "halted",
        "act_id": "halt-1",
        "scope": "everything",
        "generation": 1,
        "gates": {"paper": True},
    }
    (halt,) = heard
    assert isinstance(halt, Halt)
    assert (halt.scope, halt.reason, halt.by) == (Scope(), "lunch", "API token from 127.0.0.1")


def test_a_halt_needs_no_body(house: House, api: testing.TestClient) -> None:
    with answering(house.breaker):
        assert api.simulate_post("/api/halt").status_code == 200


def test_a_halt_can_be_narrowed(house: House, api: testing.TestClient) -> None:
    with answering(house.breaker) as heard:
        body = {"account": "paper", "strategy": "demo", "symbol": "brk.b"}
        assert api.simulate_post("/api/halt", json=body).status_code == 200
    assert str(heard[0].scope) == "account paper, strategy demo, symbol BRK.B"


def test_a_halt_that_is_not_durable_says_so(house: House, api: testing.TestClient) -> None:
    def hasty(message: Halt | Resume) -> None:
        assert isinstance(message, Halt)
        answer = HaltAnswer(
            act_id=message.id,
            scope=message.scope,
            generation=3,
            durable=False,
            gates={PAPER: False},
        )
        assert message.reply is not None
        message.reply.set(answer)

    with answering(house.breaker, hasty):
        found = api.simulate_post("/api/halt").json
    assert (found["status"], found["gates"]) == ("halted, not yet durable", {"paper": False})


@pytest.mark.parametrize("path", ["/api/halt", "/api/resume"])
def test_a_breaker_that_does_not_answer_is_a_503(path: str, quick: testing.TestClient) -> None:
    found = quick.simulate_post(path, json=RESUME if path.endswith("resume") else {})
    assert (found.status_code, found.json["code"]) == (503, "NO_ANSWER")


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b"{", ["body"]),
        (b"[]", ["body"]),
        (b'{"reason": 3, "strateg": "x"}', ["reason", "strateg"]),
        (b'{"reason": "' + b"x" * 501 + b'"}', ["reason"]),
        (
            b'{"account": "nobody", "strategy": "none", "symbol": "?"}',
            ["account", "strategy", "symbol"],
        ),
        (b"\xff", ["body"]),
    ],
)
@pytest.mark.parametrize("path", ["/api/halt", "/api/resume"])
def test_every_fault_of_a_body_is_named(
    path: str, body: bytes, places: list[str], house: House, api: testing.TestClient
) -> None:
    if path == "/api/resume" and b"nobody" in body:
        body = body[:-1] + b', "reason": "r", "password": "p"}'
    found = api.simulate_post(path, body=body)
    assert found.status_code == 400
    assert found.headers["Content-Type"] == "application/problem+json"
    assert [e["place"] for e in found.json["errors"]] == places
    assert all(place in found.json["detail"] for place in places)
    assert len(house.breaker) == 0


def test_a_body_has_an_end(api: testing.TestClient) -> None:
    found = api.simulate_post("/api/halt", body=b" " * (64 * 1024 + 1))
    assert (found.status_code, found.json["code"]) == (413, "CONTENT_TOO_LARGE")


RESUME = {"reason": "looked at it", "password": PASSWORD}


def test_a_resume_with_reason_and_password_starts_again(
    house: House, api: testing.TestClient
) -> None:
    with answering(house.breaker) as heard:
        found = api.simulate_post("/api/resume", json=RESUME)
    assert found.json == {
        "status": "resumed",
        "act_id": "resume-1",
        "scope": "everything",
        "lifted": 1,
    }
    assert isinstance(heard[0], Resume)
    assert heard[0].reason == "looked at it"


@pytest.mark.parametrize(
    "missing",
    [{}, {"reason": "r"}, {"password": PASSWORD}, {"reason": " ", "password": PASSWORD}],
)
def test_a_resume_without_reason_or_password_is_refused(
    missing: dict[str, Any], house: House, api: testing.TestClient
) -> None:
    assert api.simulate_post("/api/resume", json=missing).status_code == 400
    assert len(house.breaker) == 0


def test_a_wrong_password_resumes_nothing(house: House, api: testing.TestClient) -> None:
    found = api.simulate_post("/api/resume", json=RESUME | {"password": "wrong"})
    assert (found.status_code, found.json["code"]) == (403, "WRONG_PASSWORD")
    assert len(house.breaker) == 0


def test_a_resume_the_breaker_refuses_says_why(house: House, api: testing.TestClient) -> None:
    def stubborn(message: Halt | Resume) -> None:
        assert isinstance(message, Resume)
        assert message.reply is not None
        answer = ResumeAnswer(
            act_id=message.id,
            scope=message.scope,
            refused="the file STOP exists",
            before=STOPPED,
            after=STOPPED,
        )
        message.reply.set(answer)

    with answering(house.breaker, stubborn):
        found = api.simulate_post("/api/resume", json=RESUME)
    assert found.json == {
        "type": "about:blank",
        "code": "RESUME_REFUSED",
        "title": "Conflict",
        "status": 409,
        "detail": "the file STOP exists",
    }


def test_no_answer_holds_the_password(api: testing.TestClient) -> None:
    for body in (
        RESUME | {"password": 3},
        RESUME | {"x": "y"},
        RESUME | {"password": "pass-wrong"},
    ):
        assert "pass-wrong" not in api.simulate_post("/api/resume", json=body).text


def test_a_method_that_is_not_served_is_a_problem(api: testing.TestClient) -> None:
    found = api.simulate_get("/api/halt")
    assert (found.status_code, found.json["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in found.headers["Allow"]


def test_what_breaks_is_told_without_details(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    edge = house.edge()
    edge.reader.close()
    broken = testing.TestClient(make_app(edge), headers=BEARER)
    found = broken.simulate_get("/api/orders")
    assert (found.status_code, found.json["code"]) == (500, "INTERNAL")
    assert "closed" not in found.text
    assert caplog.messages == ["request_failed"]
    assert vars(caplog.records[0])["path"] == "/api/orders"


# --- what is written down -------------------------------------------------------------------------


def test_a_halt_is_written_down_with_who_from_where_why_and_what_it_changed(
    house: House, api: testing.TestClient
) -> None:
    with answering(house.breaker):
        api.simulate_post("/api/halt", json={"reason": "lunch", "account": "paper"})
    (written,) = house.people(OperatorActed)
    assert written == OperatorActed(
        at=house.clock.now(),
        act_id="halt-1",
        act=Act.HALT,
        by="API token",
        address="127.0.0.1",
        what="account paper",
        reason="lunch",
        before={"state": "ACTIVE", "stops": "0"},
        after={"state": "HALTED", "stops": "1"},
    )


def test_a_resume_is_written_down_likewise(house: House, api: testing.TestClient) -> None:
    agent = {"User-Agent": "trading-bot-cli/0.1.0 (ann)"}
    with answering(house.breaker) as heard:
        api.simulate_post("/api/resume", json=RESUME, headers=agent)
    (written,) = house.people(OperatorActed)
    assert (written.act, written.by, written.what) == (
        Act.RESUME,
        "command line of ann",
        "everything",
    )
    assert (written.reason, written.showed_password, written.refused) == ("looked at it", True, "")
    assert written.before == {"state": "HALTED", "stops": "1"}
    assert written.after == {"state": "ACTIVE", "stops": "0"}
    assert heard[0].by == "command line of ann from 127.0.0.1"
    assert PASSWORD not in str(written)


@pytest.mark.parametrize(
    "agent", ["trading-bot-cli/0.1.0 (a b)", "trading-bot-cli/1 (x) more", "Mozilla/5.0", ""]
)
def test_any_other_program_is_the_tokens(agent: str, house: House, api: testing.TestClient) -> None:
    with answering(house.breaker):
        api.simulate_post("/api/halt", headers={"User-Agent": agent})
    assert [e.by for e in house.people(OperatorActed)] == ["API token"]


def test_an_act_that_was_refused_is_written_down_with_why(
    house: House, api: testing.TestClient
) -> None:
    def stubborn(message: Halt | Resume) -> None:
        assert isinstance(message, Resume)
        assert message.reply is not None
        message.reply.set(ResumeAnswer(act_id=message.id, scope=message.scope, refused="STOP"))

    with answering(house.breaker, stubborn):
        api.simulate_post("/api/resume", json=RESUME)
    assert [e.refused for e in house.people(OperatorActed)] == ["RESUME_REFUSED: STOP"]


def test_an_act_without_an_answer_is_written_down(house: House, quick: testing.TestClient) -> None:
    quick.simulate_post("/api/halt")
    (written,) = house.people(OperatorActed)
    assert written.refused.startswith("NO_ANSWER: the halt was told to the breaker")


def test_a_wrong_password_is_written_down_and_no_act(house: House, api: testing.TestClient) -> None:
    api.simulate_post("/api/resume", json=RESUME | {"password": "wrong"})
    (wrong,) = house.people(PasswordWrong)
    assert (wrong.act, wrong.by, wrong.act_id) == (Act.RESUME, "API token", "resume-1")
    assert house.people(OperatorActed) == []


def test_a_secret_in_a_reason_is_hidden_where_it_is_written_down(
    house: House, api: testing.TestClient
) -> None:
    with answering(house.breaker):
        api.simulate_post("/api/halt", json={"reason": f"it was {TOKEN}"})
    assert [e.reason for e in house.people(OperatorActed)] == ["it was ***"]
