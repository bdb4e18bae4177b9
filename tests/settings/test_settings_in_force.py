"""What a start writes into the journal says exactly which limits are in force."""

from datetime import UTC, datetime
from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from journal import Codec
from settings.in_force import OFF, settings_applied
from settings.model import Account, Broker, Risk, RiskOverrides, Settings, Strategy, effective
from settings.secrets import SecretRef
from tests.settings.conftest import Load
from trading.events import EVENT_TYPES, SettingsApplied
from trading.hours import EntryWindow
from trading.vocabulary import AccountName, StrategyName


AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
WINDOW = "entry_window"
PAPER, DEMO = AccountName("paper"), StrategyName("demo")
Limit = Decimal | EntryWindow | bool | None
NAMES = [a.name for a in attrs.fields(Risk) if a.name not in ("dedup_window_seconds", WINDOW)]
OVERRIDES = st.builds(
    lambda numbers, window: {**numbers, **window},
    st.dictionaries(st.sampled_from(NAMES), st.none() | st.decimals("0.01", "1000000", places=2)),
    st.dictionaries(
        st.just(WINDOW), st.none() | st.sampled_from(["09:30-16:00"]).map(EntryWindow.parse)
    ),
)


def read_back(applied: SettingsApplied, account: str, strategy: str) -> dict[str, Limit]:
    """The limits in force, by the journal's own words: a strategy's go over its account's."""
    (its,) = (one.limits for one in applied.accounts if one.account == account)
    (own,) = (one.limits for one in applied.strategies if one.strategy == strategy)
    return {name: limit_of(name, written) for name, written in {**its, **own}.items()}


def limit_of(name: str, written: str) -> Limit:
    if written == OFF:
        return None
    if written in ("true", "false"):
        return written == "true"
    return EntryWindow.parse(written) if name == WINDOW else Decimal(written)


@given(OVERRIDES, OVERRIDES, OVERRIDES)
def test_the_limits_in_force_are_read_from_the_journal_as_they_were_meant(
    for_all: dict[str, Limit], of_account: dict[str, Limit], of_strategy: dict[str, Limit]
) -> None:
    settings = Settings(
        risk=RiskOverrides(for_all).over(Risk()),
        accounts={PAPER: Account(broker=Broker.PAPER, risk=RiskOverrides(of_account))},
        strategies={DEMO: Strategy(accounts=(PAPER,), risk=RiskOverrides(of_strategy))},
    )
    codec = Codec(EVENT_TYPES)
    applied = codec.decode(*codec.encode(settings_applied(settings, "1", AT, {})))
    assert isinstance(applied, SettingsApplied)
    assert read_back(applied, PAPER, DEMO) == attrs.asdict(
        effective(settings, PAPER, DEMO), recurse=False
    )


def test_who_trades_where_is_written_down_and_no_secret(loaded: Load) -> None:
    settings = loaded(
        "accounts: {a: {broker: paper, hours: always, retired: true}}\n"
        "strategies: {s: {accounts: [a], secret: env:HOOK}, old: {accounts: [], retired: true}}"
    )
    applied = settings_applied(settings, "0.1.0", AT, {})
    assert [(a.account, a.broker, a.retired) for a in applied.accounts] == [("a", "paper", True)]
    assert [(s.strategy, s.accounts, s.retired) for s in applied.strategies] == [
        ("s", ("a",), False),
        ("old", (), True),
    ]
    assert applied.breaker == {"max_consecutive_errors": "3"}
    assert str(SecretRef.parse("env:HOOK")) not in repr(applied)
