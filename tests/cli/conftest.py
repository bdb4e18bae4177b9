from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import main
from tests.cli.fake_daemon import TOKEN, FakeDaemon, running


Run = Callable[..., Result]

SETTINGS = """\
state_dir: state
web:
  webhook: {{listen: 127.0.0.1:{port}}}
  dashboard: {{listen: 127.0.0.1:{port}}}
accounts:
  paper: {{broker: paper, hours: always}}
strategies:
  demo: {{accounts: [paper]}}
  quiet: {{accounts: [], symbols: [SPY]}}
  turner: {{accounts: [paper], sides: long_short, risk: {{allow_short: true}}}}
"""


def write_private(path: Path, text: str) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"{text}\n")
    return path


@pytest.fixture
def daemon() -> Iterator[FakeDaemon]:
    with running() as fake:
        yield fake


@pytest.fixture
def folder(tmp_path: Path, daemon: FakeDaemon) -> Path:
    """A folder with settings that lead to the fake daemon, and with its secrets."""
    # Two listeners of one daemon cannot share a port, so the webhook's host is another name of it.
    text = SETTINGS.format(port=daemon.port).replace("127.0.0.1", "localhost", 1)
    (tmp_path / "settings.yaml").write_text(text)
    write_private(tmp_path / "state" / "secrets" / "api_token", TOKEN)
    write_private(tmp_path / "state" / "secrets" / "webhook_secret", "the-webhook-secret")
    return tmp_path


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line in the folder; the environment is otherwise as it is."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, words, catch_exceptions=False)

    return run


@pytest.fixture
def run_alone(run: Run, folder: Path) -> Run:
    """The same where no daemon listens: at the reserved port 1 of this machine."""
    text = SETTINGS.format(port=1).replace("127.0.0.1", "localhost", 1)
    (folder / "settings.yaml").write_text(text)
    return run
