"""What is said on Schwab's stream, both ways. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import field, frozen

from brokers.schwab.wire_json import UnreadableBodyError, parsed, structured, written
from trading.money import ZERO


GOOD_CODES: Final = frozenset({0, 26, 27, 28, 29})
LOGIN_DENIED: Final = 3
TOO_MANY: Final = 12
"""Somebody else of this user has connected: there is one connection for each."""


@frozen(kw_only=True)
class StreamerInfo:
    """Where the stream is and who we are on it."""

    streamer_socket_url: str
    schwab_client_customer_id: str
    schwab_client_correl_id: str
    schwab_client_channel: str = ""
    schwab_client_function_id: str = ""


@frozen(kw_only=True)
class UserPreference:
    """What a user's preferences say of the stream; the documents have it in a list."""

    streamer_info: tuple[StreamerInfo, ...] = ()


def streamer_info(answer: Any) -> StreamerInfo:
    """The one stream of a user.

    Raises:
        UnreadableBodyError: none is named.
    """
    preference = structured(answer[0] if isinstance(answer, list) else answer, UserPreference)
    if not preference.streamer_info:
        raise UnreadableBodyError("no stream is named")
    return preference.streamer_info[0]


# --- what we say ----------------------------------------------------------------------------------


def login(info: StreamerInfo, access_token: str) -> str:
    """The first request; its answer has to come before anything else is said."""
    parameters = {
        "Authorization": access_token,
        "SchwabClientChannel": info.schwab_client_channel,
        "SchwabClientFunctionId": info.schwab_client_function_id,
    }
    return _request(info, "ADMIN", "LOGIN", 0, parameters)


def subscription(info: StreamerInfo, number: int) -> str:
    """The request for whatever happens to the user's accounts."""
    keys = {"keys": "Account Activity", "fields": "0,1,2,3"}
    return _request(info, "ACCT_ACTIVITY", "SUBS", number, keys)


def _request(
    info: StreamerInfo, service: str, command: str, number: int, parameters: Mapping[str, str]
) -> str:
    request = {
        "service": service,
        "command": command,
        "requestid": str(number),
        "SchwabClientCustomerId": info.schwab_client_customer_id,
        "SchwabClientCorrelId": info.schwab_client_correl_id,
        "parameters": parameters,
    }
    return written({"requests": [request]})


# --- what we hear -------------------------------------------------------------------------------


@frozen(kw_only=True)
class Answered:
    """An answer to a request, or the stream's last word before it closes."""

    service: str
    command: str
    code: int
    message: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it was done."""
        return self.code in GOOD_CODES


@frozen(kw_only=True)
class Happened:
    """Something happened to an account; what it was is for REST to say."""

    seq: int
    account_number: str
    kind: str
    data: str = field(default="", repr=False)


Heard = Answered | Happened


def heard(text: str) -> Iterator[Heard]:
    """What a frame says that we listen to; heartbeats and other services are passed over.

    Raises:
        UnreadableBodyError: it is no frame.
    """
    frame = parsed(text)
    if not isinstance(frame, Mapping):
        raise UnreadableBodyError("a frame that is no object")
    for response in frame.get("response", ()):
        content = response.get("content", {})
        yield Answered(
            service=str(response.get("service", "")),
            command=str(response.get("command", "")),
            code=int(content.get("code", -1)),
            message=str(content.get("msg", "")),
        )
    for data in frame.get("data", ()):
        if data.get("service") == "ACCT_ACTIVITY":
            yield from (_happened(item) for item in data.get("content", ()))


def _happened(item: Mapping[str, Any]) -> Happened:
    return Happened(
        seq=int(item.get("seq", 0)),
        account_number=str(item.get("1", "")),
        kind=str(item.get("2", "")),
        data=str(item.get("3", "")),
    )


def number_of(value: Mapping[str, Any]) -> Decimal | None:
    """A number of the stream: `lo` by a power of ten, whose exponent and sign are `signScale`.

    Without `lo` it is 0; an empty object is no number at all.
    """
    if not value:
        return None
    scale = int(value.get("signScale", 0))
    number = Decimal(str(value.get("lo", 0))).scaleb(-(scale >> 1))
    return -number if scale & 1 and number != ZERO else number
