"""What waits for a person, in the order in which it matters."""

from collections.abc import Iterable
from typing import Final

from actors.views import NeedsYou, OrderView
from trading.alert_events import ProtectionRemoved, StillHeld
from trading.breaker import Stop
from trading.differences import DifferenceFound, DifferenceKind
from trading.events import CommandQuarantined
from trading.money import plain
from trading.sessions import in_new_york
from trading.sign_ins import Standing
from trading.vocabulary import AccountName, Code, OrderStatus


STOPPED: Final = "no entries until someone who signs in resumes; exits pass"
PARKED: Final = (
    "while its actors are parked nothing is decided or sent for it, and what rests at the venue "
    "rests there; a resume by someone who signs in starts them again, as a restart of the daemon "
    "does, but entries pass only after a resume"
)

MISSED: Final = (
    "exits pass; entries do again after an alert whose position before it equals what is held, or "
    "once someone who signs in resumes: compare with the strategy's chart"
)
HEALS: Final = "no entries until venue and books agree again; exits pass, and so it ends by itself"
SILENT: Final = "no entries until the account is seen again; exits pass, and so it ends by itself"
UNEXPLAINED: Final = (
    "nothing that the venue tells explains it; it ends by itself once something does, or book what "
    "happened with `adjust`"
)

LEFT_AT_THE_OPEN: Final = "it is tried until the close, and again a minute after the next open"

TAKEN_OFF: Final = (
    "it comes back by itself only with `restore_protection: true`; watch the position, or close it"
)

SIGN_IN: Final = "sign in: python app.py auth login; trading goes on by itself then"
NONE: Final = "no order rests at the venue"
LAST_HOUR_MEANS: Final = "in its last hour only exits pass"

MEANINGS: Final = {
    Code.ACCOUNT_PARKED: PARKED,
    Code.MISSED_ALERTS: MISSED,
    Code.POSITION_DIFFERENCE: HEALS,
    Code.VENUE_SILENT: SILENT,
}
"""What a stop means to whom it concerns, where it is not simply stopped."""


def needs_you(
    *,
    stops: Iterable[Stop],
    orders: Iterable[OrderView],
    differences: Iterable[DifferenceFound],
    quarantined: Iterable[CommandQuarantined],
    still_held: Iterable[StillHeld],
    bare: Iterable[ProtectionRemoved],
    missed: Iterable[NeedsYou],
    sign_ins: Iterable[NeedsYou] = (),
) -> tuple[NeedsYou, ...]:
    """Everything that is open; `missed` are exits that were not made.

    `still_held` is what was to be left before a close and is held to this moment, `bare` what
    somebody took the protection off.
    """
    return (
        *map(_stop, stops),
        *sign_ins,
        *(_unknown(view) for view in orders if view.order.status is OrderStatus.UNKNOWN),
        *map(_difference, differences),
        *map(_quarantined, quarantined),
        *map(_still_held, still_held),
        *map(_bare, bare),
        *missed,
    )


def sign_in_due(account: AccountName, standing: Standing, resting: Iterable[OrderView]) -> NeedsYou:
    """That somebody has to sign in, and which orders are `resting` at the venue meanwhile."""
    if standing.until is None:
        orders = ", ".join(_order(view) for view in resting)
        rests = f"at the venue rest, and work without us: {orders}" if orders else NONE
        what = f"account {account}: {standing.reason}"
        return NeedsYou(since=standing.since, what=what, meaning=f"{SIGN_IN}; {rests}")
    what = f"the sign-in of account {account} ends {in_new_york(standing.until)}"
    return NeedsYou(since=standing.since, what=what, meaning=f"{SIGN_IN}; {LAST_HOUR_MEANS}")


def _order(view: OrderView) -> str:
    plan = view.order.plan
    stop, limit = (None if p is None else plain(p) for p in (plan.stop_price, plan.limit_price))
    trail = None if plan.trail_percent is None else f"{plain(plan.trail_percent)} %"
    said = (plan.side, plain(plan.quantity), plan.symbol, plan.order_type, stop, limit, trail)
    return " ".join(str(word) for word in said if word is not None)


def _stop(stop: Stop) -> NeedsYou:
    return NeedsYou(
        since=stop.at,
        what=f"{stop.state} for {stop.scope}: {stop.code} ({stop.reason}) by {stop.by}",
        meaning=MEANINGS.get(stop.code, STOPPED),
    )


def _unknown(view: OrderView) -> NeedsYou:
    return NeedsYou(
        since=view.changed_at,
        what=f"order {view.order.plan.order_id} was sent and its fate is not known",
        meaning="it is being read back, never sent again; entries of its account wait",
    )


def _quarantined(event: CommandQuarantined) -> NeedsYou:
    return NeedsYou(
        since=event.at,
        what=f"{event.actor} died three times of {event.what}; it is not read any more",
        meaning="if your strategy sent it, its alert has not been taken",
    )


def _still_held(event: StillHeld) -> NeedsYou:
    who = f"{event.strategy} on {event.account}"
    held = f"{plain(event.quantity)} {event.symbol}"
    return NeedsYou(
        since=event.at, what=f"{who} still holds {held}: {event.code}", meaning=LEFT_AT_THE_OPEN
    )


def _bare(event: ProtectionRemoved) -> NeedsYou:
    held = f"{plain(event.quantity)} {event.symbol} of {event.strategy} on {event.account}"
    what = f"somebody cancelled what protected {held}"
    return NeedsYou(since=event.at, what=what, meaning=TAKEN_OFF)


def _difference(found: DifferenceFound) -> NeedsYou:
    return NeedsYou(since=found.since, what=in_words(found), meaning=UNEXPLAINED)


def in_words(found: DifferenceFound) -> str:
    """What venue and books say, and by how much they differ."""
    ours, venue, residual = map(plain, (found.ours, found.venue, found.residual))
    match found.kind:
        case DifferenceKind.CASH:
            what = f"the venue has {venue} $ of cash, the books {ours} $"
        case DifferenceKind.ORDER:
            what = f"the venue does not have order {found.order_id} of {ours} {found.symbol}"
        case _:
            what = f"the venue holds {venue} {found.symbol}, the books {ours}"
    return f"{what} (difference {residual}) in account {found.account}"
