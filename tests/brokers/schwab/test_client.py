"""Requests over real sockets: reads are tried again, writes never, and what is certain is told."""

import socket
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
import pytest

from brokers.base import (
    AuthExpiredError,
    BrokerError,
    InsufficientFundsError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
)
from brokers.schwab.budget import Allowance, Budget, Urgency, full
from brokers.schwab.client import SchwabClient
from brokers.schwab.errors import Answer, NotThereError, VenueTroubleError
from tests.brokers.schwab.server import (
    Badge,
    Hands,
    Reply,
    Server,
    client_of,
    drops,
    hangs,
    listening,
    run,
    says,
)
from tests.trading.builders import AT, after


T = TypeVar("T")
GOOD = says(200, {"price": 0.1})
BODY = {"orderType": "MARKET"}


def tried(
    work: Callable[[SchwabClient], Awaitable[T]],
    *replies: Reply,
    badge: Badge | None = None,
    hands: Hands | None = None,
    **more: Any,
) -> tuple[T | BrokerError, Server]:
    server = Server(replies=list(replies))

    async def life() -> T | BrokerError:
        async with listening(server.handle) as url:
            client = client_of(url, hands or Hands(), badge, **more)
            await client.open()
            try:
                return await work(client)
            except BrokerError as error:
                return error
            finally:
                await client.close()

    return run(life()), server


async def reads(client: SchwabClient) -> Any:
    return await client.trader("/accounts/A1/orders", {"status": "A B"})


async def writes(client: SchwabClient) -> Answer:
    return await client.write("POST", "/accounts/A1/orders", BODY, Urgency.ENTRY)


# --- reading --------------------------------------------------------------------------------------


def test_a_read_names_who_asks_and_what() -> None:
    told, server = tried(reads, GOOD)
    assert str(told) == "{'price': Decimal('0.1')}"
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", "/trader/v1/accounts/A1/orders")
    assert asked.query == {"status": "A B"}
    assert asked.headers["Authorization"] == "Bearer T1"
    assert asked.headers["Schwab-Client-CorrelId"] == "correl-1"


@pytest.mark.parametrize("bad", [says(500), says(504, "upstream request timeout"), drops])
def test_a_read_is_tried_three_times_further_apart(bad: Reply) -> None:
    hands = Hands()
    told, server = tried(reads, bad, bad, GOOD, hands=hands)
    assert not isinstance(told, BrokerError)
    assert len(server.asked) == 3
    assert 0 <= hands.slept[0] <= 1
    assert 0 <= hands.slept[1] <= 2


@pytest.mark.parametrize(
    ("bad", "kind"), [(says(500), VenueTroubleError), (drops, UnreachableError)]
)
def test_after_three_tries_a_read_has_failed(bad: Reply, kind: type[BrokerError]) -> None:
    told, server = tried(reads, bad)
    assert type(told) is kind
    assert len(server.asked) == 3


def test_a_good_answer_that_is_no_json_is_trouble() -> None:
    told, _ = tried(reads, says(200, "<HTML>"))
    assert type(told) is VenueTroubleError


def test_the_venue_says_how_long_a_read_waits() -> None:
    hands = Hands()
    tried(reads, says(429, Retry_After="7"), GOOD, hands=hands)
    assert hands.slept == [7]


@pytest.mark.parametrize(
    ("status", "kind"), [(400, RejectedError), (404, NotThereError), (403, RejectedError)]
)
def test_what_asking_again_would_not_help_is_asked_once(
    status: int, kind: type[BrokerError]
) -> None:
    told, server = tried(reads, says(status, {"message": "no"}))
    assert type(told) is kind
    assert len(server.asked) == 1


def test_a_token_that_was_called_in_is_renewed_once() -> None:
    badge = Badge()
    told, server = tried(reads, says(401, {"errors": []}), GOOD, badge=badge)
    assert not isinstance(told, BrokerError)
    assert badge.refused == ["T1"]
    assert [asked.headers["Authorization"] for asked in server.asked] == ["Bearer T1", "Bearer T2"]
    told, server = tried(reads, says(401, {"errors": []}))
    assert type(told) is AuthExpiredError
    assert len(server.asked) == 2


# --- writing --------------------------------------------------------------------------------------


def test_a_write_is_sent_as_it_stands() -> None:
    told, server = tried(writes, says(201, Location="/orders/7"))
    assert isinstance(told, Answer)
    assert (told.status, told.location) == (201, "/orders/7")
    (asked,) = server.asked
    assert (asked.method, asked.json) == ("POST", BODY)


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (drops, OutcomeUnknownError),
        (says(500, {"message": "unexpected"}), OutcomeUnknownError),
        (says(504, "upstream request timeout"), OutcomeUnknownError),
        (says(401, {"errors": [{"title": "Unauthorized"}]}), OutcomeUnknownError),
        (says(403, "<HTML>Access Denied"), OutcomeUnknownError),
        (says(302, Location="/elsewhere"), OutcomeUnknownError),
        (says(429), RateLimitedError),
        (says(400, {"message": "Invalid value"}), RejectedError),
        (says(400, {"message": "not enough buying power"}), InsufficientFundsError),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_is_sent_once_whatever_comes(
    bad: Reply, kind: type[BrokerError], method: str
) -> None:
    async def work(client: SchwabClient) -> Answer:
        return await client.write(method, "/accounts/A1/orders/7", BODY, Urgency.ENTRY)

    told, server = tried(work, bad)
    assert type(told) is kind
    assert len(server.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_over_a_kept_connection_that_was_reset_is_not_repeated(method: str) -> None:
    async def work(client: SchwabClient) -> Answer:
        await reads(client)
        return await client.write(method, "/accounts/A1/orders/7", BODY, Urgency.ENTRY)

    told, server = tried(work, GOOD, drops)
    assert type(told) is OutcomeUnknownError
    assert len(server.asked) == 2


def test_a_write_without_an_answer_in_time_is_of_unknown_outcome() -> None:
    told, server = tried(writes, hangs, request_s=0.2)
    assert type(told) is OutcomeUnknownError
    assert len(server.asked) == 1


def test_what_met_no_listener_was_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    async def life() -> Answer:
        client = client_of(url, Hands())
        await client.open()
        try:
            return await writes(client)
        finally:
            await client.close()

    with pytest.raises(UnreachableError, match="not sent"):
        run(life())


def test_without_a_sign_in_nothing_is_sent() -> None:
    class NoBadge(Badge):
        async def give(self) -> str:
            raise AuthExpiredError("nobody is signed in")

    told, server = tried(writes, GOOD, badge=NoBadge())
    assert type(told) is UnreachableError
    assert server.asked == []


def test_a_write_that_was_refused_its_token_is_renewed_for_the_next() -> None:
    badge = Badge()
    tried(writes, says(401), badge=badge)
    assert badge.refused == ["T1"]


def test_a_client_that_is_not_open_has_sent_nothing() -> None:
    with pytest.raises(UnreachableError, match="not connected"):
        run(writes(client_of("http://127.0.0.1:9", Hands())))


def test_sessions_know_the_name_that_keeps_them_from_sending_twice() -> None:
    async def look() -> bool:
        async with aiohttp.ClientSession() as http:
            return http._retry_connection

    assert run(look()) is True


# --- how many -------------------------------------------------------------------------------------


def test_entries_leave_some_for_exits() -> None:
    few = Allowance(per_minute=3, reserve=1)

    async def work(client: SchwabClient) -> list[str]:
        fates = []
        for urgency in (Urgency.ENTRY, Urgency.ENTRY, Urgency.ENTRY, Urgency.EXIT, Urgency.EXIT):
            try:
                await client.write("POST", "/o", BODY, urgency)
            except UnreachableError:
                fates.append("not sent")
            else:
                fates.append("sent")
        return fates

    told, server = tried(work, says(201), orders=few)
    assert told == ["sent", "sent", "not sent", "sent", "not sent"]
    assert len(server.asked) == 3


def test_a_budget_grows_with_time_and_ends_with_the_day() -> None:
    budget = full(Allowance(per_minute=60, per_day=3, reserve=0, reserve_per_day=1), 0.0)
    for second in (1.0, 2.0):
        taken = budget.taken(Urgency.ENTRY, second, AT)
        assert isinstance(taken, Budget)
        budget = taken
    assert budget.taken(Urgency.ENTRY, 3.0, AT) == 60
    assert isinstance(budget.taken(Urgency.EXIT, 3.0, AT), Budget)
    assert isinstance(budget.taken(Urgency.ENTRY, 3.0, after(86_400)), Budget)


def test_an_empty_budget_says_how_long_to_wait() -> None:
    budget = full(Allowance(per_minute=1, reserve=0), 0.0)
    taken = budget.taken(Urgency.ENTRY, 0.0, AT)
    assert isinstance(taken, Budget)
    assert taken.taken(Urgency.ENTRY, 15.0, AT) == 45
