"""Trades: from flat to flat, by strategy and symbol, net of fees."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from trading.bookings import FeeReplaced
from trading.changed import changed
from trading.event import Event
from trading.order_events import ExecutionBusted, ExecutionCorrected, OrderFilled
from trading.position import FLAT, Position
from trading.positions import Book, Key
from trading.vocabulary import Side, StrategyName, Symbol


KEPT: Final = 200
"""How many ended trades an account shows; the journal has them all."""


@frozen(kw_only=True)
class Trade:
    """One that has ended, in dollars; `side` is that of its opening.

    Times are those of the executions. A fill through zero ends one trade, which bears its fee, and
    opens the next.
    """

    strategy: StrategyName
    symbol: Symbol
    side: Side
    opened_at: datetime
    closed_at: datetime
    gross: Decimal
    fees: Decimal

    @property
    def net(self) -> Decimal:
        """What came of it."""
        return self.gross - self.fees

    @property
    def is_loser(self) -> bool:
        """Whether it lost money; nothing lost is no loser."""
        return self.net < 0


@frozen(kw_only=True)
class Begun:
    """A trade that is open, and what its position had realised and paid before it."""

    side: Side
    at: datetime
    realized: Decimal
    fees: Decimal


@frozen(kw_only=True, slots=False)
class Trades:
    """An account's trades: those that are open, and the last that ended, oldest first."""

    begun: Mapping[Key, Begun] = {}
    ended: tuple[Trade, ...] = ()

    def losing_streak(self, strategy: StrategyName) -> int:
        """How many of a strategy's trades in a row have lost, up to the last that ended."""
        streak = 0
        for trade in reversed(self.ended):
            if trade.strategy != strategy:
                continue
            if not trade.is_loser:
                break
            streak += 1
        return streak


NO_TRADES: Final = Trades()


def evolve_trades(trades: Trades, before: Book, after: Book, event: Event) -> Trades:
    """The trades after a fact that made one book of another."""
    if isinstance(event, OrderFilled):  # by far the most, and one key each
        key = (event.strategy, event.symbol)
        was = before.positions.get(key, FLAT)
        return _stepped(trades, key, was, after.positions[key], event)
    if isinstance(event, FeeReplaced):
        return _fee_replaced(trades, event)
    for key, position in after.positions.items():
        was = before.positions.get(key, FLAT)
        if position is not was:
            trades = _stepped(trades, key, was, position, event)
    return trades


def _stepped(trades: Trades, key: Key, was: Position, now: Position, event: Event) -> Trades:
    if was.quantity * now.quantity > 0:
        return trades
    is_taken_back = isinstance(event, ExecutionBusted | ExecutionCorrected)
    if not was.quantity and not now.quantity:
        return _mended(trades, key, now.realized - was.realized) if is_taken_back else trades
    at: datetime = getattr(event, "executed_at", event.at)
    if was.quantity:
        trades = _end(trades, key, now, at, is_taken_back=is_taken_back)
    if not now.quantity:
        return trades
    if not was.quantity and is_taken_back and _last(trades, key) is not None:
        return _reopened(trades, key, was)
    return _begin(trades, key, was if not was.quantity else now, now, at)


def _begin(trades: Trades, key: Key, base: Position, now: Position, at: datetime) -> Trades:
    side = Side.BUY if now.quantity > 0 else Side.SELL
    begun = Begun(side=side, at=at, realized=base.realized, fees=base.fees)
    return changed(trades, begun={**trades.begun, key: begun})


def _end(trades: Trades, key: Key, now: Position, at: datetime, *, is_taken_back: bool) -> Trades:
    """A trade of which everything was taken back never was."""
    rest = dict(trades.begun)
    begun = rest.pop(key, None)
    if begun is None:
        return trades
    trade = Trade(
        strategy=key[0],
        symbol=key[1],
        side=begun.side,
        opened_at=begun.at,
        closed_at=at,
        gross=now.realized - begun.realized,
        fees=now.fees - begun.fees,
    )
    if is_taken_back and not trade.gross and not trade.fees:
        return changed(trades, begun=rest)
    return changed(trades, begun=rest, ended=(*trades.ended, trade)[-KEPT:])


def _last(trades: Trades, key: Key) -> int | None:
    """Where the last trade of a strategy and symbol stands among those that ended."""
    for place in range(len(trades.ended) - 1, -1, -1):
        trade = trades.ended[place]
        if (trade.strategy, trade.symbol) == key:
            return place
    return None


def _reopened(trades: Trades, key: Key, was: Position) -> Trades:
    """What ended the last trade was taken back: it goes on."""
    place = _last(trades, key)
    assert place is not None  # noqa: S101 - asked before
    trade = trades.ended[place]
    begun = Begun(
        side=trade.side,
        at=trade.opened_at,
        realized=was.realized - trade.gross,
        fees=was.fees - trade.fees,
    )
    return changed(
        trades,
        begun={**trades.begun, key: begun},
        ended=(*trades.ended[:place], *trades.ended[place + 1 :]),
    )


def _mended(trades: Trades, key: Key, more: Decimal) -> Trades:
    """The last trade realised so much more: one of its executions was corrected."""
    place = _last(trades, key)
    if place is None or not more:
        return trades
    trade = trades.ended[place]
    return _replaced(trades, place, evolve(trade, gross=trade.gross + more))


def _replaced(trades: Trades, place: int, trade: Trade) -> Trades:
    ended = (*trades.ended[:place], trade, *trades.ended[place + 1 :])
    return changed(trades, ended=ended)


def _fee_replaced(trades: Trades, event: FeeReplaced) -> Trades:
    """The trade that the execution belonged to bears the difference, ended or not."""
    key, more = (event.strategy, event.symbol), event.fee - event.was_fee
    begun = trades.begun.get(key)
    for place in range(len(trades.ended) - 1, -1, -1):
        trade = trades.ended[place]
        is_its = (trade.strategy, trade.symbol) == key
        if is_its and trade.opened_at <= event.executed_at <= trade.closed_at:
            trades = _replaced(trades, place, evolve(trade, fees=trade.fees + more))
            break
    else:
        if begun is None or event.executed_at >= begun.at:
            return trades
    if begun is None:
        return trades
    begun = evolve(begun, fees=begun.fees + more)
    return changed(trades, begun={**trades.begun, key: begun})
