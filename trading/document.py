"""Reading the bytes of an alert as one flat JSON object, or naming what is wrong with them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from attrs import field, frozen

from trading.masking import MASK, Mask


_SECRET_IN_TEXT = re.compile(rb'"secret"\s*:\s*"([^"\\]{1,200})"')
_CALLED_SECRET = re.compile(
    r"""(["']secret["']\s*:\s*(["']))(?:\\.|(?!\2)[^\\])*""", re.IGNORECASE | re.DOTALL
)
MAX_KEPT = 4_096
"""How many characters of a body are kept."""


def writable(text: str) -> str:
    """A text that UTF-8 can hold: JSON may escape half a character, which no file can."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


@frozen
class Fault:
    """One thing that is wrong with an alert, and where."""

    place: str = field(converter=writable)
    problem: str = field(converter=writable)

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


@frozen
class Document:
    """A body as far as it could be read: its fields, and what was wrong with its form.

    `secret` is found even in a broken body, so that a genuine sender's mistake can be told from a
    stranger's noise.
    """

    fields: Mapping[str, Any]
    faults: tuple[Fault, ...]
    secret: str | None

    @property
    def strategy(self) -> str | None:
        """The strategy the body names, if it names one as text."""
        name = self.fields.get("strategy")
        return writable(name) if isinstance(name, str) else None


@frozen
class NotFinite:
    """A NaN or Infinity as it stood in the body: legal nowhere in JSON, yet often sent."""

    text: str


def read(body: bytes) -> Document:
    """Read a body as one flat JSON object; numbers become Decimal, never float."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = Fault(f"byte {error.start + 1}", "is not UTF-8 text")
        return Document({}, (fault,), _secret_in(body))
    try:
        parsed = _READER.decode(text)
        faults = tuple(Fault(name, "given twice") for name in _given_twice(parsed))
    except json.JSONDecodeError as error:
        fault = Fault(f"line {error.lineno} column {error.colno}", _json_problem(error, text))
        return Document({}, (fault,), _secret_in(body))
    except RecursionError:
        return Document({}, (Fault("body", "is nested too deeply"),), _secret_in(body))
    if not isinstance(parsed, dict):
        return Document({}, (Fault("body", "must be one JSON object: {...}"),), _secret_in(body))
    secret = parsed.get("secret")
    return Document(parsed, faults, secret if isinstance(secret, str) else None)


_NESTED = (dict, list)


class _Repetitive(dict[str, Any]):
    """An object that gives some names more than once; of each, the last value holds."""

    repeated: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    counts = Counter(name for name, _ in pairs)
    repetitive = _Repetitive(fields)
    repetitive.repeated = tuple(sorted(name for name, count in counts.items() if count > 1))
    return repetitive


def _given_twice(value: Any) -> Iterator[str]:
    """The names given twice in a parsed value, or in an object anywhere inside it."""
    if isinstance(value, _Repetitive):
        yield from value.repeated
    inner = value.values() if isinstance(value, dict) else value
    for each in inner if isinstance(value, _NESTED) else ():
        if isinstance(each, _NESTED):
            yield from _given_twice(each)


def _number(text: str) -> Decimal | NotFinite:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        return NotFinite(text[:40])


_READER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_number,
    parse_int=_number,
    parse_constant=NotFinite,
)


def _json_problem(error: json.JSONDecodeError, text: str) -> str:
    found = text[error.pos : error.pos + 1]
    if not text.strip():
        return "the body is empty"
    if "{{" in text[max(error.pos - 2, 0) : error.pos + 40]:
        return "holds a {{placeholder}} that TradingView did not fill in"
    if found in "“”„‘’" and found:
        return f'curly quote {found}; JSON needs straight quotes "'
    return f"is not valid JSON: {error.msg.lower()}" + (f", found {found!r}" if found else "")


def _secret_in(body: bytes) -> str | None:
    found = _SECRET_IN_TEXT.search(body)
    return found.group(1).decode("utf-8", "replace") if found else None


def masked(body: bytes, mask: Mask) -> str:
    """A body as text, fit to be kept and shown: known secrets and anything called secret masked.

    It is cut after masking, so that no part of a secret stays.
    """
    text = mask.hide(body.decode("utf-8", "replace"))
    return _CALLED_SECRET.sub(rf"\g<1>{MASK}", text)[:MAX_KEPT]
