"""Signing in: the code that comes back, the file that keeps, and the one who renews."""

import asyncio
import base64
import stat
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from attrs import evolve

from brokers.base import AuthExpiredError, BrokerError, UnreachableError
from brokers.schwab.errors import VenueTroubleError
from brokers.schwab.oauth import (
    App,
    SignInError,
    authorization_url,
    code_of,
    exchanged,
    refreshed,
)
from brokers.schwab.token_keeper import TokenKeeper
from brokers.schwab.tokens import TokenFile, Tokens
from tests.brokers.schwab.server import Hands, Reply, Server, drops, listening, run, says
from tests.trading.builders import AT, after


T = TypeVar("T")
CALLBACK = "https://127.0.0.1:8182"
GRANT = {
    "expires_in": 1800,
    "token_type": "Bearer",
    "scope": "api",
    "refresh_token": "R1@",
    "access_token": "A2@",
    "id_token": "I",
}
DEAD = {
    "error": "unsupported_token_type",
    "error_description": '400 Bad Request: "{"error":"refresh_token_authentication_error"}"',
}
OLD = Tokens(
    access_token="A1@", refresh_token="R1@", access_expires_at=after(1800), signed_in_at=AT
)


def app(url: str = "https://api.schwabapi.com") -> App:
    return App(key="key", secret="hush", callback_url=CALLBACK, base_url=url)


def asked(
    work: Callable[[aiohttp.ClientSession, App], Awaitable[T]], *replies: Reply
) -> tuple[T | BrokerError, Server]:
    server = Server(replies=list(replies))

    async def life() -> T | BrokerError:
        async with listening(server.handle) as url, aiohttp.ClientSession() as http:
            try:
                return await work(http, app(url))
            except BrokerError as error:
                return error

    return run(life()), server


# --- the address and the code ---------------------------------------------------------------------


def test_a_person_opens_an_address_that_names_the_app() -> None:
    url = urlsplit(authorization_url(app(), "s1"))
    assert url.path == "/v1/oauth/authorize"
    assert parse_qs(url.query) == {
        "response_type": ["code"],
        "client_id": ["key"],
        "redirect_uri": [CALLBACK],
        "state": ["s1"],
    }


@pytest.mark.parametrize("more", ["", "&state=s1"])
def test_a_code_is_decoded_once(more: str) -> None:
    assert code_of(f" {CALLBACK}/?code=C0.abc%40&session=1{more}\n", app(), "s1") == "C0.abc@"


@pytest.mark.parametrize(
    ("pasted", "says_what"),
    [
        ("", "whole address"),
        ("C0.abc", "whole address"),
        (f"{CALLBACK}/", f"begins with {CALLBACK}"),
        ("https://api.schwabapi.com/v1/oauth/authorize?client_id=key", "whole address"),
        ("https://other.example/?code=C0.abc%40&state=s1", "not your app's"),
        (f"{CALLBACK}/?code=C0.abc%40&state=s2", "another sign-in"),
        (f"{CALLBACK}/?error=access_denied", "access_denied"),
        (f"{CALLBACK}/?error=%1b[2Jno", r"let you in: \?\?2Jno"),
    ],
)
def test_what_is_no_code_says_what_to_do(pasted: str, says_what: str) -> None:
    with pytest.raises(SignInError, match=says_what):
        code_of(pasted, app(), "s1")


@pytest.mark.parametrize(
    "pasted",
    [
        "C0.abc@",
        " C0.abc%40\n",
        f"{CALLBACK}/?code=C0.a\n bc%40&session=1&state=s1",
        f"{CALLBACK}/?code=C0.abc@&state=s1",
    ],
)
def test_what_people_paste_instead_is_understood(pasted: str) -> None:
    assert code_of(pasted, app(), "s1") == "C0.abc@"


# --- tokens for a code ----------------------------------------------------------------------------


async def exchange(http: aiohttp.ClientSession, known: App) -> Tokens:
    return await exchanged(http, known, "C0.abc@", AT)


async def refresh(http: aiohttp.ClientSession, known: App) -> Tokens:
    return await refreshed(http, known, OLD, after(1740))


def test_a_code_is_exchanged_once_encoded() -> None:
    told, server = asked(exchange, says(200, GRANT))
    assert told == evolve(OLD, access_token="A2@")
    (sent,) = server.asked
    assert sent.path == "/v1/oauth/token"
    assert "code=C0.abc%40" in sent.text
    assert parse_qs(sent.text)["redirect_uri"] == [CALLBACK]
    assert sent.headers["Authorization"] == f"Basic {base64.b64encode(b'key:hush').decode()}"


@pytest.mark.parametrize("grant", [GRANT | {"refresh_token": ""}, {"access_token": "A"}])
def test_a_grant_that_lacks_something_is_no_sign_in(grant: dict[str, Any]) -> None:
    told, _ = asked(exchange, says(200, grant))
    assert isinstance(told, SignInError | VenueTroubleError)


def test_an_old_code_is_refused() -> None:
    told, _ = asked(exchange, says(400, {"error": "invalid_grant"}))
    assert isinstance(told, SignInError)


def test_a_refresh_does_not_prolong_the_week() -> None:
    told, server = asked(refresh, says(200, GRANT))
    assert isinstance(told, Tokens)
    assert (told.signed_in_at, told.access_expires_at) == (AT, after(1740 + 1800))
    assert parse_qs(server.asked[0].text) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["R1@"],
    }


def test_a_refresh_that_brings_no_refresh_token_keeps_the_old_one() -> None:
    grant = {key: value for key, value in GRANT.items() if key != "refresh_token"}
    told, _ = asked(refresh, says(200, grant))
    assert isinstance(told, Tokens)
    assert told.refresh_token == "R1@"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says(400, DEAD), AuthExpiredError),
        (says(401, {"error": "invalid_client"}), AuthExpiredError),
        (says(400, {"error": "invalid_grant"}), AuthExpiredError),
        (says(400, {"error": "something_new"}), VenueTroubleError),
        (says(403, "<HTML>Access Denied"), VenueTroubleError),
        (says(400, "<HTML>invalid_client"), VenueTroubleError),
        (says(500), VenueTroubleError),
        (says(200, "<HTML>"), VenueTroubleError),
        (drops, UnreachableError),
    ],
)
def test_dead_tokens_are_told_from_bad_weather(answer: Reply, kind: type[BrokerError]) -> None:
    told, _ = asked(refresh, answer)
    assert type(told) is kind


# --- the file -------------------------------------------------------------------------------------


def test_a_file_keeps_tokens_for_its_owner_alone(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "secrets" / "schwab")
    assert file.read() is None
    file.write(OLD)
    file.write(evolve(OLD, access_token="A9"))
    assert file.read() == evolve(OLD, access_token="A9")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == ["schwab"]


def test_a_file_that_cannot_be_read_is_no_sign_in(tmp_path: Path) -> None:
    path = tmp_path / "schwab"
    path.write_text("{half a file")
    assert TokenFile(path).read() is None


def test_no_token_is_ever_shown() -> None:
    assert "A1@" not in repr(OLD)
    assert "R1@" not in repr(OLD)
    assert "hush" not in repr(app())


def test_a_week_is_counted_from_the_sign_in() -> None:
    assert OLD.left(AT + timedelta(days=6)) == timedelta(days=1)
    assert OLD.left(AT + timedelta(days=8)) == timedelta(0)


# --- the one who renews ---------------------------------------------------------------------------


class Oven:
    """Bakes tokens one at a time, when told to, or fails."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.opened = asyncio.Event()
        self.under_way = asyncio.Event()
        self.error: BrokerError | None = None

    async def refresh(self, old: Tokens) -> Tokens:
        self.asked.append(old.refresh_token)
        self.under_way.set()
        await self.opened.wait()
        if self.error is not None:
            raise self.error
        number = len(self.asked)
        later = old.access_expires_at + timedelta(seconds=1800)
        return evolve(old, access_token=f"N{number}", access_expires_at=later)


def kept(
    scenario: Callable[[TokenKeeper, Oven, Hands, TokenFile], Awaitable[T]],
    path: Path,
    *,
    signed_in: bool = True,
) -> T:
    async def life() -> T:
        file, oven, hands = TokenFile(path / "schwab"), Oven(), Hands()
        if signed_in:
            file.write(OLD)
        keeper = TokenKeeper(file, oven.refresh, hands)
        await keeper.load()
        oven.opened.set()
        try:
            return await scenario(keeper, oven, hands, file)
        finally:
            await keeper.close()

    return run(life())


def test_a_token_is_renewed_a_minute_early_and_kept(tmp_path: Path) -> None:
    async def scenario(*scene: Any) -> None:
        keeper, oven, hands, file = scene
        hands.pass_by(1739)
        assert await keeper.access_token() == "A1@"
        hands.pass_by(1)
        assert await keeper.access_token() == "N1"
        assert oven.asked == ["R1@"]
        assert file.read() == keeper.tokens

    kept(scenario, tmp_path)


def test_all_who_ask_at_once_share_one_refresh(tmp_path: Path) -> None:
    async def scenario(*scene: Any) -> None:
        keeper, oven, hands, _ = scene
        hands.pass_by(1800)
        oven.opened.clear()
        waiting = [asyncio.ensure_future(keeper.access_token()) for _ in range(20)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        oven.opened.set()
        fates = await asyncio.gather(*waiting, return_exceptions=True)
        assert fates[1:] == ["N1"] * 19
        assert len(oven.asked) == 1

    kept(scenario, tmp_path)


def test_in_bad_weather_the_old_token_is_used_to_its_end(tmp_path: Path) -> None:
    async def scenario(*scene: Any) -> None:
        keeper, oven, hands, _ = scene
        oven.error = VenueTroubleError("HTTP 500")
        hands.pass_by(1750)
        assert await keeper.access_token() == "A1@"
        hands.pass_by(50)
        with pytest.raises(VenueTroubleError):
            await keeper.access_token()
        assert keeper.is_signed_in
        oven.error = None
        assert await keeper.access_token() == "N3"

    kept(scenario, tmp_path)


def test_a_token_that_was_refused_is_renewed_at_once(tmp_path: Path) -> None:
    async def scenario(*scene: Any) -> None:
        keeper, oven, _, _ = scene
        keeper.refused("A1@")
        keeper.refused("A1@")
        assert await keeper.access_token() == "N1"
        assert await keeper.access_token() == "N1"
        assert len(oven.asked) == 1

    kept(scenario, tmp_path)


def test_a_dead_token_is_not_tried_again_until_somebody_signs_in(tmp_path: Path) -> None:
    async def scenario(*scene: Any) -> None:
        keeper, oven, hands, file = scene
        hands.pass_by(1800)
        oven.error = AuthExpiredError("dead")
        for _ in range(3):
            with pytest.raises(AuthExpiredError, match="auth login"):
                await keeper.access_token()
        assert len(oven.asked) == 1
        assert not keeper.is_signed_in
        file.write(
            evolve(OLD, refresh_token="R2", signed_in_at=after(1800), access_expires_at=after(3600))
        )
        assert await keeper.access_token() == "A1@"
        assert keeper.is_signed_in

    kept(scenario, tmp_path)


def test_a_sign_in_during_a_refresh_wins(tmp_path: Path) -> None:
    async def scenario(*scene: Any) -> None:
        keeper, oven, hands, file = scene
        hands.pass_by(1800)
        oven.opened.clear()
        waiting = asyncio.ensure_future(keeper.access_token())
        await oven.under_way.wait()
        new = evolve(OLD, access_token="B1", refresh_token="R2", access_expires_at=after(3600))
        await keeper.sign_in(new)
        oven.opened.set()
        assert await waiting == "B1"
        assert file.read() == new

    kept(scenario, tmp_path)


def test_nobody_is_signed_in_at_first(tmp_path: Path) -> None:
    async def scenario(*scene: Any) -> None:
        keeper, oven, _, _ = scene
        with pytest.raises(AuthExpiredError, match="auth login"):
            await keeper.access_token()
        assert oven.asked == []
        assert not keeper.is_signed_in

    kept(scenario, tmp_path, signed_in=False)
