from typing import Any

import pytest
from falcon import testing

from tests.web.conftest import OWN, Browser
from tests.web.house import PASSWORD, TOKEN, House, answering
from web.dashboard import make_app


OPEN = {"/health", "/ready", "/signin"}
READABLE = [
    "/metrics",
    "/api/status",
    "/api/account",
    "/api/positions",
    "/api/equity",
    "/api/history",
    "/api/orders",
    "/api/orders/x",
    "/api/alerts",
    "/api/alerts/x",
    "/api/risk",
    "/api/actors",
    "/api/settings",
]
ACTS = (
    "/api/halt",
    "/api/resume",
    "/api/positions/x/adopt",
    "/api/positions/x/transfer",
    "/api/positions/x/thaw",
    "/api/adjust",
    "/api/reset",
    "/halt",
    "/resume",
    "/signout",
    "/password",
)


def all_routes(house: House) -> set[str]:
    """Every path the app serves, read off its own router."""
    app = make_app(house.edge())
    found: set[str] = set()

    def walk(nodes: Any) -> None:
        for node in nodes:
            if node.resource is not None:
                found.add(node.uri_template)
            walk(node.children)

    walk(app._router._roots)
    return found


def test_the_matrix_below_knows_every_route(house: House) -> None:
    known = {p.replace("/x", "") for p in READABLE} | set(ACTS) | OPEN | {"/", "/settings"}
    of_one = {"/api/orders/{order_id}", "/api/alerts/{alert_id}"}
    found = {path.replace("{symbol}", "x") for path in all_routes(house) - of_one}
    assert {path.replace("/x", "") for path in found} == {p.replace("/x", "") for p in known}


@pytest.mark.parametrize("path", READABLE)
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", f"Basic {TOKEN}", TOKEN])
def test_without_the_token_the_api_tells_nothing(
    path: str, header: str | None, stranger: testing.TestClient
) -> None:
    headers = {"Authorization": header} if header else {}
    found = stranger.simulate_get(path, headers=headers)
    assert (found.status_code, found.json["code"]) == (401, "NOT_SIGNED_IN")
    assert found.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ACTS)
def test_without_sign_in_nothing_can_be_done(
    path: str, house: House, stranger: testing.TestClient
) -> None:
    assert stranger.simulate_post(path, body="{}").status_code == 401
    assert len(house.breaker) == 0


@pytest.mark.parametrize("path", ["/api/nothing", "/nothing", "/api/halt/x"])
def test_what_does_not_exist_is_closed_too(path: str, stranger: testing.TestClient) -> None:
    assert stranger.simulate_post(path).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/ready", "/signin", "/static/style.css"])
def test_health_and_sign_in_are_open(path: str, stranger: testing.TestClient) -> None:
    assert stranger.simulate_get(path).status_code == 200


@pytest.mark.parametrize("path", ["/static/../settings.yaml", "/static/../templates/base.html"])
def test_nothing_but_the_static_folder_is_served(path: str, stranger: testing.TestClient) -> None:
    assert stranger.simulate_get(path).status_code == 404


def test_a_page_sends_a_stranger_to_sign_in(stranger: testing.TestClient) -> None:
    found = stranger.simulate_get("/")
    assert (found.status_code, found.headers["Location"]) == (303, "/signin")


@pytest.mark.parametrize("path", READABLE)
def test_the_token_and_a_session_open_the_api_alike(
    path: str, api: testing.TestClient, signed_in: Browser
) -> None:
    assert api.simulate_get(path).status_code == signed_in.get(path).status_code != 401


def test_a_wrong_token_is_refused_even_beside_a_session(signed_in: Browser) -> None:
    found = signed_in.client.simulate_get(
        "/api/status", cookies=signed_in.cookies, headers={"Authorization": "Bearer wrong"}
    )
    assert found.status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/signin", "/api/status", "/health", "/static/style.css", "/x"]
)
def test_every_answer_tells_browsers_to_be_careful(path: str, api: testing.TestClient) -> None:
    headers = api.simulate_get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


# --- forms of other sites -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/halt", "/resume", "/signout", "/api/halt", "/api/resume"])
@pytest.mark.parametrize(
    ("origin", "token"),
    [
        (OWN, None),
        (OWN, "wrong"),
        ("http://evil.test", "right"),
        ("http://127.0.0.1:8081.evil.test", "right"),
        ("null", "right"),
        (None, "right"),
    ],
)
def test_a_sessions_post_needs_token_and_origin(
    path: str, origin: str | None, token: str | None, house: House, signed_in: Browser
) -> None:
    form = {"csrf": signed_in.csrf if token == "right" else token} if token else {}
    found = signed_in.post(path, origin=origin, **form)
    assert (found.status_code, found.json["code"]) == (403, "CSRF")
    assert len(house.breaker) == 0


def test_a_session_may_send_the_token_in_a_header(house: House, signed_in: Browser) -> None:
    headers = {
        "Host": signed_in.host,
        "Origin": signed_in.origin,
        "X-CSRF-Token": signed_in.csrf,
    }
    with answering(house.breaker):
        found = signed_in.client.simulate_post(
            "/api/halt", headers=headers, cookies=signed_in.cookies, body="{}"
        )
    assert found.json["status"] == "halted"


def test_another_sites_form_cannot_sign_in(browser: Browser) -> None:
    found = browser.post("/signin", origin="http://evil.test", password=PASSWORD)
    assert found.status_code == 403
    assert "session" not in browser.cookies
