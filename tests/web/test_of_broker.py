"""Asking an account's broker: an answer, none in time, or nobody who could take the question."""

import pytest

import web.of_broker
from tests.web.brokers import Full, stands_in
from tests.web.house import House
from trading.vocabulary import AccountName
from web.of_broker import asked_of_broker
from web.problems import Problem


PAPER = AccountName("paper")


class Question:
    def __init__(self, reply: object) -> None:
        self.reply = reply


def test_what_it_says_is_the_answer(house: House) -> None:
    stands_in(house, "so it is")
    assert asked_of_broker(house.edge(), PAPER, Question) == "so it is"


def test_who_is_silent_leaves_it_unknown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.of_broker, "ANSWER_WITHIN_S", 0.05)
    stands_in(house, None)
    with pytest.raises(Problem, match="what came of it is not known") as found:
        asked_of_broker(house.edge(), PAPER, Question)
    assert (found.value.status, found.value.code) == (503, "NO_ANSWER")


def test_who_can_take_no_more_was_not_asked(house: House) -> None:
    house.mailboxes["broker:paper"] = Full("broker:paper")
    with pytest.raises(Problem, match="too busy; ask again") as found:
        asked_of_broker(house.edge(), PAPER, Question)
    assert (found.value.status, found.value.code) == (503, "NO_ANSWER")
