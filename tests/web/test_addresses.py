import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.addresses import is_inside, networks, sender


PROXIES = networks(("10.0.0.0/8", "::1", "fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", ["1.2.3.4"], "203.0.113.9"),
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["", " , "], "10.0.0.1"),
        ("10.0.0.1", ["52.89.214.238, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["52.89.214.238", "1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["1.2.3.4, 10.0.0.7, 10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", ["10.0.0.7, 10.0.0.2"], "10.0.0.7"),
        ("10.0.0.1", ["1.2.3.4, nonsense"], "nonsense"),
        ("10.0.0.1", ["1.2.3.4:5678"], "1.2.3.4"),
        ("::1", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("fd00::5", ["2001:DB8:0::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["::ffff:1.2.3.4"], "1.2.3.4"),
        ("fe80::1%eth0", [], "fe80::1"),
        ("", [], ""),
    ],
)
def test_the_rightmost_stranger_is_the_sender(peer: str, forwarded: list[str], found: str) -> None:
    assert sender(peer, forwarded, PROXIES) == found


def test_without_trusted_proxies_nothing_is_believed() -> None:
    assert sender("10.0.0.1", ["1.2.3.4"], ()) == "10.0.0.1"


@given(st.lists(st.text(max_size=40), max_size=5))
def test_nobody_who_is_not_trusted_can_claim_to_be_another(forwarded: list[str]) -> None:
    assert sender("203.0.113.9", forwarded, PROXIES) == "203.0.113.9"


@given(st.lists(st.text(max_size=40), max_size=5))
def test_what_stands_left_of_a_stranger_changes_nothing(forwarded: list[str]) -> None:
    assert sender("10.0.0.1", [*forwarded, "1.2.3.4, 10.9.9.9"], PROXIES) == "1.2.3.4"


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.255.0.1", True),
        ("11.0.0.1", False),
        ("::1", True),
        ("fdff::1", True),
        ("::ffff:10.0.0.1", True),
        ("2001:db8::1", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_networks_hold_addresses_of_their_own_kind(address: str, *, inside: bool) -> None:
    assert is_inside(address, PROXIES) is inside
