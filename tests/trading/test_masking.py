"""No writing of a secret gets past the mask, and nothing else is touched."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trading.masking import MASK, Mask


SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=40)
WRITINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper case": lambda s: s.upper() if s.upper().lower() == s.lower() else s,
    "percent-encoded": lambda s: quote(s, safe=""),
    "percent-encoded path": quote,
    "form-encoded": quote_plus,
    "in JSON": lambda s: json.dumps(s)[1:-1],
    "in orjson's JSON": lambda s: orjson.dumps(s).decode()[1:-1],
    "JSON in JSON": lambda s: json.dumps(json.dumps(s, ensure_ascii=False), ensure_ascii=False),
    "in HTML": html.escape,
    "in a Python literal": lambda s: repr(s)[1:-1],
}


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
@example(secret="İstanbul", before="", after="")  # shorter than its lower case
@given(secret=SECRETS, before=st.text(), after=st.text())
def test_no_writing_of_a_secret_gets_past(
    write: Callable[[str], str], secret: str, before: str, after: str
) -> None:
    written = write(secret)
    hidden = Mask([secret]).hide(f"{before}|{written}|{after}")
    assert MASK in hidden
    assert f"|{written}|" not in hidden


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@given(secret=SECRETS, before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_base64_hides_a_secret_wherever_it_stands_in_it(
    encode: Callable[[bytes], bytes], secret: str, before: bytes, after: bytes
) -> None:
    encoded = encode(before + secret.encode() + after).decode()
    hidden = Mask([secret]).hide(encoded)
    assert MASK in hidden
    assert len(hidden) - len(MASK) <= len(before + after) * 2 + 8


@given(st.text())
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    assert Mask(["hunter2-hunter2"]).hide(text) == text


def test_a_secret_that_begins_with_another_leaves_no_rest() -> None:
    assert Mask(["abc", "abcdef"]).hide("abcdef abc") == "*** ***"


def test_an_empty_secret_hides_nothing() -> None:
    assert Mask([""]).hide("abc") == "abc"


def test_a_mask_does_not_show_what_it_hides() -> None:
    mask = Mask(["hunter2"])
    assert "hunter2" not in repr(mask)
    assert not hasattr(mask, "__dict__")
