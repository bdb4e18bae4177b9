"""What a bar does to the orders on the book where bars are all there is. Pure.

Within a bar nobody knows what came first. So the worst is assumed: stops before limits, and every
stop at the worse of the open and itself. The open is a price like any other and meets everything
that waits for one; the rest of the bar meets what was on the book before it.
"""

from datetime import datetime
from decimal import Decimal

import attrs

from brokers.consequences import with_consequences
from brokers.ledger import Ledger, Resting, Stage
from brokers.ledger_events import PaperTrailed, PaperTriggered
from brokers.market import Candle, MarketHours, Quote
from brokers.matching import arrive, fill, jump_of, named, room_for, work
from brokers.moment import Moment
from brokers.paper_rules import (
    DEFAULT_MARKET,
    MarketRules,
    reaches_stop,
    trades_through,
    trailed,
)
from trading.changed import changed
from trading.event import Event
from trading.vocabulary import Side


def meet_bar(
    ledger: Ledger,
    bar: Candle,
    *,
    before: Quote | None,
    now: datetime,
    session: MarketHours | None = None,
    rules: MarketRules = DEFAULT_MARKET,
) -> tuple[Event, ...]:
    """What happens by a bar that has just ended; nothing by one that is stale or out of session.

    `before` is the last quote of its symbol, `session` the one at hand when the bar began.
    """
    if now - bar.ends_at > rules.max_age or (session is not None and not session.holds(bar.at)):
        return ()
    opening = attrs.evolve(_moment(bar, bar.open, now, rules), before=before, session=session)
    if bar.symbol not in ledger.frozen_symbols and (frozen_now := jump_of(ledger, opening)):
        return (frozen_now,)
    return match_bar(ledger, bar, now=now, rules=rules)


def match_bar(
    ledger: Ledger, bar: Candle, *, now: datetime, rules: MarketRules = DEFAULT_MARKET
) -> tuple[Event, ...]:
    """What happens by a bar of a session that is over; orders that came within it are left out."""
    there = {
        key: order.stage
        for key, order in ledger.resting.items()
        if order.terms.symbol == bar.symbol
        and order.stage is not Stage.HELD
        and (order.works_from is None or order.works_from <= bar.at)
    }
    if bar.symbol in ledger.frozen_symbols:
        return ()
    told: list[Event] = []
    for step in (_at_the_open, _stops, _limits, _trails):
        for key, stage in there.items():
            # A limit that has only just begun to rest waits for the next bar.
            if key in ledger.resting and (step is not _limits or stage is Stage.RESTING):
                events = step(ledger, ledger.resting[key], bar, now, rules)
                ledger, happened = with_consequences(ledger, events, now)
                told += happened
    return tuple(told)


def _moment(bar: Candle, price: Decimal, now: datetime, rules: MarketRules) -> Moment:
    """One price of a bar as a quote; its volume is that of the whole bar."""
    at_price = Quote(symbol=bar.symbol, at=bar.at, source=bar.source, last=price, volume=bar.volume)
    return Moment(quote=at_price, before=None, now=now, session=None, rules=rules)


def _at_the_open(
    ledger: Ledger, order: Resting, bar: Candle, now: datetime, rules: MarketRules
) -> tuple[Event, ...]:
    # Stops are tested by the whole bar, and trailing ones are moved when it is over.
    if order.stage is Stage.WAITING:
        return ()
    return work(ledger, order, _moment(bar, bar.open, now, rules))


def _stops(
    ledger: Ledger, order: Resting, bar: Candle, now: datetime, rules: MarketRules
) -> tuple[Event, ...]:
    side, stop = order.terms.side, order.stop_price
    reached = bar.high if side is Side.BUY else bar.low
    if order.stage is not Stage.WAITING or stop is None or not reaches_stop(side, stop, reached):
        return ()
    worst = max(stop, bar.open) if side is Side.BUY else min(stop, bar.open)
    triggered = PaperTriggered(at=now, **named(order), price=worst, works_from=bar.at)
    arriving = changed(order, stage=Stage.ARRIVING)
    return (triggered, *arrive(ledger, arriving, _moment(bar, worst, now, rules)))


def _limits(
    ledger: Ledger, order: Resting, bar: Candle, now: datetime, rules: MarketRules
) -> tuple[Event, ...]:
    """A limit that the bar goes through."""
    side, limit = order.terms.side, order.limit_price
    far = bar.low if side is Side.BUY else bar.high
    if limit is None or not trades_through(side, limit, far):
        return ()
    moment = _moment(bar, far, now, rules)
    room = room_for(ledger, order, moment)
    return tuple(fill(ledger, order, moment, price=limit, room=room, rule="limit in a bar"))


def _trails(
    ledger: Ledger, order: Resting, bar: Candle, now: datetime, rules: MarketRules
) -> tuple[Event, ...]:
    del ledger, rules
    percent = order.terms.trail_percent
    if order.stage is not Stage.WAITING or percent is None:
        return ()
    best = bar.low if order.terms.side is Side.BUY else bar.high
    stop = trailed(order.terms.side, percent, best, order.stop_price)
    if stop == order.stop_price:
        return ()
    return (PaperTrailed(at=now, **named(order), stop_price=stop),)
