"""What the tests of pages and API share."""

from collections.abc import Iterator
from hashlib import scrypt
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from falcon import testing

from settings.secrets import StateSecrets
from tests.web.house import PASSWORD, TOKEN, House
from web.dashboard import make_app


BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True, scope="module")
def _cheap_password_hash() -> Iterator[None]:
    """That the hash is slow is its point, and no test's here."""

    def quick(password: bytes, *, salt: bytes, n: int, r: int, p: int) -> bytes:
        assert n * r * p > 2
        return scrypt(password, salt=salt, n=2, r=1, p=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("settings.secrets.scrypt", quick)
        yield


@pytest.fixture(scope="module")
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


OWN = "own"
"""The origin of the page that the form is on."""


class Browser:
    """A person's browser: keeps the cookie, sends Origin, reads the CSRF token off the page."""

    def __init__(self, client: testing.TestClient, url: str = "http://127.0.0.1:8081") -> None:
        self.client = client
        self.origin = url
        self.host = urlsplit(url).netloc
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    def get(self, path: str) -> testing.Result:
        return self.client.simulate_get(path, headers=self._headers(), cookies=self.cookies)

    def post(self, path: str, *, origin: str | None = OWN, **form: str) -> Any:
        headers = self._headers() | {"Content-Type": "application/x-www-form-urlencoded"}
        if origin is not None:
            headers["Origin"] = self.origin if origin == OWN else origin
        result = self.client.simulate_post(
            path, cookies=self.cookies, headers=headers, body=urlencode(form)
        )
        for cookie in result.cookies.values():
            self.cookies[cookie.name] = cookie.value
        return result

    def _headers(self) -> dict[str, str]:
        return {"Host": self.host, **self.headers}

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
