"""What an account at Schwab needs, and what it must not have."""

import pytest

from settings.in_force import settings_applied
from settings.model import Broker
from settings.secrets import Secret
from tests.settings.conftest import Lines, Load
from tests.trading.builders import AT
from trading.hours import Hours
from trading.vocabulary import AccountName


MAIN = AccountName("main")
SCHWAB = """\
mode: live
accounts:
  main:
    broker: schwab
    account_number: env:NUMBER
    app_key: env:KEY
    app_secret: env:SECRET
"""
SIMULATED = SCHWAB.replace("live", "paper") + "    base_url: http://127.0.0.1:8090\n"


def test_a_live_account(loaded: Load) -> None:
    account = loaded(SCHWAB).accounts[MAIN]
    assert (account.broker, account.has_real_money) == (Broker.SCHWAB, True)
    assert account.callback_url.listens_here == ("127.0.0.1", 8182)


def test_a_simulator_is_no_live_account(loaded: Load, faults: Lines) -> None:
    assert not loaded(SIMULATED).accounts[MAIN].has_real_money
    (line,) = faults(SIMULATED.replace("paper", "live"))
    assert line.endswith("mode: live needs an account at a live broker")


def test_everything_that_is_missing_is_said_at_once(faults: Lines) -> None:
    lines = faults("accounts:\n  main: {broker: schwab, hours: always}\n")
    assert [line.split(": ")[1] for line in lines] == [
        "accounts.main.account_number",
        "accounts.main.app_key",
        "accounts.main.app_secret",
        "accounts.main.hours",
    ]


def test_a_rehearsal_may_be_held_at_any_hour_and_nothing_else(loaded: Load, faults: Lines) -> None:
    always = "    hours: always\n"
    assert loaded(SIMULATED + always).accounts[MAIN].hours is Hours.ALWAYS
    (line,) = faults(SCHWAB + always)
    assert "always is for a rehearsal, with base_url" in line
    # The mode makes no difference: an account that only reads may be live tomorrow.
    (line,) = faults(SCHWAB.replace("live", "paper") + always)
    assert "accounts.main.hours" in line


def test_paper_has_none_of_it(faults: Lines) -> None:
    lines = faults(SIMULATED.replace("schwab", "paper"))
    assert len(lines) == 4
    assert all(line.endswith("is for `broker: schwab`; paper has none") for line in lines)


def test_one_account_has_one_name(faults: Lines) -> None:
    (line,) = faults(SCHWAB + SCHWAB.split("accounts:\n")[1].replace("main", "again"))
    assert line.endswith(
        "accounts.again.account_number: is main's as well: one account has one name"
    )


def test_accounts_that_share_an_app_share_all_of_it(loaded: Load, faults: Lines) -> None:
    again = SCHWAB.split("accounts:\n")[1].replace("main", "again").replace("NUMBER", "SECOND")
    assert len(loaded(SCHWAB + again).accounts) == 2
    lines = faults(
        SCHWAB
        + again.replace("env:SECRET", "env:OTHER_SECRET")
        + "    callback_url: https://127.0.0.1:8183\n"
    )
    assert [line.partition(": ")[2] for line in lines] == [
        f"accounts.again.{leaf}: is another than main's, whose app it shares by app_key"
        for leaf in ("app_secret", "callback_url")
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:8090",
        "http://192.168.1.7:8090",
        "http://127.0.0.1",
        "http://127.0.0.1:8090/v1",
        "http://127.0.0.1:99999",
        "http://example.org:80",
    ],
)
def test_a_simulator_is_on_this_machine(faults: Lines, url: str) -> None:
    (line,) = faults(SIMULATED.replace("http://127.0.0.1:8090", url))
    assert "must be http://127.0.0.1:PORT" in line


def test_a_callback_may_lie_elsewhere(loaded: Load, faults: Lines) -> None:
    away = loaded(SCHWAB + "    callback_url: https://bot.example.org/back\n").accounts[MAIN]
    assert (str(away.callback_url), away.callback_url.listens_here) == (
        "https://bot.example.org/back",
        None,
    )
    (line,) = faults(SCHWAB + "    callback_url: http://127.0.0.1:8182\n")
    assert "must be https://..., as registered for the app" in line


def test_the_journal_tells_numbers_apart_without_holding_one(loaded: Load) -> None:
    path = ("accounts", "main", "account_number")

    def mark(number: str) -> str:
        applied = settings_applied(loaded(SCHWAB), "1", AT, {path: Secret(number)})
        return applied.accounts[0].number

    assert mark("12345678") == mark("12345678") != mark("12345679")
    assert "12345678" not in mark("12345678")
