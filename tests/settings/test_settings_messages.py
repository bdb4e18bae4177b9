"""What a bad settings.yaml is answered with, to the letter."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from settings import convert
from settings.load import SettingsFaults, load
from settings.model import Settings
from tests.settings.conftest import Lines


PAPER = "accounts:\n  paper: {broker: paper, hours: always}\n"
NUMBER = "must be a number like 2500 or 250.10"
OUT_OF_LINE = "is not enforced in this version; remove it (null is accepted)"
NESTED = "max_order_value (9000) is above max_position_value (5000)"
NEAR = "unknown account papr. Did you mean paper?"
NAME = (
    "a name is lower case letters, digits, _ and -, begins with a letter "
    "and has at most 32 characters"
)
WINDOW = "must be two times in New York from 09:30 to 16:00, like 09:31-15:55"

VALUES = {
    "mode: liv": "1:1: mode: must be one of paper, live; got 'liv'",
    "mode:": "1:1: mode: needs a value",
    "mode: [paper]": "1:1: mode: must be a single value, not a list or section",
    "risk: [1]": "1:1: risk: must be a section, with lines of name: value",
    "- risk": "1:1: must be a section, with lines of name: value",
    "notifications: [{type: email}]": (
        "1:1: notifications: notifications are not in this version; write []"
    ),
    "notifications: email": "1:1: notifications: must be a list, like [one, two]",
    "risk:\n  max_daily_los: 3": (
        "2:3: risk.max_daily_los: unknown setting. Did you mean max_daily_loss?"
    ),
    "risk:\n  max_daily_loss: -5": "2:3: risk.max_daily_loss: must be above 0; got -5",
    "risk: {max_daily_loss: 0}": "1:8: risk.max_daily_loss: must be above 0; got 0",
    "risk: {max_daily_loss: abc}": f"1:8: risk.max_daily_loss: {NUMBER}; got 'abc'",
    "risk: {max_daily_loss: nan}": f"1:8: risk.max_daily_loss: {NUMBER}; got 'nan'",
    "risk: {max_daily_loss: 1e3}": f"1:8: risk.max_daily_loss: {NUMBER}; got '1e3'",
    "risk: {max_daily_loss: '25,000'}": f"1:8: risk.max_daily_loss: {NUMBER}; got '25,000'",
    "risk: {dedup_window_seconds: 30}": (
        "1:8: risk.dedup_window_seconds: must be above 30; got 30"
    ),
    "risk: {dedup_window_seconds: null}": "1:8: risk.dedup_window_seconds: needs a value",
    "risk: {max_drawdown: 4}": f"1:8: risk.max_drawdown: {OUT_OF_LINE}",
    "risk: {max_leverage: 1}": f"1:8: risk.max_leverage: {OUT_OF_LINE}",
    "risk: {entry_window: 9:31-15:55}": f"1:8: risk.entry_window: {WINDOW}; got '9:31-15:55'",
    "risk: {entry_window: 09:29-15:55}": f"1:8: risk.entry_window: {WINDOW}; got '09:29-15:55'",
    "risk: {entry_window: 15:55-09:31}": f"1:8: risk.entry_window: {WINDOW}; got '15:55-09:31'",
    "risk: {entry_window: 09:31-15:75}": f"1:8: risk.entry_window: {WINDOW}; got '09:31-15:75'",
    "strategies: {d: {accounts: [], external: {nq1!: 3}}}": (
        "1:32: strategies.d.external: must name symbols like AAPL or BRK.B; got 'nq1!'"
    ),
    "strategies: {d: {accounts: [], external: {AAPL: 0}}}": (
        "1:32: strategies.d.external: AAPL must be a number of shares above 0; got 0"
    ),
    "risk: {entry_cutoff_seconds: 0}": "1:8: risk.entry_cutoff_seconds: must be above 0; got 0",
    "calendar: {closed: [2026-11-31]}": (
        "1:21: calendar.closed[0]: must be a day like 2026-11-27; got '2026-11-31'"
    ),
    "calendar: {half_days: [27.11.2026]}": (
        "1:24: calendar.half_days[0]: must be a day like 2026-11-27; got '27.11.2026'"
    ),
    "calendar: {open: [2026-11-28]}": (
        "1:12: calendar.open: the exchange never trades on a Saturday; got '2026-11-28'"
    ),
    "calendar: {closed: 2026-11-27}": "1:12: calendar.closed: must be a list, like [one, two]",
    "circuit_breaker: {max_consecutive_errors: 2.5}": (
        "1:19: circuit_breaker.max_consecutive_errors: must be a whole number; got '2.5'"
    ),
    "circuit_breaker: {max_consecutive_errors: 0}": (
        "1:19: circuit_breaker.max_consecutive_errors: must be above 0; got 0"
    ),
    "logging: {colour: red}": ("1:11: logging.colour: unknown setting; known here: level, format"),
    "logging: {level: info}": (
        "1:11: logging.level: must be one of DEBUG, INFO, WARNING, ERROR; got 'info'"
    ),
}

WEB = {
    "webhook: {listen: 8080}": (
        "listen: must be host:port, like 127.0.0.1:8080 or [::1]:8080; got '8080'"
    ),
    "webhook: {listen: 'x:65536'}": "listen: the port must be 0 to 65535; got 'x:65536'",
    "webhook: {rate_limit_per_minute: 0}": "rate_limit_per_minute: must be above 0; got 0",
    "webhook: {allowed_addresses: [tradingview, 10.0.0.1/8]}": (
        "allowed_addresses: must be IP addresses or networks like 10.0.0.0/8; got '10.0.0.1/8'"
    ),
    "webhook: {trusted_proxies: [tradingview]}": (
        "trusted_proxies: must be IP addresses or networks like 10.0.0.0/8; got 'tradingview'"
    ),
    "webhook: {secret: hunter2}": (
        "secret: a secret does not stand in settings.yaml: use credential:, file: or env:"
    ),
    "webhook: {secret: 'env:hunter 2'}": "secret: what follows env: is not a name",
}

DASHBOARD = {
    "{public_url: 'http://x.org'}": (
        "public_url: must be https://host or https://host:port, without a path; got 'http://x.org'"
    ),
    "{public_url: 'https://x.org/bot'}": (
        "public_url: must be https://host or https://host:port, without a path; "
        "got 'https://x.org/bot'"
    ),
    "{public_url: 'https://x.org:0'}": (
        "public_url: the port must be 1 to 65535; got 'https://x.org:0'"
    ),
    "{trusted_proxies: [caddy]}": (
        "trusted_proxies: must be IP addresses or networks like 10.0.0.0/8; got 'caddy'"
    ),
}

ACCOUNT = {
    "hours: always": "2:3: accounts.a.broker: is required",
    "broker: ibkr, hours: always": (
        "2:7: accounts.a.broker: must be one of paper, schwab; got 'ibkr'"
    ),
    "broker: paper, hours: nyse": (
        "2:22: accounts.a.hours: must be one of exchange, always; got 'nyse'"
    ),
    "broker: paper, hours: always, starting_cash: -1000": (
        "2:37: accounts.a.starting_cash: must be above 0; got -1000"
    ),
    "broker: paper, hours: always, starting_cash: 1.005": (
        "2:37: accounts.a.starting_cash: must have at most 2 decimals; got 1.005"
    ),
    "broker: paper, hours: always, faults: {timeout_after_accept: 1.1}": (
        "2:46: accounts.a.faults.timeout_after_accept: must be a probability from 0 to 1; got 1.1"
    ),
    "broker: paper, hours: always, faults: {seed: -1}": (
        "2:46: accounts.a.faults.seed: must be 0 or more; got -1"
    ),
}

STRATEGY = {
    "allow_add: true": "2:3: strategies.s.accounts: is required",
    "accounts: main": "2:7: strategies.s.accounts: must be a list, like [one, two]",
    "accounts: [papr]": (
        "2:18: strategies.s.accounts[0]: unknown account papr. Did you mean paper?"
    ),
    "accounts: [paper, paper]": "2:25: strategies.s.accounts[1]: paper stands here twice",
    "accounts: [], sides: both": (
        "2:21: strategies.s.sides: must be one of long_only, short_only, long_short; got 'both'"
    ),
    "accounts: [], allow_add: yes": (
        "2:21: strategies.s.allow_add: must be true or false; got 'yes'"
    ),
    "accounts: [], symbols: []": (
        "2:21: strategies.s.symbols: an empty list lets nothing through; write any, or name symbols"
    ),
    "accounts: [], symbols: [AAPL, tsla]": (
        "2:21: strategies.s.symbols: must be symbols like AAPL or BRK.B; got 'tsla'"
    ),
    "accounts: [], on_closed: {entry: extended}": (
        "2:33: strategies.s.on_closed.entry: extended is not in this version; refuse, next_open are"
    ),
    "accounts: [], on_closed: {exit: wait}": (
        "2:33: strategies.s.on_closed.exit: must be one of refuse, next_open; got 'wait'"
    ),
    "accounts: [], sizing: {type: fixed}": (
        "2:30: strategies.s.sizing.type: only from_alert in this version; got 'fixed'"
    ),
}

BETWEEN = {
    "mode: live": "1:1: mode: live needs an account at a live broker",
    "calendar: {closed: [2026-11-25], open: [2026-11-25]}": (
        "1:34: calendar.open: 2026-11-25 stands under closed as well"
    ),
    "accounts:\n  Paper: {broker: paper, hours: always}": f"2:3: accounts.Paper: {NAME}",
    f"strategies:\n  {'s' * 33}: {{accounts: []}}": f"2:3: strategies.{'s' * 33}: {NAME}",
    "strategies:\n  external: {accounts: []}": (
        "2:3: strategies.external: external is what is held outside this program; "
        "give the strategy another name"
    ),
    "web:\n  live: {listen: 127.0.0.1:8080}": (
        "2:10: web.live.listen: web.webhook and web.live cannot both listen on port 8080"
    ),
    "web:\n  webhook: {listen: 0.0.0.0:8081}": (
        "2:13: web.webhook.listen: web.webhook and web.dashboard cannot both listen on port 8081"
    ),
    "risk: {max_order_value: 5000.01}": (
        "1:8: risk.max_order_value: max_order_value (5000.01) is above max_position_value (5000)"
    ),
    "risk: {max_position_value: 2000}": (
        "1:8: risk.max_position_value: max_order_value (2500) is above max_position_value (2000)"
    ),
    "risk: {max_position_value: null, max_order_value: 20000}": (
        "1:34: risk.max_order_value: max_order_value (20000) is above max_total_exposure (12500)"
    ),
    "risk: {max_position_value_percent: 51}": (
        "1:8: risk.max_position_value_percent: max_position_value_percent (51) is above "
        "max_total_exposure_percent (50)"
    ),
    "accounts:\n  a: {broker: paper, hours: always, risk: {max_total_exposure: 4000}}": (
        "2:44: accounts.a.risk.max_total_exposure: "
        "max_position_value (5000) is above max_total_exposure (4000)"
    ),
    PAPER + "strategies:\n  s: {accounts: [paper], sides: long_short}": (
        "4:26: strategies.s.sides: long_short needs `allow_short: true` under risk, or under that "
        "of paper or of s"
    ),
    "accounts:\n  a: {broker: paper, hours: always, shorts: {borrowable: [AAPL]}}": (
        "2:46: accounts.a.shorts.borrowable: needs `funds: margin`: only a margin account borrows"
    ),
    "strategies:\n  s: {accounts: [], risk: {dedup_window_seconds: 60}}": (
        "2:28: strategies.s.risk.dedup_window_seconds: is one for all; write it under risk"
    ),
    PAPER + "strategies:\n  s: {accounts: [paper], risk: {max_order_value: 6000}}": (
        "4:33: strategies.s.risk.max_order_value: "
        "max_order_value (6000) is above max_position_value (5000)"
    ),
}

UNREADABLE = {
    'mode: "paper': "1:13: not YAML: found unexpected end of stream",
    "mode: @paper": "1:7: not YAML: found character that cannot start any token",
    "web:\n\tlive: {}": r"2:1: not YAML: found character '\t' that cannot start any token",
    "web: {live: {}": "1:15: not YAML: expected ',' or '}', but got '<stream end>'",
    "mode: &m paper\nstate_dir: *m": "2:12: not YAML: aliases are not read; write the value out",
    "mode: \x07": "1:7: a character that YAML does not allow",
    "? [mode]\n: paper": "1:3: a name is needed here, not a list or section",
    "[" * 600: "1:1: nested too deeply",
    "risk:\n  max_daily_loss: 1\n  max_daily_loss: 2": (
        "3:3: risk.max_daily_loss: given twice (first at line 2)"
    ),
}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *VALUES.items(),
        *BETWEEN.items(),
        *UNREADABLE.items(),
        *((f"accounts:\n  a: {{{text}}}", message) for text, message in ACCOUNT.items()),
        *(
            (f"strategies:\n  s: {{{text}}}\n{PAPER}", message)
            for text, message in STRATEGY.items()
        ),
    ],
)
def test_a_fault_is_one_sentence_at_its_place(faults: Lines, text: str, message: str) -> None:
    assert faults(text) == [f"settings.yaml:{message}"]


@pytest.mark.parametrize(("text", "message"), WEB.items())
def test_a_fault_of_the_webhook_is_one_sentence(faults: Lines, text: str, message: str) -> None:
    assert faults(f"web:\n  {text}") == [f"settings.yaml:2:13: web.webhook.{message}"]


@pytest.mark.parametrize(("text", "message"), DASHBOARD.items())
def test_a_fault_of_the_pages_is_one_sentence(faults: Lines, text: str, message: str) -> None:
    line = f"settings.yaml:2:15: web.dashboard.{message}"
    assert faults(f"web:\n  dashboard: {text}") == [line]


def test_all_faults_are_told_at_once_in_the_order_of_their_places(faults: Lines) -> None:
    text = """\
mode: liv
risk:
  max_daily_los: 3
  max_order_value: 9000
accounts:
  paper: {broker: paper, hours: always, starting_cash: abc}
strategies:
  demo: {accounts: [papr], allow_add: 1, allow_add: true}
"""
    environ = {"TRADING_BOT__RISK__MAX_DAILY_LOSS": "-5", "TRADING_BOT__MOD": "live"}
    assert faults(text, environ) == [
        "settings.yaml:1:1: mode: must be one of paper, live; got 'liv'",
        "settings.yaml:3:3: risk.max_daily_los: unknown setting. Did you mean max_daily_loss?",
        f"settings.yaml:4:3: risk.max_order_value: {NESTED}",
        f"settings.yaml:6:41: accounts.paper.starting_cash: {NUMBER}; got 'abc'",
        f"settings.yaml:8:21: strategies.demo.accounts[0]: {NEAR}",
        "settings.yaml:8:28: strategies.demo.allow_add: must be true or false; got '1'",
        "settings.yaml:8:42: strategies.demo.allow_add: given twice (first at line 8)",
        "env TRADING_BOT__MOD: unknown setting. Did you mean TRADING_BOT__MODE?",
        "env TRADING_BOT__RISK__MAX_DAILY_LOSS: risk.max_daily_loss: must be above 0; got -5",
    ]


def test_what_stands_on_a_faulty_setting_is_not_judged(faults: Lines) -> None:
    text = "risk: {max_position_value: abc, max_order_value: 4000}\nmode: 3\nweb: {live: 3}"
    assert len(faults(text)) == 3


def test_a_route_to_a_faulty_account_is_no_second_fault(faults: Lines) -> None:
    text = "accounts: {main: {broker: ibkr}}\nstrategies: {s: {accounts: [main]}}"
    assert len(faults(text)) == 1


def test_a_long_value_is_not_repeated_whole(faults: Lines) -> None:
    (line,) = faults(f"mode: {'x' * 1000}")
    assert len(line) < 200


def test_a_strategy_may_be_called_monkey(faults: Lines) -> None:
    assert faults("strategies: {monkey: {accounts: [], allow_add: 3}}") == [
        "settings.yaml:1:37: strategies.monkey.allow_add: must be true or false; got '3'"
    ]


def test_a_missing_file_is_one_fault_whatever_the_environment_says(tmp_path: Path) -> None:
    with pytest.raises(SettingsFaults) as raised:
        load(tmp_path / "other.yaml", {"TRADING_BOT__MODE": "live"})
    assert str(raised.value) == "other.yaml: cannot be read: No such file or directory"


def test_a_file_that_is_not_text_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_bytes(b"mode: \xff")
    with pytest.raises(SettingsFaults, match=r"^settings\.yaml: is not UTF-8 text$"):
        load(path, {})


NAMES = st.sampled_from(
    ["accounts", "strategies", "risk", "web", "webhook", "listen", "broker", "hours", "symbols"]
)
TREES = st.recursive(
    st.none() | st.sampled_from(["paper", "always", "1", "any", "x"]),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(NAMES, below, max_size=3),
)


@trials(max_examples=40, deadline=None)  # each one reads a file
@given(st.dictionaries(NAMES, TREES, max_size=5))
def test_whatever_stands_in_a_file_it_is_settings_or_faults(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]
) -> None:
    path = tmp_path_factory.getbasetemp() / "settings.yaml"
    path.write_text(json.dumps(tree))
    with suppress(SettingsFaults):
        assert isinstance(load(path, {}), Settings)


def test_an_error_that_is_no_fault_of_the_settings_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(convert._walk(ZeroDivisionError()))
