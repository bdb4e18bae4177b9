"""Variables under names that people bring from elsewhere: each works or is told its name here."""

import pytest

from settings.foreign import idle
from tests.settings.conftest import Lines, Load


AT_SCHWAB = """\
accounts:
  my-main:
    broker: schwab
    account_number: env:TOS_ACCOUNT_ID
    app_key: env:TOS_API_KEY
    app_secret: env:TOS_API_SECRET
"""
GIVEN = {"TOS_API_KEY": "k", "TOS_API_SECRET": "s", "TOS_ACCOUNT_ID": "12345678"}
ON_PAPER = "accounts: {paper: {broker: paper}, other: {broker: paper}}\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ENGINE__MODE", "use TRADING_BOT__MODE, paper or live"),
        ("ENGINE__DRY_RUN", "use TRADING_BOT__MODE, paper or live"),
        ("ENGINE__SYMBOLS", "each strategy has its own: `strategies.NAME.symbols`"),
        ("ENGINE__UPDATE_INTERVAL", "there is no engine: limits stand under risk"),
        ("ENGINE__MAX_DAILY_LOSS", "Did you mean TRADING_BOT__RISK__MAX_DAILY_LOSS?"),
        ("LIMITS__FOR_ALL__MAX_DAILY_LOSS", "Did you mean TRADING_BOT__RISK__MAX_DAILY_LOSS?"),
        ("BROKER__NAME", "TRADING_BOT__ACCOUNTS__MY_MAIN__BROKER, paper or schwab"),
        ("BROKER__API_KEY", "use TRADING_BOT__ACCOUNTS__MY_MAIN__APP_KEY=env:TOS_API_KEY"),
        ("BROKER__API_SECRET", "use TRADING_BOT__ACCOUNTS__MY_MAIN__APP_SECRET=env:TOS_API_SECRET"),
        ("BROKER__ACCOUNT_ID", "TRADING_BOT__ACCOUNTS__MY_MAIN__ACCOUNT_NUMBER=env:TOS_ACCOUNT_ID"),
        ("BROKER__REFRESH_TOKEN", "sign in with `python app.py auth login`"),
        ("BROKER__REDIRECT_URI", "use TRADING_BOT__ACCOUNTS__MY_MAIN__CALLBACK_URL"),
        ("BROKER__TIMEOUT", "stands in an account: TRADING_BOT__ACCOUNTS__MY_MAIN__..."),
        ("WEBHOOK__PORT", "use TRADING_BOT__WEB__WEBHOOK__LISTEN=127.0.0.1:8080"),
        ("WEBHOOK__SECRET", "use WEBHOOK_SECRET"),
        ("WEBHOOK_SECRET", "use WEBHOOK_SECRET"),
        ("DASHBOARD__PORT", "use TRADING_BOT__WEB__DASHBOARD__LISTEN=127.0.0.1:8081"),
        ("LOG_LEVEL", "use TRADING_BOT__LOGGING__LEVEL"),
    ],
)
def test_a_setting_of_another_program_is_told_its_name_here(
    faults: Lines, name: str, said: str
) -> None:
    (line,) = faults(AT_SCHWAB, {f"TRADING_BOT__{name}": "secret-1"})
    assert line.startswith(f"env TRADING_BOT__{name}: unknown setting")
    assert said in line
    assert "secret-1" not in line


def test_where_there_are_several_accounts_none_is_guessed(faults: Lines) -> None:
    (line,) = faults(ON_PAPER, {"TRADING_BOT__BROKER__NAME": "schwab"})
    assert "TRADING_BOT__ACCOUNTS__NAME__BROKER" in line


def test_all_of_them_are_said_at_once(faults: Lines) -> None:
    environ = {
        "TRADING_BOT__ENGINE__MODE": "live",
        "TRADING_BOT__BROKER__NAME": "schwab",
        "TRADING_BOT_RISK_MAX_DAILY_LOSS": "100",
        "TOS_REFRESH_TOKEN": "t",
        "TOS_CALLBACK_URL": "https://127.0.0.1",
    }
    lines = faults(AT_SCHWAB, environ)
    assert [line.partition(": ")[0] for line in lines] == [
        f"env {name}" for name in sorted(environ)
    ]


def test_one_underscore_less_is_no_setting(faults: Lines) -> None:
    (line,) = faults("", {"TRADING_BOT_RISK__MAX_DAILY_LOSS": "100"})
    assert line == (
        "env TRADING_BOT_RISK__MAX_DAILY_LOSS: is not read. "
        "Did you mean TRADING_BOT__RISK__MAX_DAILY_LOSS?"
    )


@pytest.mark.parametrize("name", ["TOS_REFRESH_TOKEN", "SCHWAB_ACCESS_TOKEN"])
def test_a_token_from_elsewhere_is_not_used(faults: Lines, loaded: Load, name: str) -> None:
    (line,) = faults(AT_SCHWAB, {**GIVEN, name: "token-1"})
    assert line.startswith(f"env {name}: is not used: tokens come of a sign-in here")
    assert "token-1" not in line
    assert loaded(ON_PAPER, {name: "token-1"}) == loaded(ON_PAPER)


def test_a_callback_is_a_setting(faults: Lines, loaded: Load) -> None:
    url = "https://127.0.0.1:9999"
    (line,) = faults(AT_SCHWAB, {"SCHWAB_REDIRECT_URI": url})
    assert "use TRADING_BOT__ACCOUNTS__MY_MAIN__CALLBACK_URL" in line
    both = {"SCHWAB_REDIRECT_URI": url, "TRADING_BOT__ACCOUNTS__MY_MAIN__CALLBACK_URL": url}
    (account,) = loaded(AT_SCHWAB, both).accounts.values()
    assert str(account.callback_url) == url
    written = loaded(AT_SCHWAB + f"    callback_url: {url}\n", {"TOS_CALLBACK_URL": url})
    assert list(written.accounts.values()) == [account]


def test_what_an_account_at_schwab_needs_is_told_by_its_usual_name(faults: Lines) -> None:
    lines = faults("accounts: {main: {broker: schwab}}", GIVEN)
    assert [line.rpartition("`: ")[2] for line in lines] == [
        f"env:{name}, file: or credential:"
        for name in ("TOS_ACCOUNT_ID", "TOS_API_KEY", "TOS_API_SECRET")
    ]


def test_the_usual_names_without_an_account_are_a_word_and_no_fault(loaded: Load) -> None:
    assert list(idle(loaded(ON_PAPER, GIVEN), GIVEN))[1] == (
        "TOS_API_KEY is set and no account is at Schwab: one would have `app_key: env:TOS_API_KEY`"
    )
    assert list(idle(loaded(ON_PAPER), {})) == []
    assert list(idle(loaded(AT_SCHWAB, GIVEN), GIVEN)) == []
