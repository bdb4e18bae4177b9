"""Every code is a sentence, with the numbers behind it."""

import pytest

from trading.vocabulary import Code
from trading.words import SENTENCES, in_words


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence_of_its_own(code: Code) -> None:
    assert len(SENTENCES[code].split()) >= 2
    assert list(SENTENCES.values()).count(SENTENCES[code]) == 1


def test_a_refusal_shows_the_numbers_that_are_there() -> None:
    told = in_words("CASH", {"order_value": "1020", "free_cash": "12", "hint": ""})
    assert told == "there is not enough free cash (order_value 1020, free_cash 12)"


def test_a_refusal_without_numbers_is_the_sentence_alone() -> None:
    assert in_words("HALTED", {}) == "trading is halted"


def test_a_code_of_another_version_is_shown_as_it_is() -> None:
    assert in_words("FROM_TOMORROW", {"n": "1"}) == "FROM_TOMORROW (n 1)"
