"""How the whole daemon stands, in one word and one sentence."""

from collections.abc import Iterator
from enum import StrEnum

from attrs import frozen

from actors.messages import JournalHealth
from actors.runtime import State, TreeState
from actors.views import View
from trading.breaker import Stop
from trading.events import Scope
from trading.hours import Hours
from trading.sessions import Session, in_new_york
from trading.vocabulary import Code
from web.edge import Edge


class Word(StrEnum):
    """The states a person needs to tell apart, the worst first."""

    STARTING = "starting"
    STOPPED = "stopped"
    TRIPPED = "tripped"
    DISCONNECTED = "disconnected"
    DEGRADED = "degraded"
    MARKET_CLOSED = "market_closed"
    FIRST_RUN = "first_run"
    HEALTHY = "healthy"


PEOPLE = frozenset({Code.OPERATOR, Code.STOP_FILE})
"""Stops that a person put there; all others are a breaker's."""


@frozen
class Standing:
    """The worst state that holds, and everything that is the matter, worst first."""

    word: Word
    reason: str


def standing(edge: Edge, view: View) -> Standing:
    """How the daemon stands. Where it is still starting nothing else is known yet."""
    tree, journal = edge.tree.current, edge.health.current
    if not edge.readiness.has_started:
        if journal.has_failed:
            return Standing(Word.STARTING, f"the journal cannot be used: {journal.reason}")
        return Standing(Word.STARTING, "the actors are reading their past")
    found = [*_stops(view), *_venues(view), *_troubles(tree, journal), *_market(edge, view)]
    if not found and not view.has_seen_alert:
        return Standing(Word.FIRST_RUN, "ready; no alert has ever come in")
    if not found:
        return Standing(Word.HEALTHY, "taking alerts; nothing needs you")
    order = list(Word)
    found.sort(key=lambda s: order.index(s.word))
    return Standing(found[0].word, "; ".join(dict.fromkeys(s.reason for s in found)))


def _stops(view: View) -> Iterator[Standing]:
    for stop in view.stops.in_force:
        word = Word.STOPPED if stop.code in PEOPLE else Word.TRIPPED
        yield Standing(word, told(stop))


def told(stop: Stop) -> str:
    """A stop as a sentence: what it covers, why, and who put it there."""
    why = f"{stop.code}: {stop.reason}" if stop.reason else str(stop.code)
    where = "anywhere" if stop.scope == Scope() else f"for {stop.scope}"
    return f"no entries {where} ({why}), by {stop.by}"


def _venues(view: View) -> Iterator[Standing]:
    for account in view.accounts.values():
        if not account.venue_ready:
            why = account.venue_reason or "not connected"
            yield Standing(Word.DISCONNECTED, f"account {account.account}: {why}")


def _troubles(tree: TreeState, journal: JournalHealth) -> Iterator[Standing]:
    if not journal.commits:
        yield Standing(Word.DEGRADED, f"the journal cannot commit: {journal.reason}")
    elif journal.slow:
        yield Standing(Word.DEGRADED, journal.slow)
    for child in tree.children:
        if child.state is not State.RUNNING:
            why = f", after {child.last_error}" if child.last_error else ""
            yield Standing(Word.DEGRADED, f"{child.name} is {child.state}{why}")


def _market(edge: Edge, view: View) -> Iterator[Standing]:
    """Where every account keeps the exchange's hours, and it is not open."""
    accounts, now = edge.settings.accounts.values(), edge.clock.now()
    if not accounts or any(account.hours is Hours.ALWAYS for account in accounts):
        return
    if view.calendar.session(now) is not Session.REGULAR:
        opens = in_new_york(view.calendar.next_open(now))
        what = f"the market is closed and opens {opens}"
        yield Standing(Word.MARKET_CLOSED, f"{what}; alerts are refused or wait for it")
