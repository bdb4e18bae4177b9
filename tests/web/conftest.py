"""What the tests of pages and API share."""

from collections.abc import Iterator
from hashlib import scrypt
from typing import Any

import pytest
from falcon import testing

from settings.secrets import StateSecrets
from tests.web.house import PASSWORD, TOKEN, House
from web.dashboard import make_app


BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True, scope="session")
def _cheap_password_hash() -> Iterator[None]:
    """That the hash is slow is its point, and no test's here."""

    def quick(password: bytes, *, salt: bytes, n: int, r: int, p: int) -> bytes:
        assert n * r * p > 2
        return scrypt(password, salt=salt, n=2, r=1, p=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("settings.secrets.scrypt", quick)
        yield


@pytest.fixture(scope="session")
def secrets(_cheap_password_hash: None, tmp_path_factory: pytest.TempPathFactory) -> StateSecrets:
    """The secrets of every house; only the password is asked for."""
    secrets = StateSecrets(tmp_path_factory.mktemp("secrets"))
    secrets.set_password(PASSWORD)
    return secrets


@pytest.fixture
def house(secrets: StateSecrets) -> House:
    return House(secrets)


@pytest.fixture
def stranger(house: House) -> testing.TestClient:
    """A client that is not signed in."""
    return testing.TestClient(make_app(house.edge()))


@pytest.fixture
def api(house: House) -> testing.TestClient:
    """A program with the bearer token."""
    return testing.TestClient(make_app(house.edge()), headers=BEARER)


class Browser:
    """A person's browser: keeps the cookie, sends Origin, reads the CSRF token off the page."""

    host = "bot.test"

    def __init__(self, client: testing.TestClient) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> testing.Result:
        return self.client.simulate_get(path, host=self.host, cookies=self.cookies)

    def post(self, path: str, *, origin: str | None = "http://bot.test", **form: str) -> Any:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if origin is not None:
            headers["Origin"] = origin
        body = "&".join(f"{k}={v}" for k, v in form.items())
        result = self.client.simulate_post(
            path, host=self.host, cookies=self.cookies, headers=headers, body=body
        )
        if "session" in result.cookies:
            self.cookies["session"] = result.cookies["session"].value
        return result

    def sign_in(self, password: str = PASSWORD) -> testing.Result:
        result: testing.Result = self.post("/signin", password=password)
        return result

    @property
    def csrf(self) -> str:
        return self.get("/").text.split('name="csrf" value="')[1].split('"')[0]


@pytest.fixture
def browser(stranger: testing.TestClient) -> Browser:
    return Browser(stranger)


@pytest.fixture
def signed_in(browser: Browser) -> Browser:
    assert browser.sign_in().status_code == 303
    return browser
