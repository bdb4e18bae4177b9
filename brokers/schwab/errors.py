"""Schwab's six shapes of an error, and which of ours each is: for a read, and for a write."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from brokers.base import (
    AuthExpiredError,
    BrokerError,
    InsufficientFundsError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
)


RETRY_AFTER_S: Final = 60.0
"""How long to wait where the venue asks to and does not say how long."""

LONGEST_TEXT: Final = 300

FUNDS: Final = ("buying power", "available cash", "insufficient funds", "sufficient funds")
"""What Schwab's sentences say, in any case, where the money is missing."""


class VenueTroubleError(BrokerError):
    """The venue answered that something is wrong on its side: a read may be tried again."""


class NotThereError(BrokerError):
    """What was asked for is not there."""


@frozen(kw_only=True)
class Answer:
    """What came back of one request; `correl_id` is what Schwab's support asks for."""

    status: int
    text: str = ""
    content_type: str = ""
    location: str = ""
    retry_after: str = ""
    correl_id: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it is an answer and not an error."""
        return 200 <= self.status < 300


def failed_read(answer: Answer) -> BrokerError:
    """What an error is that answered a read."""
    said = told(answer)
    match answer.status:
        case 401:
            return AuthExpiredError(said)
        case 404 if not _is_page(answer):
            return NotThereError(said)
        case 429:
            return RateLimitedError(retry_after_s(answer))
        case 400 | 403 | 405 | 406 | 409 | 413 | 415 | 422:
            return RejectedError(said)
        case _:
            return VenueTroubleError(said)


def failed_write(answer: Answer) -> BrokerError:
    """What an error is that answered an order, a cancel or a replace.

    Only an answer with a body of Schwab's own is a refusal. A 401 or 429 may have come from a
    gateway behind which the order went on, and so may whatever comes as a page.
    """
    said = told(answer)
    if answer.status in (400, 403, 404, 422) and not _is_page(answer) and sentences(answer):
        return InsufficientFundsError(said) if is_about_funds(said) else RejectedError(said)
    if answer.status == 429:
        return RateLimitedError(retry_after_s(answer))
    return OutcomeUnknownError(said)


def is_about_funds(text: str) -> bool:
    """Whether a sentence of Schwab's says that money is missing."""
    return any(words in text.lower() for words in FUNDS)


def refusal(text: str) -> RejectedError:
    """The error for an order that Schwab took and then rejected, with its sentence."""
    return InsufficientFundsError(text) if is_about_funds(text) else RejectedError(text)


def told(answer: Answer) -> str:
    """An error in one line: its status, what it says, and the id to ask support with."""
    said = "; ".join(sentences(answer)) or _as_text(answer) or "no reason given"
    known_as = f" (correlation id {answer.correl_id})" if answer.correl_id else ""
    return f"HTTP {answer.status}: {said[:LONGEST_TEXT]}{known_as}"


def sentences(answer: Answer) -> tuple[str, ...]:
    """Whatever sentences an error has, in the shapes that are JSON; none of other bodies."""
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        return ()
    return tuple(dict.fromkeys(_sentences(body))) if isinstance(body, Mapping) else ()


def _sentences(body: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(message := body.get("message"), str) and message:
        yield message
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, str):
            yield error
        elif isinstance(error, Mapping):
            yield ": ".join(str(error[key]) for key in ("title", "detail") if error.get(key))
    for key in ("error", "error_description"):
        if isinstance(said := body.get(key), str):
            yield said
    fault = body.get("fault")
    if isinstance(fault, Mapping):
        yield str(fault.get("faultstring", "fault"))


def _as_text(answer: Answer) -> str:
    if "html" in answer.content_type or answer.text.lstrip()[:1] == "<":
        return "a page instead of an answer"
    return " ".join(answer.text.split())


def _is_page(answer: Answer) -> bool:
    """Whether it is HTML or plain text: a gateway's word, and not the API's."""
    return bool(answer.text) and not sentences(answer)


def retry_after_s(answer: Answer) -> float:
    """How long the venue asks to wait."""
    try:
        asked = float(answer.retry_after)
    except ValueError:
        return RETRY_AFTER_S
    return asked if 0 <= asked < float("inf") else RETRY_AFTER_S
