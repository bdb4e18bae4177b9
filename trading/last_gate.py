"""The last look at an order before the wire, independent of what let it be planned."""

from datetime import datetime, timedelta
from decimal import Decimal

from attrs import evolve, frozen

from trading.breaker import NO_STOPS, Stops
from trading.closed_market import shut_out
from trading.desk import Desk, at_worst
from trading.events import Scope
from trading.money import plain
from trading.order_events import OrderPlanned
from trading.orders import Order
from trading.rules import IN_MODE_PAPER, Limits, StrategyRules
from trading.sign_ins import ends_too_soon
from trading.vocabulary import Code, Intent


SEND_WITHIN = timedelta(seconds=5)
"""An order whose SubmitStarted is older than this does not leave any more."""


@frozen
class Turned:
    """An order that is not let out, and why."""

    code: Code
    inputs: dict[str, str]


@frozen(kw_only=True)
class Gate:
    """What the wire knows of stops: those in force, and those closed ahead of the journal."""

    stops: Stops = NO_STOPS
    early: tuple[tuple[Scope, int], ...] = ()

    @property
    def generation(self) -> int:
        """The highest stop or start the gate has heard of."""
        if not self.early:
            return self.stops.generation
        return max(self.stops.generation, *(g for _, g in self.early))

    def closed(self, scope: Scope, generation: int) -> "Gate":
        """The gate with one more scope closed, before its stop is on disk."""
        return evolve(self, early=(*self.early, (scope, generation)))

    def informed(self, stops: Stops) -> "Gate":
        """The gate after the journal's stops changed; what they have caught up with is theirs.

        A generation alone does not tell: while a stop is on its way to the disk, another may be
        given the same number.
        """
        early = tuple((s, g) for s, g in self.early if not _known(stops, s, g))
        return Gate(stops=stops, early=early)

    def turns_away(self, plan: OrderPlanned, generation: int) -> Turned | None:
        """Why an entry may not leave; exits pass in every state, so that no stop traps a position.

        `generation` is the one its SubmitStarted saw: whatever stopped or started since then asks
        for a new decision.
        """
        if plan.intent is Intent.EXIT:
            return None
        stop = self.stops.covering(plan.account, plan.strategy, plan.symbol)
        if stop is not None:
            return Turned(
                Code(stop.state.value), {"scope": str(stop.scope), "because": stop.code.value}
            )
        closed = any(s.covers(plan.account, plan.strategy, plan.symbol) for s, _ in self.early)
        if closed or self.generation != generation:
            inputs = {"gate_generation": str(self.generation), "order_generation": str(generation)}
            return Turned(Code.GATE_CLOSED, inputs)
        return None


OPEN_GATE = Gate()


def _known(stops: Stops, scope: Scope, generation: int) -> bool:
    """Whether the journal holds an early stop by now, in force or lifted since."""
    if generation <= stops.started:
        return True
    return any(s.scope == scope and s.generation >= generation for s in stops.in_force)


def before_submit(
    desk: Desk, order: Order, gate: Gate, rules: StrategyRules, now: datetime
) -> Turned | None:
    """Why a planned order is not started: stopped, planned too long ago, outside of its hours, just
    before nobody is signed in, or more than is held.
    """
    plan = order.plan
    if not rules.leaves:
        return Turned(Code.MODE_PAPER, IN_MODE_PAPER)
    if order.is_protective:  # at any hour and age: who takes it back cancels it
        return _oversized(desk, order)
    return (
        gate.turns_away(plan, gate.generation)
        or _too_old(plan, rules.limits, now)
        or _shut_out(desk, plan, rules, now)
        or _signed_out_soon(desk, plan, now)
        or (_oversized(desk, order) if plan.intent is Intent.EXIT else None)
    )


def _too_old(plan: OrderPlanned, limits: Limits, now: datetime) -> Turned | None:
    exiting = plan.intent is Intent.EXIT
    seconds = limits.max_exit_age_seconds if exiting else limits.max_alert_age_seconds
    if seconds is None:
        return None
    age = Decimal(str((now - plan.at).total_seconds()))
    if age <= seconds:
        return None
    return Turned(Code.STALE, {"planned_seconds_ago": f"{age:.1f}", "limit": plain(seconds)})


def _shut_out(desk: Desk, plan: OrderPlanned, rules: StrategyRules, now: datetime) -> Turned | None:
    exiting = plan.intent is Intent.EXIT
    hours = shut_out(desk.book.calendar, rules, now, exiting=exiting)
    return None if hours is None else Turned(hours.code, hours.inputs)


def _signed_out_soon(desk: Desk, plan: OrderPlanned, now: datetime) -> Turned | None:
    left = ends_too_soon(desk.signed_in_until, now)
    if left is None or plan.intent is Intent.EXIT:
        return None
    return Turned(Code.SIGN_IN_ENDS, {"minutes_left": f"{left.total_seconds() / 60:.0f}"})


def _oversized(desk: Desk, order: Order) -> Turned | None:
    """An exit may not be larger than what its strategy holds, less its other live closes."""
    plan = order.plan
    share = -plan.side.sign * desk.book.position(plan.strategy, plan.symbol).quantity
    live = desk.live(plan.symbol, plan.strategy, plan.side)
    others = at_worst(o for o in live if not _is_same(o.plan, plan))
    if plan.quantity <= share - others:
        return None
    inputs = {
        "quantity": plain(plan.quantity),
        "own_share": plain(share),
        "other_closes": plain(others),
    }
    guard = desk.guards.get((plan.strategy, plan.symbol))
    if share <= 0 and guard is not None and guard.closed_by is not None:
        return Turned(Code.EXIT_ALREADY_FILLED, inputs | {"closed_by": guard.closed_by})
    return Turned(Code.NOTHING_TO_DO, inputs)


def _is_same(other: OrderPlanned, plan: OrderPlanned) -> bool:
    """Whether it is this very order, or one of which at most this or that can fill."""
    return other.order_id == plan.order_id or (
        plan.oco_id is not None and other.oco_id == plan.oco_id
    )
