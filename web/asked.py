"""What a request asks for: its query, its JSON body, its form; every fault at once."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import falcon
import orjson
from attrs import frozen

from settings.model import Settings
from trading.alerts import SYMBOL
from trading.events import Scope
from trading.vocabulary import AccountName, StrategyName, Symbol
from web.history import read_cursor
from web.problems import Problem, Wrong, invalid, not_found


MAX_BODY: Final = 64 * 1024
DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
MAX_TEXT: Final = 500
SCOPE_FIELDS: Final = ("account", "strategy", "symbol")


# --- the query ----------------------------------------------------------------------------------


@frozen
class PageAsked:
    """How many items a list is to have, and before which seq they stand."""

    limit: int
    before: int | None


def page_asked(req: falcon.Request) -> PageAsked:
    """`?limit=` and `?cursor=`; raises Problem naming both where both are wrong."""
    wrong: list[Wrong] = []
    limit_text = req.get_param("limit") or str(DEFAULT_LIMIT)
    limit = int(limit_text) if limit_text.isascii() and limit_text.isdigit() else 0
    if not 1 <= limit <= MAX_LIMIT:
        wrong.append(Wrong("limit", f"must be a whole number from 1 to {MAX_LIMIT}"))
    cursor = req.get_param("cursor")
    before = read_cursor(cursor) if cursor else None
    if cursor and before is None:
        wrong.append(Wrong("cursor", "is not what a page gave as its next"))
    if wrong:
        raise invalid("INVALID_PARAMETER", wrong)
    return PageAsked(limit, before)


def account_asked(req: falcon.Request, settings: Settings) -> AccountName | None:
    """`?account=`; raises Problem where there is none of that name."""
    text = req.get_param("account")
    if text is None:
        return None
    account = AccountName(text)
    if account not in settings.accounts:
        known = ", ".join(settings.accounts)
        raise not_found("UNKNOWN_ACCOUNT", f"there is no account {text!r}; there is {known}")
    return account


def is_flag_set(req: falcon.Request, name: str) -> bool:
    """Whether a parameter says true; raises Problem where it says neither true nor false."""
    text = req.get_param(name)
    if text not in (None, "true", "false"):
        raise invalid("INVALID_PARAMETER", [Wrong(name, "must be true or false")])
    return text == "true"


# --- the body -----------------------------------------------------------------------------------


def body_of(req: falcon.Request) -> bytes:
    """The whole body; raises Problem where it is longer than anything we take."""
    body: bytes = req.bounded_stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise Problem(413, "CONTENT_TOO_LARGE", f"a body has at most {MAX_BODY} bytes")
    return body


def form_of(req: falcon.Request, body: bytes) -> dict[str, str]:
    """The fields of a form; nothing where the body is no form."""
    if (req.content_type or "").partition(";")[0].strip() != falcon.MEDIA_URLENCODED:
        return {}
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=50))
    except ValueError:
        raise invalid("INVALID_BODY", [Wrong("body", "has too many fields")]) from None


def texts_of(body: bytes, known: tuple[str, ...]) -> dict[str, str]:
    """A JSON object of texts, null left out; raises Problem with every fault. No body is {}."""
    if not body.strip():
        return {}
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid("INVALID_BODY", [Wrong("body", f"is not JSON: {error}")]) from None
    if not isinstance(given, dict):
        raise invalid("INVALID_BODY", [Wrong("body", "must be one JSON object: {...}")])
    return texts_among(given, known)


def texts_among(given: Mapping[str, object], known: tuple[str, ...]) -> dict[str, str]:
    """Those of the known fields that were given, as texts; raises Problem with every fault."""
    wrong: list[Wrong] = []
    texts: dict[str, str] = {}
    for name, value in given.items():
        if name not in known:
            wrong.append(Wrong(name, f"unknown field; known are {', '.join(known)}"))
        elif value is None:
            continue
        elif not isinstance(value, str):
            wrong.append(Wrong(name, "must be text"))
        elif len(value) > MAX_TEXT:
            wrong.append(Wrong(name, f"is longer than {MAX_TEXT} characters"))
        else:
            texts[name] = value.strip() if name != "password" else value
    if wrong:
        raise invalid("INVALID_BODY", wrong)
    return texts


def scope_of(texts: Mapping[str, str], settings: Settings) -> Scope:
    """What a stop is to cover; raises Problem where a name means nothing.

    A stop for a name that nothing has would stop nothing and look as if it did.
    """
    wrong: list[Wrong] = []
    account, strategy = texts.get("account"), texts.get("strategy")
    symbol = texts["symbol"].upper() if "symbol" in texts else None
    if account is not None and account not in settings.accounts:
        wrong.append(Wrong("account", f"there is none; there is {', '.join(settings.accounts)}"))
    if strategy is not None and strategy not in settings.strategies:
        known = ", ".join(settings.strategies)
        wrong.append(Wrong("strategy", f"there is none of this name; there is {known}"))
    if symbol is not None and not SYMBOL.fullmatch(symbol):
        wrong.append(Wrong("symbol", "must be a symbol like AAPL or BRK.B"))
    if wrong:
        raise invalid("UNKNOWN_SCOPE", wrong)
    return Scope(
        account=None if account is None else AccountName(account),
        strategy=None if strategy is None else StrategyName(strategy),
        symbol=None if symbol is None else Symbol(symbol),
    )
