"""Who has tried a wrong password how often, and how long he has to wait for the next try."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

from attrs import frozen

from trading.changed import changed
from trading.event import Event
from trading.people import OperatorActed, PasswordWrong
from trading.vocabulary import Act


FREE: Final = 5
"""Wrong passwords in a row that may come from one place as fast as they are typed."""

FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(minutes=15)
"""How long to wait after the last free one, doubled with each more, up to the longest."""

FORGOTTEN_AFTER: Final = timedelta(hours=1)
"""When the last wrong one was so long ago, a place begins anew."""

WINDOW: Final = timedelta(minutes=10)
PER_WINDOW: Final = 30
"""Wrong passwords of all places together at one door within a window."""

PLACES_KEPT: Final = 1_000


class Door(StrEnum):
    """Where the password is shown: those who are known already wait for no stranger's tries."""

    STRANGERS = "strangers"
    KNOWN = "known"


def door_of(act: Act) -> Door:
    """Strangers sign in; for every other act a session or the token is shown before."""
    return Door.STRANGERS if act is Act.SIGN_IN else Door.KNOWN


@frozen(kw_only=True)
class Place:
    """Where passwords come from: how many wrong ones in a row until `last`.

    Where the right one was shown before, the limit for all places together does not hold.
    """

    wrong: int = 0
    last: datetime
    is_welcome: bool = False


@frozen(kw_only=True)
class Window:
    """How many wrong passwords there were since it began."""

    began: datetime
    wrong: int


@frozen(kw_only=True, slots=False)
class Tries:
    """All that is known of wrong passwords, by door and address; bounded.

    `password` is the mark of the password's file when it last changed, empty if it never did.
    """

    places: Mapping[str, Place] = {}
    windows: Mapping[Door, Window] = {}
    password: str = ""


def place_of(act: Act, address: str) -> str:
    """Whom a try counts against: an address, of IPv6 the network, at a door."""
    try:
        ip = ip_address(address)
    except ValueError:
        where = address
    else:
        where = str(ip_network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) else address
    return f"{door_of(act)} {where}"


def wait_s(tries: Tries, act: Act, address: str, now: datetime) -> int:
    """Whole seconds until the next try from there is judged; 0 is at once."""
    place = _place(tries, place_of(act, address), now)
    until = [now]
    if place.wrong >= FREE:
        doubled = FIRST_WAIT * 2 ** min(place.wrong - FREE, 10)
        until.append(place.last + min(doubled, LONGEST_WAIT))
    window = tries.windows.get(door_of(act))
    if window is not None and window.wrong >= PER_WINDOW and not place.is_welcome:
        until.append(window.began + WINDOW)
    # A clock that was set back must not make anybody wait for hours.
    return ceil(min(max(until) - now, LONGEST_WAIT).total_seconds())


def wrong_in_a_row(tries: Tries, act: Act, address: str, now: datetime) -> int:
    """How many came from there since the last right one, or since it was quiet."""
    return _place(tries, place_of(act, address), now).wrong


def evolve_tries(tries: Tries, event: Event) -> Tries:
    """The tries after one event."""
    match event:
        case PasswordWrong():
            return _wrong(tries, event)
        case OperatorActed():
            if event.showed_password:
                place = Place(last=event.at, is_welcome=True)
                tries = _with(tries, place_of(event.act, event.address), place)
            if event.act is Act.PASSWORD and not event.refused:
                tries = changed(tries, password=event.after.get("password", ""))
            return tries
        case _:
            return tries


def _wrong(tries: Tries, event: PasswordWrong) -> Tries:
    key, door = place_of(event.act, event.address), door_of(event.act)
    place = _place(tries, key, event.at)
    tries = _with(tries, key, _once_more(place, event.at))
    window = tries.windows.get(door)
    if window is None or not timedelta(0) <= event.at - window.began < WINDOW:
        window = Window(began=event.at, wrong=0)
    window = Window(began=window.began, wrong=window.wrong + 1)
    return changed(tries, windows={**tries.windows, door: window})


def _once_more(place: Place, at: datetime) -> Place:
    """The place after one more wrong password."""
    return Place(wrong=place.wrong + 1, last=at, is_welcome=place.is_welcome)


def _place(tries: Tries, key: str, now: datetime) -> Place:
    place = tries.places.get(key)
    if place is None:
        return Place(last=now)
    if now - place.last >= FORGOTTEN_AFTER:
        return Place(last=place.last, is_welcome=place.is_welcome)
    return place


def _with(tries: Tries, key: str, place: Place) -> Tries:
    places = {**tries.places, key: place}
    if len(places) > PLACES_KEPT:
        least = min(places, key=lambda k: (places[k].is_welcome, places[k].last))
        del places[least]
    return changed(tries, places=places)
