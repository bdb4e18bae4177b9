import sys
from pathlib import Path

import pytest

from tests.campaign import main


def test_a_campaign_that_is_not_possible_here_says_so_and_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["campaign", "systemd"])
    assert main() == 0
    assert "skipped: systemd-nspawn and nsenter not found" in capsys.readouterr().out
