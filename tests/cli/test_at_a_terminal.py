from pathlib import Path

from settings.secrets import StateSecrets
from tests.cli.fake_daemon import FakeDaemon
from tests.cli.terminal import at_terminal


def test_resume_asks_for_reason_and_password_and_shows_no_password(
    folder: Path, daemon: FakeDaemon
) -> None:
    daemon.answers("POST", "/api/resume", {"status": "resumed", "lifted": 1})
    ended = at_terminal(
        folder, "resume", typed={"Reason: ": "news read", "Password: ": "correct horse"}
    )
    assert ended.exit_code == 0
    assert daemon.asked[0].body == {"reason": "news read", "password": "correct horse"}
    assert "news read" in ended.screen
    assert "correct horse" not in ended.screen


def test_a_new_password_is_asked_for_twice_and_hidden(folder: Path) -> None:
    ended = at_terminal(
        folder,
        "password",
        typed={"New password: ": "correct horse", "Repeat for confirmation: ": "correct horse"},
    )
    assert ended.exit_code == 0
    assert "correct horse" not in ended.screen
    assert StateSecrets(folder / "state" / "secrets").verify_password("correct horse")


def test_the_template_at_a_terminal_holds_the_secret(folder: Path) -> None:
    ended = at_terminal(folder, "template", "demo")
    assert ended.exit_code == 0
    assert '"secret": "the-webhook-secret"' in ended.screen
