"""A curl command that sends a test alert and works as it stands, in any POSIX shell."""

import json
import shlex
from typing import Final

from cli.alert_text import example_ticker, filled, in_one_line
from settings.model import Strategy
from settings.secrets import Keeper, SecretRef
from trading.vocabulary import StrategyName


NOW: Final = "$(date -u +%FT%TZ)"
_TIME: Final = "@time@"
_SECRET: Final = "@secret@"  # noqa: S105 - a mark in the text, replaced before anybody sees it


def curl_with(secret: str, url: str, name: StrategyName, strategy: Strategy) -> str:
    """The command with the secret in it, for a terminal that its owner looks at."""
    before, after = _around_time(name, strategy, secret)
    return _curl(url, f"{_quoted(before)}{NOW}{_quoted(after)}")


def curl_reading(
    place: SecretRef, secret: str, url: str, name: StrategyName, strategy: Strategy
) -> str | None:
    """The command that looks the secret up when it runs; None where a shell could not.

    A shell puts the secret into the JSON as it is, so that `secret` must need no escapes.
    """
    look_up = _look_up(place)
    if look_up is None or json.dumps(secret)[1:-1] != secret:
        return None
    before, after = _around_time(name, strategy, _SECRET)
    middle, _, end = after.rpartition(_SECRET)
    return _curl(url, f"{_quoted(before)}{NOW}{_quoted(middle)}{look_up}{_quoted(end)}")


def _around_time(name: StrategyName, strategy: Strategy, secret: str) -> tuple[str, str]:
    ticker = example_ticker(strategy)
    alert = in_one_line(filled(name, timestamp=_TIME, ticker=ticker, secret=secret))
    before, _, after = alert.partition(_TIME)
    return before, after


def _look_up(place: SecretRef) -> str | None:
    match place.keeper:
        case Keeper.FILE:
            return f'"$(cat {shlex.quote(place.name)})"'
        case Keeper.ENV:
            return f'"${place.name}"'
        case Keeper.CREDENTIAL:
            return None


def _curl(url: str, body: str) -> str:
    return f"curl -sS {shlex.quote(url)} -H 'Content-Type: application/json' -d {body}"


def _quoted(text: str) -> str:
    """Text between single quotes, in which a shell finds no meaning."""
    return "'" + text.replace("'", "'\\''") + "'"
