"""What waits for a person, in his words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from actors.views import NeedsYou, OrderView
from trading.alert_events import StillHeld
from trading.breaker import Stops
from trading.events import CommandQuarantined
from trading.money import plain
from trading.positions import Book
from trading.vocabulary import AccountName, Code, OrderStatus


STOPPED: Final = "no entries until someone who signs in resumes; exits pass"
PARKED: Final = (
    "while its actors are parked nothing is decided or sent for it, and what rests at the venue "
    "rests there; a resume by someone who signs in starts them again, as a restart of the daemon "
    "does, but entries pass only after a resume"
)
LEFT_AT_THE_OPEN: Final = "it is tried until the close, and again a minute after the next open"


def of_stops(stops: Stops) -> Iterator[NeedsYou]:
    """Whatever is stopped."""
    for stop in stops.in_force:
        yield NeedsYou(
            since=stop.at,
            what=f"{stop.state} for {stop.scope}: {stop.code} ({stop.reason}) by {stop.by}",
            meaning=PARKED if stop.code is Code.ACCOUNT_PARKED else STOPPED,
        )


def of_unknown(orders: Iterable[OrderView]) -> Iterator[NeedsYou]:
    """Orders of unknown fate."""
    for view in orders:
        if view.order.status is OrderStatus.UNKNOWN:
            yield NeedsYou(
                since=view.changed_at,
                what=f"order {view.order.plan.order_id} was sent and its fate is not known",
                meaning="it is being read back, never sent again; entries of its account wait",
            )


def of_quarantined(quarantined: Iterable[CommandQuarantined]) -> Iterator[NeedsYou]:
    """What brought its reader down three times."""
    for event in quarantined:
        yield NeedsYou(
            since=event.at,
            what=f"{event.actor} died three times of {event.what}; it is not read any more",
            meaning="if your strategy sent it, its alert has not been taken",
        )


def kept_over_night(
    told: Iterable[StillHeld], books: Mapping[AccountName, Book]
) -> Iterator[NeedsYou]:
    """What was to be left before a close, as long as it is held."""
    for event in told:
        held = books[event.account].position(event.strategy, event.symbol).quantity
        if held:
            who = f"{event.strategy} on {event.account}"
            yield NeedsYou(
                since=event.at,
                what=f"{who} still holds {plain(held)} {event.symbol}: {event.code}",
                meaning=LEFT_AT_THE_OPEN,
            )
