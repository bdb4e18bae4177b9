"""No secret leaves the places that are there to hold it, whatever is said to the daemon."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from settings.secrets import StateSecrets
from tests.canaries.birds import ALL, COMMON, OWN, PASSWORD, TOKEN, files, leaks, writings
from tests.canaries.surfaces import SETTINGS, Surfaces
from tests.crash.process import Process


HAPPENED = {
    *("alert_accepted", "alert_unreadable", "order_filled"),
    *("halted", "resumed", "actor_restarting", "password_wrong", "operator_acted"),
}
"""What the log of such a life must speak of, or not everything was driven."""


def driven(folder: Path, **environ: str) -> Mapping[str, str]:
    """A daemon's whole life, and every text that came of it: files, outputs, answers."""
    (folder / "settings.yaml").write_text(SETTINGS)
    (folder / "secrets").mkdir()
    StateSecrets(folder / "state" / "secrets").set_password(PASSWORD)
    for path, secret in (("secrets/own", OWN), ("state/secrets/api_token", TOKEN)):
        (folder / path).touch(mode=0o600)
        (folder / path).write_text(secret)
    with Process(folder, {"WEBHOOK_SECRET": COMMON, **environ}) as process:
        assert process.is_ready()
        surfaces = Surfaces(folder, process)
        surfaces.drive()
        running = {f"{name}, running": text for name, text in files(folder).items()}
        assert process.end() == 0
    return {**running, **files(folder), **surfaces.answers, "stdout": process.said}


def test_no_secret_stands_where_it_should_not(tmp_path: Path) -> None:
    texts = driven(tmp_path)
    assert leaks(texts) == set()
    assert {"daemon.log", "state/journal.db", "exported.jsonl"} <= set(texts)
    log = [json.loads(line) for line in texts["daemon.log"].splitlines()]
    assert sum(line["event"] == "actor_crashed" for line in log) == 7
    assert {line["event"] for line in log} >= HAPPENED
    assert "***" in texts["state/journal.db"]


def test_without_the_mask_the_same_search_finds_leaks_everywhere(tmp_path: Path) -> None:
    found = leaks(driven(tmp_path, PLANT="no-mask"))
    places = {place for _, place in found}
    assert {"daemon.log", "state/journal.db", "exported.jsonl", "GET dashboard"} <= places
    assert {name for name, _ in found} >= {"webhook secret", "strategy's secret", "API token"}


@pytest.mark.parametrize("secret", ALL.values(), ids=ALL)
def test_the_search_knows_a_leak_in_any_writing(secret: str) -> None:
    assert len(list(writings(secret))) >= 4
    for writing in writings(secret):
        assert leaks({"place": f"x{writing}y"})
