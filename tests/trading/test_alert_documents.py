"""The bytes of an alert are one flat JSON object, or it is said what is wrong and where."""

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.document import MAX_KEPT, Document, Fault, NotFinite, masked, read
from trading.masking import Mask


LARGEST_BODY = 64 * 1024
NOBODY = Mask()


def fault_of(body: bytes | str) -> str:
    document = read(body.encode() if isinstance(body, str) else body)
    (fault,) = document.faults
    return str(fault)


def test_numbers_are_exact_decimals() -> None:
    fields = read(b'{"price": 250.10, "quantity": 9007199254740993}').fields
    assert fields == {"price": Decimal("250.10"), "quantity": Decimal(9007199254740993)}
    assert str(fields["price"]) == "250.10"


def test_a_byte_order_mark_in_front_is_no_fault() -> None:
    assert read(b'\xef\xbb\xbf{"ticker": "AAPL"}') == Document({"ticker": "AAPL"}, (), None)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_kept_as_it_stood(word: str) -> None:
    assert read(f'{{"price": {word}}}'.encode()).fields == {"price": NotFinite(word)}


def test_an_exponent_that_no_decimal_holds_is_no_number() -> None:
    number = "1e" + "9" * 60
    assert read(f'{{"price": {number}}}'.encode()).fields == {"price": NotFinite(number[:40])}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "line 1 column 1: the body is empty"),
        (b" \n ", "line 2 column 2: the body is empty"),
        (b"buy AAPL", "line 1 column 1: is not valid JSON: expecting value, found 'b'"),
        (b'{"a": 1', "line 1 column 8: is not valid JSON: expecting ',' delimiter"),
        (b'{"a": 1}\n{"a": 2}', "line 2 column 1: is not valid JSON: extra data, found '{'"),
        (b'{"a": "\xff"}', "byte 8: is not UTF-8 text"),
        ('{"a": 1}'.encode("utf-16"), "byte 1: is not UTF-8 text"),
        (b"[]", "body: must be one JSON object: {...}"),
        (b'"buy"', "body: must be one JSON object: {...}"),
        (b"null", "body: must be one JSON object: {...}"),
        (b"[" * LARGEST_BODY, "body: is nested too deeply"),
        (b'{"a":' * 10_000, "body: is nested too deeply"),
        (b'{"a": 1, "b": 2, "a": 3}', "a: given twice"),
    ],
)
def test_what_is_no_flat_object_is_named_with_its_place(body: bytes, fault: str) -> None:
    assert fault_of(body) == fault


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (
            '{"quantity": {{strategy.order.contracts}}}',
            "a {{placeholder}} that TradingView did not",
        ),
        ("{{close}}", "holds a {{placeholder}} that TradingView did not fill in"),
        ("{“ticker”: “AAPL”}", "curly quote “; JSON needs straight quotes"),
        ('{"ticker": ‘AAPL’}', "curly quote ‘; JSON needs straight quotes"),
    ],
)
def test_the_usual_mistakes_are_called_by_their_names(body: str, part: str) -> None:
    assert part in fault_of(body)


def test_every_field_given_twice_is_named_once() -> None:
    faults = read(b'{"a": 1, "b": 1, "a": 2, "b": 2, "a": 3}').faults
    assert faults == (Fault("a", "given twice"), Fault("b", "given twice"))


def test_a_field_given_twice_inside_another_is_named_as_well() -> None:
    assert fault_of('{"a": {"b": 1, "b": 2}}') == "b: given twice"


def test_the_largest_body_of_small_fields_is_read_at_once() -> None:
    """A stranger may send this: its cost grows with its length, not with the square of it."""
    body = ("{" + ",".join(f'"k{n}":1' for n in range(5_900)) + "}").encode()
    assert LARGEST_BODY * 0.8 < len(body) < LARGEST_BODY
    assert min(seconds_to_read(body) for _ in range(3)) < 0.2  # comparing all pairs takes 0.8


def seconds_to_read(body: bytes) -> float:
    start = time.process_time()
    assert len(read(body).fields) == 5_900
    return time.process_time() - start


@pytest.mark.parametrize(
    ("body", "strategy"),
    [
        (b'{"strategy": "demo"}', "demo"),
        (b'{"strategy": 7}', None),
        (b"{}", None),
        (rb'{"strategy": "\ud800"}', "?"),  # half a character is told apart, and fits any file
    ],
)
def test_the_strategy_is_known_where_it_is_named_as_text(body: bytes, strategy: str | None) -> None:
    assert read(body).strategy == strategy


# --- secrets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b'{"secret": "s3cret", "ticker": "AAPL"}',
        b'{"secret":"s3cret", "quantity": {{contracts}}}',
        b'{"ticker": "AAPL", "secret" : "s3cret"',
        b'[{"secret": "s3cret"}]',
        b'{"secret": "s3cret", "message": "\xff"}',
    ],
)
def test_the_secret_is_found_even_in_a_broken_body(body: bytes) -> None:
    assert read(body).secret == "s3cret"


@pytest.mark.parametrize("body", [b"{}", b'{"secret": 7}', b"", b'{"ticker": "AAPL"'])
def test_a_body_without_a_secret_has_none(body: bytes) -> None:
    assert read(body).secret is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"secret": "s3cret"}',
        b'{"Secret" : "s3cret"}',
        b"{'secret': 's3cret'}",
        b'{"secret": "s3cret',
        rb'{"secret": "before\"s3cret"}',
        rb'{"secret": "\\\"s3cret", "a": 1}',
        b"{'secret': \"it's s3cret\"}",
    ],
)
def test_whatever_is_called_secret_is_masked_though_nobody_knows_it(body: bytes) -> None:
    assert "s3cret" not in masked(body, NOBODY)
    assert "***" in masked(body, NOBODY)


def test_a_known_secret_is_masked_wherever_it_stands() -> None:
    assert masked(b"ticker s3cret", Mask(["s3cret"])) == "ticker ***"


def test_a_secret_on_the_edge_of_what_is_kept_is_not_cut_in_two() -> None:
    kept = masked(b"x" * (MAX_KEPT - 3) + b"s3cret", Mask(["s3cret"]))
    assert kept == "x" * (MAX_KEPT - 3) + "***"
    assert len(masked(b"x" * LARGEST_BODY, NOBODY)) == MAX_KEPT


def test_the_fields_around_a_secret_stay_readable() -> None:
    assert (
        masked(b'{"secret": "abc", "ticker": "AAPL"}', NOBODY)
        == '{"secret": "***", "ticker": "AAPL"}'
    )


# --- whatever comes -------------------------------------------------------------------------------

SECRETS = st.text(st.characters(codec="utf-8"), min_size=4, max_size=20)


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_raise(body: bytes) -> None:
    document = read(body)
    assert document.faults or isinstance(document.fields, dict)
    assert isinstance(masked(body, NOBODY), str)


@given(SECRETS, st.text(max_size=50))
def test_no_secret_survives_masking_as_json_writes_it(secret: str, message: str) -> None:
    body = json.dumps({"message": message, "secret": secret}).encode()
    assert read(body).secret == secret
    assert json.loads(masked(body, NOBODY))["secret"] == "***"
