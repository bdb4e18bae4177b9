"""Secrets do not show themselves, and what is made is made once and privately."""

import copy
import json
import os
import pickle
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from settings.load import SettingsFaults, load
from settings.secrets import Secret, SecretRef, SecretUnreadable, StateSecrets, resolve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "secrets"


@pytest.fixture
def made(folder: Path) -> StateSecrets:
    return StateSecrets(folder)


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


# --- a value that does not show itself ---


def test_a_secret_prints_as_stars() -> None:
    secret = Secret("hunter2")
    assert {repr(secret), str(secret), f"{secret}", f"{secret:>30}", f"{secret!r}"} == {"***"}
    assert f"{[secret]}" == "[***]"
    assert secret.reveal() == "hunter2"


def test_a_secret_leaves_by_no_back_door() -> None:
    secret = Secret("hunter2")
    for leave in (pickle.dumps, json.dumps, orjson.dumps, copy.copy, copy.deepcopy, vars):
        with pytest.raises(TypeError) as raised:
            leave(secret)
        assert "hunter2" not in str(raised.value)


@given(st.text(), st.text())
def test_a_secret_matches_itself_alone(one: str, other: str) -> None:
    assert Secret(one).matches(one)
    assert Secret(one).matches(other) is (one == other)


def test_half_a_surrogate_pair_is_no_match_and_no_error() -> None:
    assert not Secret("hunter2").matches("\ud800")


# --- where a secret is found ---


def test_a_secret_is_read_from_the_environment() -> None:
    assert resolve(SecretRef.parse("env:HOOK"), {"HOOK": "hunter2"}).reveal() == "hunter2"


def test_a_secret_is_read_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    path = private(tmp_path / "hook", "hunter2\n")
    assert resolve(SecretRef.parse(f"file:{path}"), {}).reveal() == "hunter2"


def test_a_secret_is_read_from_a_systemd_credential(tmp_path: Path) -> None:
    private(tmp_path / "hook", "hunter2", mode=0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert resolve(SecretRef.parse("credential:hook"), environ).reveal() == "hunter2"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("env:HOOK", "env:HOOK: the environment variable is not set"),
        ("credential:hook", "credential:hook: no CREDENTIALS_DIRECTORY; systemd sets it"),
        ("file:/nowhere/hook", "/nowhere/hook: No such file or directory"),
    ],
)
def test_a_secret_that_is_not_there_says_where(ref: str, message: str) -> None:
    with pytest.raises(SecretUnreadable) as raised:
        resolve(SecretRef.parse(ref), {"HOOK": ""})
    assert str(raised.value) == message


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "hook", "hunter2", mode)
    with pytest.raises(SecretUnreadable) as raised:
        resolve(SecretRef.parse(f"file:{path}"), {})
    assert str(raised.value) == f"{path}: others can read it; chmod 600 {path}"


def test_a_credential_may_be_its_groups_and_not_everyones(tmp_path: Path) -> None:
    path = private(tmp_path / "hook", "hunter2", 0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert resolve(SecretRef.parse("credential:hook"), environ).matches("hunter2")
    path.chmod(0o444)
    with pytest.raises(SecretUnreadable) as raised:
        resolve(SecretRef.parse("credential:hook"), environ)
    assert str(raised.value) == f"{path}: others can read it; chmod o= {path}"


@pytest.mark.parametrize(("content", "message"), [(b"\n", "is empty"), (b"\xff", "not UTF-8")])
def test_a_file_without_a_secret_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = private(tmp_path / "hook", "")
    path.write_bytes(content)
    with pytest.raises(SecretUnreadable, match=message):
        resolve(SecretRef.parse(f"file:{path}"), {})


@pytest.mark.parametrize("text", ["credential:../passwd", "credential:..", "env:A-B", "file:"])
def test_a_reference_names_one_place(text: str) -> None:
    with pytest.raises(ValueError, match="is not a name"):
        SecretRef.parse(text)


# --- no message tells a secret ---

MARK = "Hunter2"
SECRETS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)
PLACES = st.sampled_from(
    [
        "web: {{webhook: {{secret: {}}}}}",
        "web:\n  webhook:\n    secret: {}\n    listen: x",
        "strategies: {{s: {{accounts: [], secret: {}}}}}",
        "web: {{api_token: {}}}",
        "password: {}",
        "risk: {{key: [{}]}}",
        "webhook_secret: {}",
    ]
)


def said(path: Path, text: str, environ: dict[str, str]) -> str:
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsFaults) as raised:
        load(path, environ)
    assert raised.value.__context__ is None
    return f"{raised.value} {raised.value!r} {raised.value.faults}"


@trials(max_examples=25, deadline=None)  # each one reads a file
@given(PLACES, SECRETS, SECRETS)
def test_a_secret_in_the_file_is_in_no_message(
    tmp_path_factory: pytest.TempPathFactory, place: str, before: str, after: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "settings.yaml"
    quoted = json.dumps(before + MARK + after, ensure_ascii=False)
    assert MARK not in said(path, place.format(quoted), {})


@pytest.mark.parametrize("place", ["web:\n  webhook:\n    secret: {}\n", "password: {}"])
@pytest.mark.parametrize(
    "raw",
    [
        "*{}", "&{} x", "!{}!x y", "!{} x", "@{}", "%{}", "`{}", "[{}", "{{{}", '"{}', "'{}",
        '"\\q{}"', "{}: x", "{{{0}: 1, {0}: 2}}", "[{0}, {0}]", "| {}", "{{? [{}] : x}}", "env:{}-",
        "env:{}\x07", "*'{}'", '!"{}"!x',
    ],
)  # fmt: skip
def test_a_secret_that_is_no_yaml_is_in_no_message(tmp_path: Path, place: str, raw: str) -> None:
    text = place.format(raw.format(MARK)) + "\nmode: x\n"
    assert MARK not in said(tmp_path / "settings.yaml", text, {})


@trials(max_examples=20, deadline=None)
@given(SECRETS)
def test_a_secret_in_the_environment_is_in_no_message(
    tmp_path_factory: pytest.TempPathFactory, after: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "settings.yaml"
    environ = {
        "TRADING_BOT__WEB__WEBHOOK__SECRET": MARK + after,
        "TRADING_BOT__WEB__WEBHOOK__SECRETS": MARK + after,
    }
    assert MARK not in said(path, "", environ)


# --- what is made at first run ---


def test_a_secret_is_made_once_and_kept(folder: Path, made: StateSecrets) -> None:
    secret = made.webhook_secret({}).reveal()
    assert len(secret) >= 43  # 256 bits, six a letter
    assert StateSecrets(folder).webhook_secret({}).reveal() == secret
    assert made.api_token().reveal() != secret


def test_only_their_user_can_reach_what_was_made(folder: Path, made: StateSecrets) -> None:
    before = os.umask(0)
    try:
        made.webhook_secret({})
        made.api_token()
        made.first_password()
        made.set_password("another")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {"webhook_secret": 0o600, "api_token": 0o600, "password": 0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_environment_s_webhook_secret_is_used_and_none_made(
    folder: Path, made: StateSecrets
) -> None:
    assert made.webhook_secret({"WEBHOOK_SECRET": "hunter2"}).reveal() == "hunter2"
    assert not folder.exists()


def test_a_first_run_is_told_from_a_later_one(folder: Path, made: StateSecrets) -> None:
    later = StateSecrets(folder)
    for secrets in (made, later):
        secrets.webhook_secret({})
        secrets.first_password()
    assert made.made_now == {"webhook_secret", "password"}
    assert later.made_now == frozenset()


def test_a_made_secret_that_others_can_read_is_refused(folder: Path, made: StateSecrets) -> None:
    made.api_token()
    (folder / "api_token").chmod(0o644)
    with pytest.raises(SecretUnreadable, match="others can read it"):
        StateSecrets(folder).api_token()


def test_a_folder_left_open_is_closed(folder: Path, made: StateSecrets) -> None:
    folder.mkdir(parents=True, mode=0o755)
    made.api_token()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(SecretUnreadable, match="Not a directory"):
        StateSecrets(tmp_path / "state" / "secrets").api_token()


def test_who_loses_the_race_to_make_a_secret_takes_the_winner_s(
    folder: Path, made: StateSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def late(draft: Path, name: Path) -> None:
        private(name, "winner")
        link(draft, name)

    monkeypatch.setattr(os, "link", late)
    assert made.api_token().reveal() == "winner"
    assert made.made_now == frozenset()
    assert [path.name for path in folder.iterdir()] == ["api_token"]


# --- the password ---


def test_the_first_password_is_told_once_and_kept_as_a_hash(
    folder: Path, made: StateSecrets
) -> None:
    password = made.first_password()
    assert password is not None
    assert made.first_password() is None
    assert made.verify_password(password.reveal())
    assert password.reveal() not in (folder / "password").read_text()


def test_a_wrong_password_is_wrong(made: StateSecrets) -> None:
    made.set_password("right")
    assert made.verify_password("right")
    assert not any(map(made.verify_password, ["", "Right", "right ", "\ud800"]))


def test_a_new_password_takes_the_place_of_the_old(made: StateSecrets) -> None:
    made.set_password("old")
    made.set_password("new")
    assert (made.verify_password("old"), made.verify_password("new")) == (False, True)
    assert made.first_password() is None


def test_the_same_password_is_never_the_same_file(folder: Path, made: StateSecrets) -> None:
    made.set_password("same")
    first = (folder / "password").read_text()
    made.set_password("same")
    assert (folder / "password").read_text() != first


def test_a_damaged_password_file_opens_nothing(folder: Path, made: StateSecrets) -> None:
    made.set_password("right")
    (folder / "password").write_text("right")
    with pytest.raises(SecretUnreadable, match="is damaged"):
        made.verify_password("right")
