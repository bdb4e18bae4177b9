import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from attrs import evolve

from settings.model import DashboardListener as DashboardSettings
from settings.model import Listen, Web
from tests.web.conftest import BEARER
from tests.web.house import House
from trading.events import PasswordWrong
from web.dashboard import DashboardListener
from web.listening import ListenFailed


def at(house: House, port: int, *proxies: str) -> DashboardListener:
    dashboard = DashboardSettings(listen=Listen("127.0.0.1", port), trusted_proxies=proxies)
    settings = evolve(house.settings, web=Web(dashboard=dashboard))
    return DashboardListener(evolve(house.edge(), settings=settings))


@pytest.fixture
def listener(house: House) -> Iterator[DashboardListener]:
    listener = at(house, 0)
    listener.open()
    try:
        yield listener
    finally:
        listener.close()


def ask(
    port: int, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, Any, dict[str, str]]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(client):
        client.request(method, path, body, BEARER | headers)
        response = client.getresponse()
        return response.status, response.read(), dict(response.headers)


def test_the_app_is_served_on_a_real_socket(listener: DashboardListener) -> None:
    status, body, headers = ask(listener.port, "GET", "/api/status")
    assert (status, json.loads(body)["running"]) == (200, True)
    assert "Server" not in headers


def test_a_body_that_is_too_long_is_not_even_read(listener: DashboardListener) -> None:
    status, _, _ = ask(listener.port, "POST", "/api/halt", b" " * (64 * 1024 + 1))
    assert status == 413


def test_the_static_files_go_out(listener: DashboardListener) -> None:
    status, body, headers = ask(listener.port, "GET", "/static/style.css")
    assert (status, headers["Content-Type"]) == (200, "text/css")
    assert b"prefers-color-scheme: dark" in body


def test_a_taken_port_fails_in_the_callers_thread(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenFailed, match=rf"127\.0\.0\.1:{port}.*web\.dashboard\.listen"):
            at(house, port).open()


def test_closing_ends_it_once_and_for_all(listener: DashboardListener) -> None:
    ask(listener.port, "GET", "/health")
    listener.close()
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        ask(listener.port, "GET", "/health")


@pytest.mark.parametrize(
    ("proxies", "address"), [((), "127.0.0.1"), (("127.0.0.0/8",), "198.51.100.7")]
)
def test_a_proxys_word_for_an_address_is_taken_where_it_is_trusted(
    proxies: tuple[str, ...], address: str, house: House
) -> None:
    listener = at(house, 0, *proxies)
    listener.open()
    try:
        body = b'{"reason": "r", "password": "wrong"}'
        forwarded = {"X-Forwarded-For": "203.0.113.1, 198.51.100.7"}
        assert ask(listener.port, "POST", "/api/resume", body, **forwarded)[0] == 403
    finally:
        listener.close()
    assert [e.address for e in house.people(PasswordWrong)] == [address]
