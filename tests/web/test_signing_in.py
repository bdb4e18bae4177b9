"""Signing in, what a session is worth and how it ends, and how often one may guess."""

from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve
from falcon import testing

from actors.runtime import Address
from settings.model import DashboardListener, Listen, Web
from settings.public_url import PublicUrl
from settings.secrets import StateSecrets
from tests.web.conftest import BEARER, Browser
from tests.web.house import PASSWORD, House, settings
from trading.events import OperatorActed, PasswordWrong
from trading.vocabulary import Act
from web.dashboard import make_app
from web.sessions import AT_MOST, Sessions


PUBLIC = "https://bot.example.org"


def house_with(secrets: StateSecrets, **dashboard: object) -> House:
    """A house whose pages are set up in another way."""
    web = Web(dashboard=evolve(DashboardListener(), **dashboard))  # type: ignore[arg-type]  # its fields
    return House(secrets, evolve(settings(), web=web))


def browser_at(house: House, url: str = "http://127.0.0.1:8081") -> Browser:
    return Browser(testing.TestClient(make_app(house.edge())), url)


@pytest.fixture
def by_tls(secrets: StateSecrets) -> House:
    """A house behind a proxy with TLS, which passes the Host on."""
    return house_with(
        secrets, public_url=PublicUrl.parse(PUBLIC), trusted_proxies=("127.0.0.1", "::1")
    )


# --- the cookie -----------------------------------------------------------------------------------


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(
    browser: Browser,
) -> None:
    cookie = browser.sign_in().cookies["session"]
    assert cookie.http_only
    assert cookie.same_site == "Strict"
    assert cookie.path == "/"
    assert len(cookie.value) >= 43
    assert not cookie.secure


def test_where_tls_is_the_cookie_leaves_by_tls_only(by_tls: House) -> None:
    browser = browser_at(by_tls, PUBLIC)
    found = browser.sign_in()
    assert found.status_code == 303
    assert list(found.cookies) == ["__Host-session"]
    cookie = found.cookies["__Host-session"]
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Strict")
    assert cookie.path == "/"
    assert not cookie.domain
    assert browser.get("/").status_code == 200
    assert found.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_proxy_that_writes_a_host_of_its_own_changes_nothing(by_tls: House) -> None:
    browser = browser_at(by_tls, PUBLIC)
    browser.host = "127.0.0.1:8081"
    assert "__Host-session" in browser.sign_in().cookies
    assert browser.get("/").status_code == 200


def test_a_session_begun_by_tls_is_no_session_without(by_tls: House) -> None:
    browser = browser_at(by_tls, PUBLIC)
    browser.sign_in()
    plain = browser_at(by_tls)
    plain.client = browser.client
    plain.cookies = {"session": browser.cookies["__Host-session"]}
    assert plain.get("/").status_code == 303


def test_signing_out_makes_the_browser_forget_a_cookie_of_either_kind(by_tls: House) -> None:
    for url, name in ((PUBLIC, "__Host-session"), ("http://127.0.0.1:8081", "session")):
        browser = browser_at(by_tls, url)
        browser.sign_in()
        said = browser.post("/signout", csrf=browser.csrf).headers["Set-Cookie"]
        assert said.startswith(f'{name}=""; ')
        assert {"expires=Thu, 01 Jan 1970 00:00:00 GMT", "Path=/"} < set(said.split("; "))
        assert ("Secure" in said) is (url == PUBLIC)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8081", "http://localhost:8081", "http://[::1]:9000"]
)
def test_this_machine_signs_in_without_tls_whatever_stands_before_the_pages(
    url: str, by_tls: House
) -> None:
    browser = browser_at(by_tls, url)
    found = browser.sign_in()
    assert list(found.cookies) == ["session"]
    assert not found.cookies["session"].secure
    assert browser.get("/").status_code == 200


def test_elsewhere_nobody_signs_in_without_tls_where_there_is_tls(by_tls: House) -> None:
    found = browser_at(by_tls, "http://bot.example.org").sign_in()
    assert found.status_code == 403
    assert f"sign in at {PUBLIC}" in found.text
    assert not found.cookies


def test_tls_that_the_settings_do_not_know_is_said_to_be_missing_there(house: House) -> None:
    found = browser_at(house, PUBLIC).sign_in()
    assert found.status_code == 403
    assert f"web.dashboard.public_url: {PUBLIC}<" in found.text
    assert not found.cookies


def test_a_listener_of_this_machine_knows_no_other_name(house: House) -> None:
    """Or a name that is made to lead here would let its owner's pages guess the password."""
    found = browser_at(house, "http://rebound.test:8081").sign_in()
    assert found.status_code == 403
    assert house.people(PasswordWrong) == []


def test_a_listener_open_to_others_is_reached_by_whatever_name(secrets: StateSecrets) -> None:
    open_house = house_with(secrets, listen=Listen("::", 8081))
    assert browser_at(open_house, "http://nas.lan:8081").sign_in().status_code == 303


@pytest.mark.parametrize("origin", ["http://evil.test", "null", None])
def test_a_form_that_is_not_ours_cannot_sign_in(origin: str | None, browser: Browser) -> None:
    found = browser.post("/signin", origin=origin, password=PASSWORD)
    assert found.status_code == 403
    assert ("another site" if origin else "Origin is missing") in found.text
    assert not browser.cookies


# --- sessions -------------------------------------------------------------------------------------


def test_each_sign_in_is_a_new_session_and_ends_the_one_before(signed_in: Browser) -> None:
    before = dict(signed_in.cookies)
    signed_in.sign_in()
    assert signed_in.cookies != before
    signed_in.cookies = before
    assert signed_in.get("/").status_code == 303


def test_a_wrong_password_signs_nobody_in(browser: Browser) -> None:
    found = browser.sign_in("wrong")
    assert found.status_code == 403
    assert "password is wrong" in found.text
    assert not found.cookies


def test_a_cookie_of_ones_own_making_is_no_session(browser: Browser) -> None:
    browser.cookies["session"] = "made-up"
    assert browser.get("/api/status").status_code == 401


@pytest.mark.parametrize(("hours", "steps"), [(12, 1), (11, 16)])
def test_a_session_ends_when_idle_for_long_or_old(
    hours: int, steps: int, house: House, signed_in: Browser
) -> None:
    for _ in range(steps):
        assert signed_in.get("/").status_code == 200
        house.clock.advance(hours * 3600)
    assert signed_in.get("/").status_code == 303


def test_signing_out_ends_the_session_on_our_side(signed_in: Browser) -> None:
    cookies = dict(signed_in.cookies)
    assert signed_in.post("/signout", csrf=signed_in.csrf).headers["Location"] == "/signin"
    signed_in.cookies = cookies
    assert signed_in.get("/").status_code == 303


def test_a_session_is_not_brought_back_by_a_request_under_way(house: House) -> None:
    sessions = Sessions(house.clock, lambda: "mark")
    session = sessions.begin("mark", is_secure=False)
    sessions.leave_note(session, "x")
    sessions.end(session.id)
    sessions.leave_note(session, "late")
    assert sessions.find(session.id, is_secure=False) is None
    sessions.begin("mark", is_secure=False)
    assert sessions.take_note(session) is None


def test_of_too_many_sessions_the_oldest_end(house: House) -> None:
    sessions = Sessions(house.clock, lambda: "mark")
    begun = [sessions.begin("mark", is_secure=False) for _ in range(AT_MOST + 2)]
    valid = [s for s in begun if sessions.find(s.id, is_secure=False)]
    assert valid == begun[2:]


def test_another_password_ends_every_session_and_one_that_cannot_be_read_none(
    house: House,
) -> None:
    mark = "old"
    sessions = Sessions(house.clock, lambda: mark)
    session = sessions.begin("old", is_secure=False)
    mark = ""
    assert sessions.find(session.id, is_secure=False)
    mark = "new"
    assert sessions.find(session.id, is_secure=False) is None
    mark = "old"
    assert sessions.find(session.id, is_secure=False) is None


def test_a_session_begun_with_a_password_that_was_just_replaced_is_none(house: House) -> None:
    sessions = Sessions(house.clock, lambda: "new")
    session = sessions.begin("old", is_secure=False)
    assert sessions.find(session.id, is_secure=False) is None


# --- guessing -------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_one_has_to_wait_and_is_told_how_long(
    house: House, browser: Browser
) -> None:
    for _ in range(5):
        assert browser.sign_in("wrong").status_code == 403
    house.clock.advance(20)
    late = browser.sign_in()
    assert (late.status_code, late.headers["Retry-After"]) == (429, "40")
    assert "too many wrong passwords; try again in 40 s" in late.text
    house.clock.advance(40)
    assert browser.sign_in().status_code == 303


def test_each_more_doubles_the_wait(house: House, browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in("wrong")
    waits = []
    for _ in range(6):
        late = browser.sign_in()
        waits.append(int(late.headers["Retry-After"]))
        house.clock.advance(waits[-1])
        browser.sign_in("wrong")
    assert waits == [60, 120, 240, 480, 900, 900]


def test_a_stranger_locks_nobody_out_who_comes_from_elsewhere(by_tls: House) -> None:
    client = testing.TestClient(make_app(by_tls.edge()))
    stranger, owner = Browser(client, PUBLIC), Browser(client, PUBLIC)
    stranger.headers = {"X-Forwarded-For": "198.51.100.7"}
    owner.headers = {"X-Forwarded-For": "192.0.2.1"}
    for _ in range(5):
        stranger.sign_in("wrong")
    assert stranger.sign_in().status_code == 429
    assert owner.sign_in().status_code == 303
    assert {e.address for e in by_tls.people(PasswordWrong)} == {"198.51.100.7"}
    assert [e.address for e in by_tls.people(OperatorActed)] == ["192.0.2.1"]


def test_nobody_is_believed_where_he_says_he_comes_from(house: House, browser: Browser) -> None:
    for number in range(5):
        browser.headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        browser.sign_in("wrong")
    assert browser.sign_in().status_code == 429
    assert {e.address for e in house.people(PasswordWrong)} == {"127.0.0.1"}


def test_who_has_the_token_waits_for_no_strangers_guesses(house: House, browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in("wrong")
    assert browser.sign_in().status_code == 429
    wrong = {"reason": "r", "password": "wrong"}
    found = [
        browser.client.simulate_post("/api/resume", headers=BEARER, json=wrong).json["code"]
        for _ in range(6)
    ]
    assert found == [*["WRONG_PASSWORD"] * 5, "TOO_MANY_ATTEMPTS"]
    assert len(house.breaker) == 0


def test_a_right_password_clears_the_wrong_ones(browser: Browser) -> None:
    for _ in range(3):
        for _ in range(4):
            assert browser.sign_in("wrong").status_code == 403
        assert browser.sign_in().status_code == 303


def test_while_nobody_keeps_the_door_five_tries_a_minute_are_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.password.ANSWER_WITHIN_S", 0.001)
    house.door = Address("doorkeeper")
    browser = browser_at(house)
    for _ in range(5):
        assert browser.sign_in("wrong").status_code == 403
    assert browser.sign_in().headers["Retry-After"] == "60"
    house.clock.advance(60)
    assert browser.sign_in().status_code == 303


def test_where_nobody_reads_little_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.password.ANSWER_WITHIN_S", 0.001)
    monkeypatch.setattr("web.password.UNREAD", 3)
    house.door = Address("doorkeeper")
    browser = browser_at(house)
    for _ in range(10):
        browser.sign_in("wrong")
        house.clock.advance(60)
    assert len(house.door) <= 4 + 10  # each that was judged is told of


def test_a_damaged_password_file_is_told_and_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("broken\n")
    (tmp_path / "password").chmod(0o600)
    house = House(StateSecrets(tmp_path))
    browser = browser_at(house)
    for _ in range(7):
        found = browser.sign_in()
        assert found.status_code == 503
        assert "set a new password" in found.text
    assert house.people(PasswordWrong) == []


# --- what is written down -------------------------------------------------------------------------


def test_signing_in_and_out_is_written_down(house: House, signed_in: Browser) -> None:
    session = signed_in.cookies["session"]
    signed_in.post("/signout", csrf=signed_in.csrf)
    came, went = house.people(OperatorActed)
    assert (came.act, came.address, came.showed_password) == (Act.SIGN_IN, "127.0.0.1", True)
    assert (went.act, went.by, went.showed_password) == (Act.SIGN_OUT, came.by, False)
    assert came.by.startswith("session ")
    assert session not in str((came, went))


def test_wrong_passwords_are_written_down_and_those_not_judged_are_not(
    house: House, browser: Browser
) -> None:
    for _ in range(9):
        browser.sign_in("a-wrong-one")
    written = house.people(PasswordWrong)
    assert [(e.tries, e.wait_s) for e in written] == [(1, 0), (2, 0), (3, 0), (4, 0), (5, 60)]
    assert {(e.act, e.by, e.address) for e in written} == {(Act.SIGN_IN, "stranger", "127.0.0.1")}
    assert "a-wrong-one" not in str(written)


def test_an_hour_of_quiet_is_a_new_beginning(house: House, browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in("wrong")
    house.clock.advance(timedelta(hours=1).total_seconds())
    for _ in range(5):
        assert browser.sign_in("wrong").status_code == 403
    assert browser.sign_in().status_code == 429
