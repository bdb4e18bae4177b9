"""What the API answers with: values of the house as JSON objects with fixed names."""

from collections.abc import Iterable
from datetime import datetime

from actors.runtime import Address, ChildState
from actors.views import AlertView, NeedsYou, OrderView
from trading.bookings import EquityMarked
from trading.breaker import Stop
from trading.differences import DifferenceFound
from trading.events import ActorStarted
from trading.profit import Earned
from web.figures import instant, number
from web.holdings import Holding, Money
from web.sign_ins import SignedIn
from web.usage import LimitUse


Json = dict[str, object]


def account_object(money: Money, at: datetime) -> Json:
    """An account's money. Nothing is bought on margin: what is used of it is 0.

    A rehearsal has no performance: its indices and its drawdown are null.
    """
    performs = not money.rehearsal
    return {
        "account_id": money.account,
        "cash": number(money.cash),
        "buying_power": number(money.buying_power),
        "equity": number(money.equity),
        "margin_used": number(money.margin_used),
        "timestamp": instant(at),
        "opening_equity": number(money.opening_equity),
        "flows_today": number(money.flows_today),
        "day_pnl": number(money.day_pnl),
        "day_realized_pnl": number(money.day_realized),
        "account_day_pnl": number(money.account_day_pnl),
        **earned_object(money.earned),
        "rehearsal": money.rehearsal,
        "index": number(money.index) if performs else None,
        "bot_index": number(money.bot_index) if performs else None,
        "drawdown_percent": number(money.drawdown * 100, places=2) if performs else None,
        "strategies": [
            {"strategy": name, "day_pnl": number(earned.day_pnl)}
            | earned_object(earned)
            | {"losing_streak": money.losing_streaks[name]}
            for name, earned in money.strategies.items()
        ],
        "external": earned_object(money.external),
    }


def earned_object(earned: Earned) -> Json:
    """What was earned since the account was opened, realised before fees and after."""
    return {
        "realized_pnl": number(earned.gross),
        "realized_pnl_net": number(earned.net),
        "unrealized_pnl": number(earned.unrealized),
        "fees": number(earned.fees),
        "fees_estimated": number(earned.estimated_fees),
        "carry": number(earned.carry),
    }


def equity_object(mark: EquityMarked) -> Json:
    """What an account was worth at an instant, and where its indices stood."""
    return {
        "account": mark.account,
        "at": instant(mark.at),
        "equity": number(mark.equity),
        "index": number(mark.index),
        "bot_index": number(mark.bot_index),
    }


def position_object(holding: Holding) -> Json:
    """A position; percentages to two places."""
    return {
        "account": holding.account,
        "strategy": holding.strategy,
        "symbol": holding.symbol,
        "quantity": number(holding.quantity),
        "avg_price": number(holding.average_price),
        "current_price": number(holding.mark),
        "unrealized_pnl": number(holding.unrealized),
        "unrealized_pnl_percent": number(holding.unrealized_percent, places=2),
        "realized_pnl": number(holding.realized),
        "realized_pnl_net": number(holding.realized - holding.fees),
        "fees": number(holding.fees),
        "fees_estimated": number(holding.estimated_fees),
        "carry": number(holding.carry),
        "day_pnl": number(holding.day_pnl),
        "price_at": None if holding.marked is None else instant(holding.marked.at),
        "price_source": None if holding.marked is None else holding.marked.source.value,
    }


def order_object(view: OrderView) -> Json:
    """An order, with the instants of its plan and of its last change."""
    order, plan = view.order, view.order.plan
    return {
        "order_id": plan.order_id,
        "broker_order_id": order.broker_order_id,
        "alert_id": plan.alert_id,
        "account": plan.account,
        "strategy": plan.strategy,
        "symbol": plan.symbol,
        "side": plan.side.value,
        "quantity": number(order.quantity),
        "order_type": plan.order_type.value,
        "limit_price": number(order.limit_price),
        "stop_price": number(order.stop_price),
        "status": order.status.value,
        "filled_quantity": number(order.filled_quantity),
        "remaining_quantity": number(order.remaining_quantity),
        "average_fill_price": number(order.average_fill_price),
        "error_message": order.error or None,
        "created_at": instant(view.planned_at),
        "updated_at": instant(view.changed_at),
        "label": view.label or None,
    }


def alert_object(alert: AlertView) -> Json:
    """An alert and what became of it, in all and on each account."""
    return {
        "alert_id": alert.alert_id,
        "received_at": instant(alert.received_at),
        "strategy": alert.strategy,
        "symbol": alert.symbol,
        "action": alert.action.value if alert.action else None,
        "quantity": number(alert.quantity),
        "price": number(alert.price),
        "origin": alert.origin.value,
        "verdict": alert.verdict.value,
        "code": alert.code or None,
        "reason": alert.reason or None,
        "decisions": [
            {
                "account": account,
                "verdict": decision.verdict.value,
                "code": decision.code or None,
                "inputs": dict(decision.inputs),
                "order_id": decision.order_id,
            }
            for account, decision in alert.decisions.items()
        ],
    }


def stop_object(stop: Stop) -> Json:
    """A stop in force; a null in its scope means all."""
    return {
        "scope": str(stop.scope),
        "account": stop.scope.account,
        "strategy": stop.scope.strategy,
        "symbol": stop.scope.symbol,
        "state": stop.state.value,
        "code": stop.code.value,
        "reason": stop.reason,
        "by": stop.by,
        "at": instant(stop.at),
        "generation": stop.generation,
    }


def difference_object(found: DifferenceFound) -> Json:
    """Something that venue and books say differently."""
    return {
        "kind": found.kind.value,
        "symbol": found.symbol,
        "order_id": found.order_id,
        "ours": number(found.ours),
        "venue": number(found.venue),
        "residual": number(found.residual),
        "since": instant(found.since),
    }


def limit_object(use: LimitUse) -> Json:
    """A limit and what is used of it."""
    return {
        "name": use.name,
        "limit": number(use.limit, places=2),
        "used": number(use.used, places=2),
        "scope": use.scope,
    }


def needs_you_object(item: NeedsYou) -> Json:
    """Something that waits for a person."""
    return {"since": instant(item.since), "what": item.what, "meaning": item.meaning}


def sign_in_object(one: SignedIn) -> Json:
    """An account's sign-in at its venue."""
    return {
        "account": one.account,
        "state": "signed_out" if one.until is None else "signed_in",
        "until": None if one.until is None else instant(one.until),
        "seconds_left": int(one.left.total_seconds()),
        "reason": one.reason,
    }


def actor_object(
    child: ChildState,
    mailbox: Address | None,
    monotonic: float,
    restarts: Iterable[ActorStarted] = (),
) -> Json:
    """An actor, how many messages wait for it and for how long the oldest has, and its history."""
    waited_s = 0.0 if mailbox is None else mailbox.mailbox.oldest_age(monotonic)
    return {
        "name": child.name,
        "state": child.state.value,
        "incarnation": child.incarnation,
        "restarts": child.restarts,
        "last_error": child.last_error,
        "since": instant(child.since),
        "missed_probes": child.missed,
        "mailbox": 0 if mailbox is None else len(mailbox),
        "oldest_message_s": round(waited_s, 3),
        "history": [
            {"at": instant(r.at), "incarnation": r.incarnation, "last_error": r.last_error}
            for r in restarts
            if r.actor == child.name
        ],
    }
