"""Whose request it is: the peer, or whom a trusted proxy names."""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias


Address: TypeAlias = IPv4Address | IPv6Address
Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]


def networks(texts: Iterable[str]) -> Networks:
    """Addresses and CIDR networks as the settings write them."""
    return tuple(ip_network(text) for text in texts)


def is_inside(text: str, among: Networks) -> bool:
    """Whether an address is in one of the networks; what is not an address is in none."""
    address = _read(text)
    return address is not None and _is_inside(address, among)


def sender(peer: str, forwarded: Iterable[str], trusted: Networks) -> str:
    """The address a request comes from.

    `forwarded` are the X-Forwarded-For headers in order. They are believed only where a trusted
    proxy wrote them: read from the right, the first address that is no trusted proxy is the
    sender, for whatever stands left of it came from outside. A word that is no address is not
    skipped, or it would hide who wrote it.
    """
    if not trusted or not is_inside(peer, trusted):
        return _shown(peer)
    hops = [hop.strip() for header in forwarded for hop in header.split(",") if hop.strip()]
    found = peer
    for hop in reversed(hops):
        found = hop
        if not is_inside(hop, trusted):
            break
    return _shown(found)


def _read(text: str) -> Address | None:
    try:
        address = ip_address(_without_port(text).partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _without_port(text: str) -> str:
    """Some proxies write 1.2.3.4:5678 or [::1]:5678."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.rpartition(":")
    return host if colon and port.isdigit() and ":" not in host else text


def _shown(text: str) -> str:
    """An address in its plain form; what is none as it is, short."""
    address = _read(text)
    return text[:64] if address is None else str(address)


def _is_inside(address: Address, among: Networks) -> bool:
    return any(address.version == net.version and address in net for net in among)
