"""Six shapes of an error, and what each means for a read and for a write."""

import json
from typing import Any

import pytest

from brokers.base import (
    AuthExpiredError,
    InsufficientFundsError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
)
from brokers.schwab.errors import (
    Answer,
    NotThereError,
    VenueTroubleError,
    failed_read,
    failed_write,
    told,
)
from tests.trading.builders import SHARED


GATEWAY = {"errors": [{"id": "1", "status": 401, "title": "Unauthorized", "detail": "not you"}]}
OAUTH = {"error": "invalid_client", "error_description": "refresh token invalid"}
FAULT = {"fault": {"faultstring": "Body buffer overflow", "detail": {"errorcode": "x"}}}
ROUTE = "404 Not Found: Requested route ('x') does not exist."
PAGE = "<HTML><TITLE>Access Denied</TITLE></HTML>"
FUNDS = "You do not have enough available cash/buying power for this order."


def answer(status: int, body: Any = "", **more: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(status=status, text=text, **more)


@pytest.mark.parametrize(
    ("failed", "as_read", "as_write"),
    [
        (answer(400, {"message": "Invalid value 'EXTO'"}), RejectedError, RejectedError),
        (answer(400, {"message": "no", "errors": ["why"]}), RejectedError, RejectedError),
        (answer(400, {"message": FUNDS}), RejectedError, InsufficientFundsError),
        (answer(400), RejectedError, OutcomeUnknownError),
        (answer(401, GATEWAY), AuthExpiredError, OutcomeUnknownError),
        (answer(401, OAUTH), AuthExpiredError, OutcomeUnknownError),
        (answer(403, PAGE), RejectedError, OutcomeUnknownError),
        (answer(403, {"message": "forbidden"}), RejectedError, RejectedError),
        (answer(404, {"message": "order not found"}), NotThereError, RejectedError),
        (answer(404, ROUTE), VenueTroubleError, OutcomeUnknownError),
        (answer(429), RateLimitedError, RateLimitedError),
        (answer(500, {"message": "unexpected"}), VenueTroubleError, OutcomeUnknownError),
        (answer(502, FAULT), VenueTroubleError, OutcomeUnknownError),
        (answer(504, "upstream request timeout"), VenueTroubleError, OutcomeUnknownError),
        (answer(302), VenueTroubleError, OutcomeUnknownError),
    ],
)
def test_an_error_is_judged(failed: Answer, as_read: type, as_write: type) -> None:
    assert type(failed_read(failed)) is as_read
    assert type(failed_write(failed)) is as_write


@pytest.mark.parametrize(("said", "waits_s"), [("7", 7), ("", 60), ("soon", 60), ("-1", 60)])
def test_the_venue_says_how_long_to_wait(said: str, waits_s: float) -> None:
    error = failed_read(answer(429, retry_after=said))
    assert isinstance(error, RateLimitedError)
    assert error.retry_after_s == waits_s


def test_an_error_names_what_support_asks_for() -> None:
    said = told(answer(401, GATEWAY, correl_id="abc"))
    assert said == "HTTP 401: Unauthorized: not you (correlation id abc)"
    assert told(answer(403, PAGE)) == "HTTP 403: a page instead of an answer"
    assert told(answer(500)) == "HTTP 500: no reason given"


@pytest.mark.skipif(not (SHARED / "schwab").is_dir(), reason="their errors are not here")
def test_each_of_their_errors_says_why() -> None:
    shapes = json.loads((SHARED / "schwab/synthetic/errors.json").read_text())
    for shape in shapes.values():
        body = shape.get("body", shape.get("text"))
        status = shape["http"] if isinstance(shape["http"], int) else 502
        assert "no reason given" not in told(answer(status, body))
