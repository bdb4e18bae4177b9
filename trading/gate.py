"""May this signal become this order? Every check an entry passes, and how an exit is sized."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from trading.alert_events import Checked
from trading.entry import Entry
from trading.hours import Hours
from trading.money import ZERO, is_whole, plain
from trading.on_its_side import on_its_side
from trading.orders import Order
from trading.outside import symbol_is_ours
from trading.quote_age import quotes_are_fresh
from trading.repeats import signal_not_repeated
from trading.rules import IN_MODE_PAPER
from trading.short_sales import borrowable, short_allowed, short_has_stop
from trading.sign_ins import ends_too_soon
from trading.vocabulary import Code, SessionAsked, TimeInForce
from trading.within_limits import (
    cash_suffices,
    within_daily_loss,
    within_order_value,
    within_position_size,
    within_position_value,
    within_total_exposure,
)


AHEAD = timedelta(seconds=5)
"""How far in the future a fire time may lie before the clocks are not to be trusted."""

ALLOWED_AHEAD: Final = f"{AHEAD.total_seconds():.0f}"


# --- the checks: each says whether it passed, and shows its numbers -----------------------------


Check = Callable[[Entry], Checked]

# What says the same each time is made once.
NOT_STOPPED: Final = Checked(Code.HALTED, True, {})
MODE_ALLOWS: Final = Checked(Code.MODE_PAPER, True, {})
SIGNED_IN: Final = Checked(Code.SIGN_IN_ENDS, True, {})
NO_FIRE_TIME: Final = Checked(Code.TIMESTAMP_AHEAD, True, {})
REGULAR_SESSION: Final = Checked(Code.SESSION_NOT_OFFERED, True, {"session": "regular"})
ENDS_BY_ITSELF: Final = Checked(Code.GTC_ENTRY, True, {})


def not_stopped(entry: Entry) -> Checked:
    """No breaker or person has stopped this account, strategy or symbol."""
    alert = entry.alert
    stop = entry.desk.stops.covering(entry.desk.account, alert.strategy, alert.symbol)
    if stop is None:
        return NOT_STOPPED
    inputs = {"scope": str(stop.scope), "because": stop.code.value, "since": _instant(stop.at)}
    return Checked(Code(stop.state.value), False, inputs | {"reason": stop.reason})


def not_retired(entry: Entry) -> Checked:
    """The strategy still opens positions."""
    return Checked(Code.STRATEGY_RETIRED, not entry.rules.retired, {"strategy": entry.rules.name})


def may_leave(entry: Entry) -> Checked:
    """Orders of this account are sent in this mode."""
    return MODE_ALLOWS if entry.rules.leaves else Checked(Code.MODE_PAPER, False, IN_MODE_PAPER)


def sign_in_lasts(entry: Entry) -> Checked:
    """Nobody has to sign in at the venue within the hour."""
    left = ends_too_soon(entry.desk.signed_in_until, entry.now)
    if left is None:
        return SIGNED_IN
    return Checked(Code.SIGN_IN_ENDS, False, {"minutes_left": _minutes(left)})


def symbol_allowed(entry: Entry) -> Checked:
    """The strategy trades this symbol."""
    allowed = entry.rules.symbols
    inputs: dict[str, str] = {"symbol": entry.alert.symbol}
    if allowed is not None:
        inputs["symbols"] = " ".join(sorted(allowed))
    return Checked(
        Code.SYMBOL_NOT_ALLOWED, allowed is None or entry.alert.symbol in allowed, inputs
    )


def not_ahead(entry: Entry) -> Checked:
    """The fire time does not lie in the future: one of the two clocks would be wrong."""
    fired, received = entry.alert.fired_at, entry.alert.at
    if fired is None:
        return NO_FIRE_TIME
    ahead = fired - received
    inputs = {"ahead_seconds": f"{ahead.total_seconds():.0f}", "allowed_seconds": ALLOWED_AHEAD}
    return Checked(Code.TIMESTAMP_AHEAD, ahead <= AHEAD, inputs)


def whole_shares(entry: Entry) -> Checked:
    """Only whole shares are traded."""
    return Checked(
        Code.WHOLE_SHARES_ONLY, is_whole(entry.quantity), {"quantity": plain(entry.quantity)}
    )


def not_left_open(entry: Entry) -> Checked:
    """An entry ends with its day or at once: nobody watches one that waits for weeks."""
    time_in_force = entry.alert.time_in_force
    if time_in_force is not TimeInForce.GTC:
        return ENDS_BY_ITSELF
    return Checked(Code.GTC_ENTRY, False, {"time_in_force": time_in_force.value})


def session_offered(entry: Entry) -> Checked:
    """The hours that it asks for are hours in which its account trades."""
    asked = entry.alert.session
    if asked is SessionAsked.REGULAR:
        return REGULAR_SESSION
    inputs = {"session": asked.value, "hours": entry.rules.hours.value}
    return Checked(Code.SESSION_NOT_OFFERED, entry.rules.hours is Hours.ALWAYS, inputs)


def has_reference_price(entry: Entry) -> Checked:
    """Something is known of the price, or the order's value could not be judged."""
    return Checked(Code.NO_REFERENCE_PRICE, entry.price > 0, {"price": plain(entry.price)})


def not_opposing(entry: Entry) -> Checked:
    """One sign per symbol and account: what is held and what may still be, by whomever (trading
    rules 4.2).
    """
    desk, symbol, sign = entry.desk, entry.alert.symbol, entry.side.sign
    held: dict[str, Decimal] = {"external": desk.book.outside(symbol).quantity}
    for strategy in desk.book.strategies:
        held[f"{strategy} holds"] = desk.book.position(strategy, symbol).quantity
    against = {name: plain(quantity) for name, quantity in held.items() if quantity * sign < 0}
    for order in desk.live(symbol, side=entry.side.opposite):
        if order.is_entry:
            against[f"{order.plan.strategy} may {order.plan.side}"] = plain(order.exposed_quantity)
    net = {"account_holds": plain(desk.book.net(symbol))}
    return Checked(Code.OPPOSING_POSITION, not against, net | against)


def not_held_by_others(entry: Entry) -> Checked:
    """Old shares are not mixed with new ones unawares (trading rules, row 23)."""
    return symbol_is_ours(entry.desk, entry.alert, entry.rules)


def not_already_in(entry: Entry) -> Checked:
    """A second entry adds only where the strategy says so; orders in flight count as held."""
    alert, side = entry.alert, entry.side
    share = entry.desk.book.position(alert.strategy, alert.symbol).quantity
    flying = _sum(entry.desk.live(alert.symbol, alert.strategy, side))
    passed = entry.rules.allow_add or side.sign * share + flying <= 0
    inputs = {
        "own_share": plain(share),
        f"{side}s_in_flight": plain(flying),
        "allow_add": _word(entry.rules.allow_add),
    }
    code = Code.ALREADY_SHORT if entry.is_short else Code.ALREADY_LONG
    return Checked(code, passed, inputs)


def not_repeated(entry: Entry) -> Checked:
    """The same signal did not pass a moment ago (two charts, or an alert beside its order fill)."""
    return signal_not_repeated(entry.desk, entry.alert, entry.rules)


ENTRY_CHECKS: tuple[Check, ...] = (
    not_stopped,
    not_retired,
    may_leave,
    sign_in_lasts,
    symbol_allowed,
    not_ahead,
    whole_shares,
    session_offered,
    has_reference_price,
    quotes_are_fresh,
    on_its_side,
    short_allowed,
    borrowable,
    short_has_stop,
    not_left_open,
    not_opposing,
    not_held_by_others,
    not_already_in,
    not_repeated,
    within_order_value,
    within_position_size,
    within_position_value,
    within_total_exposure,
    within_daily_loss,
    cash_suffices,
)


AT_ANY_HOUR = (
    not_stopped,
    not_retired,
    may_leave,
    symbol_allowed,
    not_ahead,
    whole_shares,
    session_offered,
    short_allowed,
    borrowable,
)
"""What refuses an entry however long it waits; the others stand on what is held by then."""


def judge(entry: Entry, checks: tuple[Check, ...] = ENTRY_CHECKS) -> tuple[Checked, ...]:
    """Each check's verdict in order, up to and including the first that refuses."""
    verdicts: list[Checked] = []
    for check in checks:
        verdict = check(entry)
        verdicts.append(verdict)
        if not verdict.passed:
            break
    return tuple(verdicts)


# --- small words --------------------------------------------------------------------------------


def _sum(orders: Iterable[Order]) -> Decimal:
    return sum((o.exposed_quantity for o in orders), ZERO)


def _minutes(left: timedelta) -> str:
    return f"{left.total_seconds() / 60:.0f}"


def _word(flag: bool) -> str:  # noqa: FBT001 - a flag is all there is to say
    return "true" if flag else "false"


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
