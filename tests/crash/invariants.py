"""What must never be, one function an invariant: each yields a sentence for each time it was."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.crash.fold import AT_THE_VENUE, ENDED, ORDER_EVENTS, State, fold
from tests.crash.rows import File, Row


Ledgers = Mapping[str, File]
Acks = Iterable[Mapping[str, Any]]

DECISIONS = ("SignalApproved", "SignalRefused", "AlertQuarantined")
"""What may become of an alert on an account: one of these, once."""

_KNOWN_TO_THE_VENUE = AT_THE_VENUE | {"FILLED", "CANCELLED"}
_UNKNOWN_TO_THE_VENUE = frozenset({"REFUSED", "ABANDONED", "REJECTED", "ABSENT"})


def _repeated(values: Iterable[str]) -> Iterator[tuple[str, int]]:
    return ((value, count) for value, count in Counter(values).items() if count > 1)


# --- I1: accepted once, decided once ------------------------------------------------------------


def i1(journal: File, acks: Acks) -> Iterator[str]:
    """Every alert answered "accepted" is in the journal and is decided once on each route."""
    alerts = {row.text("alert_id"): row for row in journal.of("AlertAccepted")}
    for alert_id, count in _repeated(row.text("alert_id") for row in journal.of("AlertAccepted")):
        yield f"I1: alert {alert_id} was accepted {count} times"
    dedups = (row.text("dedup") for row in alerts.values())
    for dedup, count in _repeated(dedup for dedup in dedups if dedup):
        yield f"I1: {dedup} was accepted {count} times"
    yield from _acks_kept(alerts, acks)
    yield from _decisions(journal, alerts)


def _acks_kept(alerts: Mapping[str, Row], acks: Acks) -> Iterator[str]:
    first: dict[str, str] = {}
    for ack in acks:
        alert_id, sent = str(ack["alert_id"]), str(ack.get("id", ""))
        if alert_id not in alerts:
            yield f"I1: alert {alert_id} was answered {ack['status']} and is not in the journal"
        elif sent and alerts[alert_id].text("client_id") != sent:
            yield f"I1: what was sent as {sent} was answered with another's alert {alert_id}"
        if sent and first.setdefault(sent, alert_id) != alert_id:
            yield f"I1: what was sent as {sent} became two alerts, {first[sent]} and {alert_id}"


def _decisions(journal: File, alerts: Mapping[str, Row]) -> Iterator[str]:
    made: dict[tuple[str, str], list[Row]] = {
        (alert_id, route): [] for alert_id, row in alerts.items() for route in row.body["routes"]
    }
    plans: Counter[tuple[str, str]] = Counter()
    for row in journal.of(*DECISIONS, "OrderPlanned"):
        way = (row.text("alert_id"), row.text("account"))
        if way not in made:
            yield f"I1: seq {row.seq}: {row.type} of alert {way[0]} on {way[1]}, not a route of it"
        elif row.seq < alerts[way[0]].seq:
            yield f"I1: seq {row.seq}: alert {way[0]} was decided before it was accepted"
        elif row.type == "OrderPlanned":
            plans[way] += row.body.get("parent_id") is None  # what protects it is not decided again
        else:
            made[way].append(row)
    for (alert_id, account), rows in made.items():
        said = [row.type for row in rows]
        if len(said) != 1:
            what = " and ".join(said) or "nothing"
            yield f"I1: alert {alert_id} on {account} must be decided once; there is {what}"
        wanted = said.count("SignalApproved")
        if plans[alert_id, account] != wanted and len(said) <= 1:
            planned = plans[alert_id, account]
            yield f"I1: alert {alert_id} on {account}: {planned} orders planned, {wanted} approved"


# --- I2: at most one order at the venue ---------------------------------------------------------


def i2(journal: File, ledgers: Ledgers) -> Iterator[str]:
    """At most one order at the venue for each planned one, and that as it was planned."""
    plans = {row.text("order_id"): row for row in journal.of("OrderPlanned")}
    for order_id, count in _repeated(row.text("order_id") for row in journal.of("OrderPlanned")):
        yield f"I2: order {order_id} was planned {count} times"
    for order_id, count in _repeated(row.text("order_id") for row in journal.of("SubmitStarted")):
        yield f"I2: order {order_id} was started {count} times"
    for account, ledger in ledgers.items():
        taken = list(ledger.of("PaperAccepted"))
        for order_id, count in _repeated(row.text("order_id") for row in taken):
            yield f"I2: the venue took order {order_id} {count} times"
        for broker_id, count in _repeated(row.text("broker_order_id") for row in taken):
            yield f"I2: the venue gave the id {broker_id} {count} times"
        for row in taken:
            plan = plans.get(row.text("order_id"))
            if plan is None or plan.text("account") != account:
                yield f"I2: the venue took order {row.text('order_id')}, not planned on {account}"
            elif _terms(row) != _terms(plan):
                yield f"I2: the venue took order {row.text('order_id')} otherwise than planned"


def _terms(row: Row) -> tuple[str, Decimal, str, Decimal]:
    return row.text("symbol"), row.signed, row.text("order_type"), row.number("limit_price")


# --- I3: the venue's books are ours -------------------------------------------------------------


def i3(journal: File, state: State, ledgers: Ledgers) -> Iterator[str]:
    """Executions, positions and cash are the same on both sides, each execution counted once."""
    fills = list(journal.of("OrderFilled"))
    named = (f"{row.text('account')}/{row.text('execution_id')}" for row in fills)
    for execution, count in _repeated(named):
        yield f"I3: execution {execution} was counted {count} times"
    opened = {row.text("account"): row for row in journal.of("AccountOpened")}
    for account in sorted(opened.keys() - ledgers.keys()):
        yield f"I3: account {account} was opened and has no ledger"
    for account, count in _repeated(row.text("account") for row in journal.of("AccountOpened")):
        yield f"I3: account {account} was opened {count} times"
    for account, ledger in ledgers.items():
        ours = [row for row in fills if row.text("account") == account]
        yield from _executions(account, ours, list(ledger.of("PaperFilled")))
        yield from _balances(account, state, ledger)


def _executions(account: str, ours: list[Row], theirs: list[Row]) -> Iterator[str]:
    for execution, count in _repeated(row.text("execution_id") for row in theirs):
        yield f"I3: the venue of {account} reports execution {execution} {count} times"
    here = {row.text("execution_id"): row for row in ours}
    there = {row.text("execution_id"): row for row in theirs}
    for execution in sorted(there.keys() - here.keys()):
        yield f"I3: execution {execution} of {account} is at the venue and not in the journal"
    for execution in sorted(here.keys() - there.keys()):
        yield f"I3: execution {execution} of {account} is in the journal and not at the venue"
    for execution in sorted(here.keys() & there.keys()):
        if _traded(here[execution]) != _traded(there[execution]):
            yield f"I3: execution {execution} of {account} differs between journal and venue"


def _traded(row: Row) -> tuple[str, str, Decimal, Decimal, Decimal]:
    return (
        row.text("order_id"),
        row.text("symbol"),
        row.signed,
        row.number("price"),
        row.number("fee"),
    )


def _balances(account: str, state: State, ledger: File) -> Iterator[str]:
    opening = [row.number("cash") for row in ledger.of("LedgerOpened")]
    if len(opening) > 1:
        yield f"I3: the ledger of {account} was opened {len(opening)} times"
    if opening and account not in state.cash:
        yield f"I3: the ledger of {account} is open, and the journal knows no such account"
        return
    fills = list(ledger.of("PaperFilled"))
    cash = sum(opening, Decimal(0)) - sum((row.spent for row in fills), Decimal(0))
    if state.cash.get(account, Decimal(0)) != cash:
        yield f"I3: cash of {account}: journal {state.cash.get(account)}, venue {cash}"
    for symbol in sorted({s for a, s in state.positions if a == account} | _symbols(fills)):
        here = state.positions.get((account, symbol), Decimal(0))
        there = sum((row.signed for row in fills if row.text("symbol") == symbol), Decimal(0))
        if here != there:
            yield f"I3: {symbol} of {account}: journal {here}, venue {there}"


def _symbols(rows: Iterable[Row]) -> set[str]:
    return {row.text("symbol") for row in rows}


# --- I5: the algebra of orders, and replay ------------------------------------------------------


def i5(journal: File, state: State, ledgers: Ledgers) -> Iterator[str]:
    """No event where it cannot be, sums as executed, every order ended, and replay harmless."""
    for problem in state.problems:
        yield f"I5: {problem}"
    if fold((*journal.rows, *journal.rows)) != state:
        yield "I5: replaying the journal on top of itself changes the state"
    plans = {order_id: order.plan for order_id, order in state.orders.items()}
    for row in journal.rows:
        if row.type in ORDER_EVENTS and (plan := plans.get(row.text("order_id"))):
            names = ("account", "alert_id", "symbol", "side", "strategy")
            if any(row.body.get(n, plan.body[n]) != plan.body[n] for n in names):
                yield f"I5: seq {row.seq}: {row.type} speaks otherwise of {row.text('order_id')}"
    resting = {row.text("order_id") for file in ledgers.values() for row in _resting(file)}
    for order_id, order in state.orders.items():
        quantity = order.plan.number("quantity")
        if order.filled > quantity:
            yield f"I5: order {order_id} of {quantity} was filled {order.filled}"
        if order.status in AT_THE_VENUE and order_id in resting:
            continue
        if order.status not in ENDED | {"UNKNOWN"}:
            yield f"I5: order {order_id} never ended: it is {order.status}"


def _resting(ledger: File) -> Iterator[Row]:
    gone = {row.text("order_id") for row in ledger.of("PaperCancelled", "PaperExpired")}
    wanted = {row.text("order_id"): row for row in ledger.of("PaperAccepted")}
    asked = {name: row.number("quantity") for name, row in wanted.items()}
    asked |= {row.text("order_id"): row.number("quantity") for row in ledger.of("PaperReplaced")}
    for row in ledger.of("PaperFilled"):
        name = row.text("order_id")
        asked[name] = asked.get(name, Decimal(0)) - row.number("quantity")
    return (row for name, row in wanted.items() if name not in gone and asked[name] > 0)


def i5_live(state: State, live: Mapping[str, Any]) -> Iterator[str]:
    """What the daemon showed at rest is what its journal amounts to."""
    for order in live.get("orders", ()):
        order_id, shown = order["order_id"], (order["status"], Decimal(order["filled_quantity"]))
        known = state.orders.get(order_id)
        if known is None or (known.status, known.filled) != shown:
            here = "nothing" if known is None else f"{known.status} {known.filled}"
            yield f"I5: order {order_id} was shown {shown[0]} {shown[1]}, the journal has {here}"
    if "positions" in live:
        held = {(p["account"], p["symbol"]): Decimal(p["quantity"]) for p in live["positions"]}
        for account, symbol in sorted(held.keys() | state.positions.keys()):
            seen = held.get((account, symbol), Decimal(0))
            replayed = state.positions.get((account, symbol), Decimal(0))
            if seen != replayed:
                yield f"I5: {symbol} of {account} was shown {seen}, the journal has {replayed}"
    for account in live.get("accounts", ()):
        name, shown = account["account_id"], account["cash"]
        cash = None if shown is None else Decimal(shown)
        if state.cash.get(name) != cash:
            yield f"I5: cash of {name} was shown {cash}, the journal has {state.cash.get(name)}"


# --- I8: on disk first --------------------------------------------------------------------------


def i8(journal: File, state: State, ledgers: Ledgers) -> Iterator[str]:
    """Nothing at the venue without an earlier SubmitStarted; nothing that was there is gone."""
    started = {row.text("order_id"): row for row in journal.of("SubmitStarted")}
    at_venue: dict[str, Row] = {}
    for ledger in ledgers.values():
        for row in ledger.of("PaperAccepted"):
            order_id = row.text("order_id")
            at_venue[order_id] = row
            start = started.get(order_id)
            if start is None:
                yield f"I8: the venue took order {order_id}, whose start is not in the journal"
            elif _instant(row) < _instant(start):
                yield f"I8: the venue took order {order_id} before its start was written"
    for order_id, order in state.orders.items():
        taken = at_venue.get(order_id)
        if taken is None and order.status in _KNOWN_TO_THE_VENUE:
            yield f"I8: order {order_id} is {order.status}, and the venue does not know it"
        elif taken is not None and order.status in _UNKNOWN_TO_THE_VENUE:
            yield f"I8: order {order_id} is {order.status}, and the venue took it"
        elif taken is not None and order.broker_order_id not in {"", taken.text("broker_order_id")}:
            yield f"I8: order {order_id} bears another's broker id {order.broker_order_id}"


def _instant(row: Row) -> datetime:
    return datetime.fromisoformat(row.at)
