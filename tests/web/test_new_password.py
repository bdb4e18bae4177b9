"""A new password: set on the page, or on the command line beside a running daemon."""

from pathlib import Path

import pytest
from falcon import testing

from settings.secrets import StateSecrets
from tests.web.conftest import BEARER, Browser
from tests.web.house import PASSWORD, Door, House
from trading.events import OperatorActed, PasswordWrong
from trading.vocabulary import Act
from web.dashboard import make_app


NEW = "a new one, longer"


@pytest.fixture
def secrets(tmp_path: Path) -> StateSecrets:
    """Secrets of this test alone, since it changes them."""
    secrets = StateSecrets(tmp_path / "secrets")
    secrets.set_password(PASSWORD)
    return secrets


def look(house: House) -> None:
    """Let the second pass in which the doorkeeper looks at the password's file."""
    assert isinstance(house.door, Door)
    house.door.room.advance(1)


def set_new(browser: Browser, **form: str) -> testing.Result:
    given = {"current": PASSWORD, "new": NEW, "again": NEW} | form
    result: testing.Result = browser.post("/password", csrf=browser.csrf, **given)
    return result


def test_who_knows_the_old_password_sets_a_new_one(
    secrets: StateSecrets, signed_in: Browser
) -> None:
    found = set_new(signed_in)
    assert (found.status_code, found.headers["Location"]) == (303, "/")
    assert (secrets.verify_password(NEW), secrets.verify_password(PASSWORD)) == (True, False)


def test_it_ends_every_session_but_that_of_who_set_it_which_is_a_new_one(
    signed_in: Browser,
) -> None:
    other = Browser(signed_in.client)
    other.sign_in()
    before = dict(signed_in.cookies)
    set_new(signed_in)
    assert other.get("/").status_code == 303
    assert "The new password holds" in signed_in.get("/").text
    signed_in.cookies = before
    assert signed_in.get("/").status_code == 303
    assert signed_in.sign_in(NEW).status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current": ""}, "current: is required"),
        ({"new": "short", "again": "short"}, "a password has 8 to 500 characters"),
        ({"new": "x" * 501, "again": "x" * 501}, "a password has 8 to 500 characters"),
        ({"again": "another one"}, "again: is not the same"),
        ({"new": PASSWORD, "again": PASSWORD}, "new: is the old one"),
        ({"new": "", "again": ""}, "new: is required"),
    ],
)
def test_what_cannot_be_meant_is_said_and_costs_no_try(
    form: dict[str, str], said: str, house: House, secrets: StateSecrets, signed_in: Browser
) -> None:
    found = set_new(signed_in, **form)
    assert found.status_code == 400
    assert said in found.text
    assert secrets.verify_password(PASSWORD)
    assert house.people(PasswordWrong) == []


def test_without_the_old_password_nothing_is_changed_and_guessing_is_slowed(
    house: House, secrets: StateSecrets, signed_in: Browser
) -> None:
    for _ in range(5):
        found = set_new(signed_in, current="wrong")
        assert found.status_code == 403
        assert "the password is wrong" in found.text
    late = set_new(signed_in)
    assert (late.status_code, late.headers["Retry-After"]) == (429, "60")
    assert secrets.verify_password(PASSWORD)
    assert {e.act for e in house.people(PasswordWrong)} == {Act.PASSWORD}


def test_a_password_that_cannot_be_stored_leaves_the_old_one(
    house: House, signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("settings.secrets.os.fsync", full)
    found = set_new(signed_in)
    assert found.status_code == 503
    assert "No space left on device" in found.text
    assert signed_in.get("/").status_code == 200
    assert house.people(OperatorActed)[-1].refused.startswith("PASSWORD_NOT_STORED: ")


def test_who_set_it_is_written_down_with_a_mark_of_each_and_no_password(
    house: House, secrets: StateSecrets, signed_in: Browser
) -> None:
    before = secrets.password_mark()
    set_new(signed_in)
    look(house)
    came, changed = house.people(OperatorActed)
    assert (changed.act, changed.by, changed.address) == (Act.PASSWORD, came.by, "127.0.0.1")
    assert changed.showed_password
    assert (changed.before, changed.after) == (
        {"password": before},
        {"password": secrets.password_mark()},
    )
    assert NEW not in str(changed)


def test_one_set_on_the_command_line_ends_all_sessions_at_once_and_is_written_down(
    house: House, secrets: StateSecrets, signed_in: Browser
) -> None:
    secrets.set_password(NEW)
    assert signed_in.get("/").status_code == 303
    look(house)
    look(house)
    _, changed = house.people(OperatorActed)
    assert (changed.act, changed.by, changed.showed_password) == (
        Act.PASSWORD,
        "command line",
        False,
    )
    assert changed.after == {"password": secrets.password_mark()}


def test_a_program_with_the_token_needs_the_password_too(
    house: House, secrets: StateSecrets
) -> None:
    client = testing.TestClient(make_app(house.edge()))
    form = {"Content-Type": "application/x-www-form-urlencoded", **BEARER}
    for current, status in (("wrong", 403), (PASSWORD, 303)):
        body = f"current={current}&new=anotherone&again=anotherone"
        assert client.simulate_post("/password", headers=form, body=body).status_code == status
    assert secrets.verify_password("anotherone")


def test_the_form_asks_for_what_it_needs(signed_in: Browser) -> None:
    page = signed_in.get("/password").text
    assert page.count('type="password"') == 3
    assert 'autocomplete="new-password"' in page
    assert 'href="/password"' in signed_in.get("/").text
