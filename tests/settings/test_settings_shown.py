"""Every value with its origin, and the page that lists what there is."""

from pathlib import Path

import pytest

from settings.described import DESCRIPTIONS
from settings.load import Loaded, load_with_origins
from settings.origin import Source
from settings.reference import defaults, page
from settings.shown import Shown, digest, shown, values
from tests.settings.conftest import Load


ROOT = Path(__file__).parents[2]
TEXT = """\
web:
  webhook: {secret: env:HOOK}
accounts:
  paper: {broker: paper, hours: always, starting_cash: 1000.50, risk: {max_order_value: null}}
strategies:
  demo:
    accounts: [paper]
"""


@pytest.fixture
def loaded_from(tmp_path: Path) -> Loaded:
    (tmp_path / "settings.yaml").write_text(TEXT)
    environ = {
        "TRADING_BOT__RISK__MAX_DAILY_LOSS": "300.10",
        "TRADING_BOT__STRATEGIES__DEMO__SYMBOLS": '["AAPL", "F"]',
        "HOOK": "hunter2",
    }
    return load_with_origins(tmp_path / "settings.yaml", environ)


def of(loaded: Loaded, setting: str) -> Shown:
    return next(one for one in shown(loaded) if one.setting == setting)


@pytest.mark.parametrize(
    ("setting", "value", "source", "place"),
    [
        ("risk.max_order_value", "2500", Source.DEFAULT, ""),
        ("accounts.paper.starting_cash", "1000.5", Source.FILE, "settings.yaml:4"),
        ("accounts.paper.risk.max_order_value", None, Source.FILE, "settings.yaml:4"),
        ("strategies.demo.accounts", ["paper"], Source.FILE, "settings.yaml:7"),
        ("web.webhook.secret", "env:HOOK", Source.FILE, "settings.yaml:2"),
        (
            "risk.max_daily_loss",
            "300.1",
            Source.ENVIRONMENT,
            "TRADING_BOT__RISK__MAX_DAILY_LOSS",
        ),
        (
            "strategies.demo.symbols",
            ["AAPL", "F"],
            Source.ENVIRONMENT,
            "TRADING_BOT__STRATEGIES__DEMO__SYMBOLS",
        ),
    ],
)
def test_a_value_says_where_it_comes_from(
    loaded_from: Loaded, setting: str, value: object, source: Source, place: str
) -> None:
    found = of(loaded_from, setting)
    assert (found.value, found.source, found.place) == (value, source, place)


def test_every_value_is_shown_once_and_inherited_limits_are_not(loaded_from: Loaded) -> None:
    names = [one.setting for one in shown(loaded_from)]
    assert len(names) == len(set(names)) == len(list(values(loaded_from.settings)))
    assert [name for name in names if ".risk." in name] == ["accounts.paper.risk.max_order_value"]


def test_no_secret_is_shown(loaded_from: Loaded) -> None:
    assert "hunter2" not in repr(shown(loaded_from))


def test_a_digest_changes_with_a_value_and_not_with_how_it_is_written(loaded: Load) -> None:
    plain = loaded("risk: {max_order_value: 2000}")
    assert digest(plain) == digest(loaded("risk:\n  max_order_value: 2000.00\n"))
    assert digest(plain) != digest(loaded("risk: {max_order_value: 2000.01}"))


def test_every_setting_there_is_has_its_sentence() -> None:
    assert {".".join(map(str, path)) for path, _ in defaults()} == set(DESCRIPTIONS)
    assert all(it.sentence.endswith(".") for it in DESCRIPTIONS.values())


def test_the_page_of_all_settings_is_what_the_model_says() -> None:
    on_disk = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert on_disk == page(), "python -m settings.reference > docs/settings.md"
