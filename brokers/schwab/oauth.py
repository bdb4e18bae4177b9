"""Signing in at Schwab: the address to open, the code that comes back, the tokens for it."""

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import aiohttp
from attrs import field, frozen

from brokers.base import AuthExpiredError, BrokerError, UnreachableError
from brokers.schwab.errors import Answer, VenueTroubleError, told
from brokers.schwab.tokens import Tokens
from brokers.schwab.wire_json import UnreadableBodyError, parsed, structured
from trading.masking import Mask


SCHWAB: Final = "https://api.schwabapi.com"

DEAD: Final = (
    "unsupported_token_type",
    "invalid_client",
    "invalid_grant",
    "refresh_token_authentication_error",
)
"""What an answer says when no waiting helps: a person has to sign in again."""


class SignInError(BrokerError):
    """What was pasted or answered is no sign-in; the sentence says what to do."""


@frozen(kw_only=True)
class App:
    """An app as the developer portal knows it, at Schwab or at a simulator of it.

    `callback_url` is compared letter for letter, port, path and trailing slash included.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
    callback_url: str
    base_url: str = SCHWAB


def authorization_url(app: App, state: str) -> str:
    """The address that a person opens in a browser to sign in."""
    query = {
        "response_type": "code",
        "client_id": app.key,
        "redirect_uri": app.callback_url,
        "state": state,
    }
    return f"{app.base_url}/v1/oauth/authorize?{urlencode(query)}"


def code_of(redirected: str, app: App, state: str) -> str:
    """The code in the address that the browser was sent to at the end, decoded exactly once.

    The bare code is taken as well. A terminal breaks a long line, so that what is pasted may have
    blanks in it: an address has none.

    Raises:
        SignInError: there is none in it, or it answers another sign-in.
    """
    text = "".join(redirected.split())
    if _BARE_CODE.fullmatch(text):
        return unquote(text)
    address = urlsplit(text)
    query = parse_qs(address.query)
    if refused := query.get("error"):
        raise SignInError(f"Schwab did not let you in: {_plain(refused[0])}")
    if not (codes := query.get("code")):
        raise SignInError(
            "No code in it. Paste the whole address of the last page, the one that could not be "
            f"opened: it begins with {app.callback_url} and has ?code= in it."
        )
    if query.get("state", [state]) != [state]:
        raise SignInError("This address belongs to another sign-in. Start again.")
    if address.hostname != urlsplit(app.callback_url).hostname:
        raise SignInError(
            f"This address is not your app's: it would begin with {app.callback_url}. Start again."
        )
    return codes[0]


_BARE_CODE: Final = re.compile(r"[\w.~+/=-]+(@|%40)", re.ASCII)
"""A code is known by its end, encoded or not."""


def _plain(word: str) -> str:
    """What stood in an address, fit for a terminal."""
    return re.sub(r"[^\w .,-]", "?", word, flags=re.ASCII)[:80]


async def exchanged(http: aiohttp.ClientSession, app: App, code: str, now: datetime) -> Tokens:
    """The tokens for a code, which holds for 30 seconds and once.

    Raises:
        SignInError: the code is not taken.
        UnreachableError, VenueTroubleError: bad weather; the code may be spent.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": app.callback_url,
    }
    answer = await _asked(http, app, form)
    if 400 <= answer.status < 500 and _is_json(answer):
        if "invalid_client" in answer.text:
            raise SignInError("Schwab knows no such app key with this secret; see the settings.")
        raise SignInError(f"The code was not taken, it may be older than 30 s: {told(answer)}")
    granted = _granted(answer)
    if not granted.refresh_token:
        raise SignInError("Schwab granted no refresh token. Sign in again.")
    return _tokens(granted, granted.refresh_token, now, now)


async def refreshed(http: aiohttp.ClientSession, app: App, old: Tokens, now: datetime) -> Tokens:
    """New access for half an hour. The week of the sign-in goes on, whatever token comes back.

    Raises:
        AuthExpiredError: the refresh token is dead; a person has to sign in again.
        UnreachableError, VenueTroubleError: bad weather; try again later.
    """
    form = {"grant_type": "refresh_token", "refresh_token": old.refresh_token}
    answer = await _asked(http, app, form)
    if is_dead(answer):
        raise AuthExpiredError(f"signed out by Schwab: {_safe(answer)}")
    granted = _granted(answer)
    kept = granted.refresh_token or old.refresh_token
    return _tokens(granted, kept, now, old.signed_in_at)


def is_dead(answer: Answer) -> bool:
    """Whether a refusal is final. A page, a 5xx or an unknown sentence is weather."""
    return (
        answer.status in (400, 401)
        and _is_json(answer)
        and any(word in answer.text for word in DEAD)
    )


# --- the token address --------------------------------------------------------------------------


@frozen(kw_only=True)
class _Grant:
    """An answer of the token address; some were seen without a refresh token."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False, default="")
    expires_in: int


_GRANTED: Final = {
    "access_token": "accessToken",
    "refresh_token": "refreshToken",
    "expires_in": "expiresIn",
}
"""Only here are their names with underscores."""


async def _asked(http: aiohttp.ClientSession, app: App, form: Mapping[str, str]) -> Answer:
    url = f"{app.base_url}/v1/oauth/token"
    pair = base64.b64encode(f"{app.key}:{app.secret}".encode()).decode()
    headers = {"Accept": "application/json", "Authorization": f"Basic {pair}"}
    given = (form.get("code"), form.get("refresh_token"))
    hidden = Mask([app.secret, pair, *(one for one in given if one)])
    try:
        async with http.post(url, data=form, headers=headers, allow_redirects=False) as response:
            text = await response.text(errors="replace")
            return Answer(
                status=response.status,
                text=text if response.ok else hidden.hide(text),
                content_type=response.content_type,
                correl_id=response.headers.get("Schwab-Client-CorrelId", ""),
            )
    except (aiohttp.ClientError, TimeoutError) as error:
        raise UnreachableError(f"sign-in is not reached: {type(error).__name__}") from error


def _granted(answer: Answer) -> _Grant:
    if not answer.is_good:
        raise VenueTroubleError(_safe(answer))
    try:
        body = parsed(answer.text)
        fields = body if isinstance(body, Mapping) else {}
        return structured({_GRANTED[k]: v for k, v in fields.items() if k in _GRANTED}, _Grant)
    except UnreadableBodyError as error:
        raise VenueTroubleError(f"an answer without a token: {error}") from error


def _tokens(granted: _Grant, refresh_token: str, now: datetime, signed_in_at: datetime) -> Tokens:
    return Tokens(
        access_token=granted.access_token,
        refresh_token=refresh_token,
        access_expires_at=now + timedelta(seconds=granted.expires_in),
        signed_in_at=signed_in_at,
    )


def _is_json(answer: Answer) -> bool:
    try:
        return isinstance(json.loads(answer.text), dict)
    except (ValueError, RecursionError):
        return False


def _safe(answer: Answer) -> str:
    """An answer in one line; what the token address sends well is never shown."""
    return told(answer) if not answer.is_good else f"HTTP {answer.status}"
