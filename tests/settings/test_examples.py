"""The settings that stand in the documents load as they stand."""

import re
from pathlib import Path

import pytest

from settings.load import load
from settings.model import Broker
from tests.settings.conftest import Lines, Load
from trading.hours import Hours
from trading.vocabulary import AccountName, Mode


ROOT = Path(__file__).parents[2]


def examples(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)


def test_a_live_account_as_the_document_has_it(loaded: Load) -> None:
    (text,) = examples("schwab.md")
    settings = loaded(text)
    account = settings.accounts[AccountName("main")]
    assert (settings.mode, account.broker) == (Mode.LIVE, Broker.SCHWAB)
    assert account.has_real_money
    assert settings.risk.max_position_size == 1


def test_the_rehearsal_is_no_live_account() -> None:
    settings = load(ROOT / "docs" / "schwab-rehearsal.yaml", {})
    (account,) = settings.accounts.values()
    assert (settings.mode, account.hours) == (Mode.PAPER, Hours.ALWAYS)
    assert not account.has_real_money
    assert settings.state_dir.resolve() == ROOT / "state" / "rehearsal"


@pytest.mark.parametrize("line", ["env TOS_REFRESH_TOKEN: ", "env TRADING_BOT__BROKER__NAME: "])
def test_the_faults_shown_are_the_faults_there_are(faults: Lines, line: str) -> None:
    page = (ROOT / "docs" / "schwab.md").read_text("utf-8")
    environ = {"TOS_REFRESH_TOKEN": "x", "TRADING_BOT__BROKER__NAME": "schwab"}
    (said,) = (one for one in faults(examples("schwab.md")[0], environ) if one.startswith(line))
    assert f"\n{said}\n" in page
