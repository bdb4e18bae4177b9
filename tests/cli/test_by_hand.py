import json

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_daemon import FakeDaemon


BOOKED = {
    "status": "booked",
    "act_id": "adopt-1",
    "account": "paper",
    "what": "10 AAPL from external to demo at 187.5",
    "before": {"external": "12", "demo": "0"},
    "after": {"external": "2", "demo": "10"},
}
ADOPT = ("adopt", "AAPL", "10", "--to", "demo", "--price", "187.50", "--reason", "mine")


def test_adopt_says_what_everyone_holds_now(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("POST", "/api/positions/AAPL/adopt", BOOKED)
    result = run(*ADOPT)
    assert (result.stderr, result.exit_code) == ("", 0)
    assert result.stdout == (
        "booked on paper: 10 AAPL from external to demo at 187.5\n"
        "before: external 12, demo 0\n"
        "now:    external 2, demo 10\n"
    )
    assert daemon.asked[0].body == {
        "quantity": "10",
        "strategy": "demo",
        "price": "187.50",
        "reason": "mine",
    }


def test_transfer_names_both(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("POST", "/api/positions/BRK.B/transfer", BOOKED)
    words = ("transfer", "BRK.B", "3", "--from", "demo", "--to", "quiet", "--account", "paper")
    result = run(*words, "--reason", "renamed", "--json")
    assert json.loads(result.stdout) == BOOKED
    assert daemon.asked[0].body == {
        "account": "paper",
        "quantity": "3",
        "strategy": "demo",
        "to": "quiet",
        "reason": "renamed",
    }


def test_adjust_takes_what_is_too_much(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("POST", "/api/adjust", BOOKED)
    run("adjust", "--symbol", "AAPL", "--quantity", "-3", "--price", "180", "--reason", "x")
    run("adjust", "--cash", "-1.50", "--reason", "a fee nobody told")
    assert [asked.body for asked in daemon.asked] == [
        {"symbol": "AAPL", "quantity": "-3", "price": "180", "reason": "x"},
        {"cash": "-1.50", "reason": "a fee nobody told"},
    ]


def test_thaw_says_that_it_trades_again(run: Run, daemon: FakeDaemon) -> None:
    said = {"status": "thawed", "act_id": "thaw-1", "account": "paper", "symbol": "BRK.B"}
    daemon.answers("POST", "/api/positions/BRK.B/thaw", said)
    result = run("thaw", "BRK.B", "--reason", "a takeover")
    assert (result.stdout, result.exit_code) == ("BRK.B trades again on paper\n", 0)
    as_json = run("thaw", "BRK.B", "--account", "paper", "--reason", "a takeover", "--json")
    assert json.loads(as_json.stdout) == said
    assert [asked.body for asked in daemon.asked] == [
        {"reason": "a takeover"},
        {"account": "paper", "reason": "a takeover"},
    ]


def test_reset_says_with_how_much_it_begins(run: Run, daemon: FakeDaemon) -> None:
    said = {"status": "reset", "act_id": "reset-1", "account": "paper", "cash": "25000"}
    daemon.answers("POST", "/api/reset", said)
    result = run("reset", "--reason", "a new month")
    assert (result.stdout, result.exit_code) == ("paper begins anew with 25000 $\n", 0)
    as_json = run("reset", "--account", "paper", "--reason", "a new month", "--json")
    assert json.loads(as_json.stdout) == said
    assert [asked.body for asked in daemon.asked] == [
        {"reason": "a new month"},
        {"account": "paper", "reason": "a new month"},
    ]


def test_a_refusal_ends_with_6(run: Run, daemon: FakeDaemon) -> None:
    detail = "so many shares are not there (asked 10, external_holds 4)"
    daemon.refuses("POST", "/api/positions/AAPL/adopt", 409, "NOT_THAT_MANY", detail)
    result = run(*ADOPT)
    assert (result.exit_code, result.stdout) == (6, "")
    assert result.stderr == f"NOT_THAT_MANY: {detail}\n"


def test_a_reason_is_asked_for(run: Run, daemon: FakeDaemon) -> None:
    assert run(*ADOPT[:-2]).exit_code == 2
    assert daemon.asked == []


@pytest.mark.parametrize(
    "words",
    [
        ("adopt", "AAPL", "0", "--to", "demo", "--price", "1"),
        ("adopt", "AAPL", "1", "--to", "demo"),
        ("transfer", "AAPL", "1", "--to", "demo"),
        ("adjust", "--cash", "0"),
        ("adjust", "--cash", "nan"),
        ("adjust", "--cash", "much"),
    ],
    ids=" ".join,
)
def test_what_means_nothing_is_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
