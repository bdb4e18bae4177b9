"""Symbols both ways: BRK.B here is BRK/B there; options and futures are refused by name."""

import re
from typing import Final

from brokers.base import RejectedError
from trading.vocabulary import Symbol


_SHARE: Final = re.compile(r"[A-Z]{1,5}(?:\.[A-Z]{1,2})?")
_THEIR_SHARE: Final = re.compile(r"[A-Z]{1,5}(?:/[A-Z]{1,2})?")
_OPTION: Final = re.compile(r"[A-Z0-9.]{1,6} *\d{6}[CP]\d{8}")


class SymbolUnmappedError(RejectedError):
    """A symbol that has no name at Schwab that we are sure of; nothing was sent."""


def to_schwab(symbol: Symbol) -> str:
    """A share's name at Schwab.

    Raises:
        SymbolUnmappedError: it is an option, a future, an index, or of a form not known; nothing
            is ever left out of a name to make it fit.
    """
    if _SHARE.fullmatch(symbol):
        return symbol.replace(".", "/")
    raise SymbolUnmappedError(f"{symbol}: {_kind(symbol)}; only stocks and ETFs are traded")


def from_schwab(symbol: str) -> Symbol:
    """A share's canonical name.

    Raises:
        SymbolUnmappedError: it is no name of a share.
    """
    if _THEIR_SHARE.fullmatch(symbol):
        return Symbol(symbol.replace("/", "."))
    raise SymbolUnmappedError(f"{symbol}: {_kind(symbol)}; only stocks and ETFs are traded")


def _kind(symbol: str) -> str:
    if _OPTION.fullmatch(symbol):
        return "an option"
    if symbol.startswith(("/", "./")):
        return "a future" if symbol.startswith("/") else "an option on a future"
    if symbol.startswith("$"):
        return "an index"
    return "no share's name at Schwab that is known"
