"""Metrics of what was traded and is held: folded from the journal, the same after a restart."""

from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client.core import Metric

from actors.histogram import Histogram
from actors.views import Verdict, View
from trading.vocabulary import AccountName, OrderStatus, TradingState
from web.api import account_state
from web.edge import Edge
from web.families import Labels, counter, gauge, histogram, single, states
from web.holdings import books, holdings, is_rehearsal
from web.sign_ins import sign_ins


PREFIX = "tradingbot"
BY_STRATEGY = ("account", "strategy")
BY_CODE = ("account", "strategy", "code")


def trading_metrics(edge: Edge, view: View) -> Iterator[Metric]:
    """Alerts, orders, money and stops."""
    yield from _alerts(view)
    yield from _orders(edge, view)
    yield from _latencies(edge, view)
    yield from _money(edge, view)
    yield from _stops(edge, view)


def _alerts(view: View) -> Iterator[Metric]:
    tally = view.tally
    yield counter(
        f"{PREFIX}_alerts",
        "Alerts by what became of them; strategy is empty where the alert could not be read.",
        ("strategy", "verdict"),
        tally.alerts,
    )
    yield single(
        f"{PREFIX}_alerts_pending",
        "Alerts accepted and not yet decided by every account they go to.",
        sum(alert.verdict is Verdict.PENDING for alert in view.alerts),
    )
    last = tally.last_alert_at
    yield single(
        f"{PREFIX}_last_alert_timestamp_seconds",
        "When the last genuine alert came in, Unix time.",
        None if last is None else last.timestamp(),
    )
    yield counter(
        f"{PREFIX}_signals_refused",
        "Decisions not to trade an alert, by account and by the code of the reason.",
        BY_CODE,
        tally.refused,
    )


def _orders(edge: Edge, view: View) -> Iterator[Metric]:
    tally = view.tally
    zero: dict[Labels, int] = {
        (account, name): 0
        for name, strategy in edge.settings.strategies.items()
        for account in strategy.accounts
    }
    yield counter(
        f"{PREFIX}_orders_submitted",
        "Orders that were sent to a venue, or may have been.",
        BY_STRATEGY,
        {**zero, **tally.submitted},
    )
    yield counter(
        f"{PREFIX}_orders_filled", "Orders filled whole.", BY_STRATEGY, {**zero, **tally.filled}
    )
    yield counter(
        f"{PREFIX}_orders_rejected", "Orders that a venue refused.", BY_CODE, tally.rejected
    )
    yield counter(
        f"{PREFIX}_orders_abandoned",
        "Orders planned and known never to have left, by the code of the reason.",
        BY_CODE,
        tally.abandoned,
    )
    live = [o.order for o in view.orders if not o.order.is_terminal]
    working = Counter(order.plan.account for order in live)
    unknown = Counter(o.plan.account for o in live if o.status is OrderStatus.UNKNOWN)
    accounts = edge.settings.accounts
    yield gauge(
        f"{PREFIX}_orders_working",
        "Orders that have not ended, those of unknown fate included.",
        ("account",),
        (((account,), working[account]) for account in accounts),
    )
    yield gauge(
        f"{PREFIX}_orders_unknown",
        "Orders that were sent and whose fate is not known; they count as exposure.",
        ("account",),
        (((account,), unknown[account]) for account in accounts),
    )


def _latencies(edge: Edge, view: View) -> Iterator[Metric]:
    def each(spreads: Mapping[AccountName, Histogram]) -> dict[Labels, Histogram]:
        return {(a,): spreads.get(a, Histogram()) for a in edge.settings.accounts}

    yield histogram(
        f"{PREFIX}_alert_to_order_seconds",
        "From an alert's acceptance to the sending of its order.",
        ("account",),
        each(view.tally.to_order),
    )
    yield histogram(
        f"{PREFIX}_alert_to_fill_seconds",
        "From an alert's acceptance to the last fill of its order.",
        ("account",),
        each(view.tally.to_fill),
    )


def _money(edge: Edge, view: View) -> Iterator[Metric]:
    found = books(view.accounts, edge.clock.now())
    known = [book for book in found if book.cash is not None]
    performing = [book for book in found if not is_rehearsal(view, book.account)]
    by_account = ("account",)
    yield gauge(
        f"{PREFIX}_positions_open",
        "Symbols in which an account holds a position.",
        by_account,
        (((book.account,), sum(1 for _ in holdings(book))) for book in found),
    )
    yield gauge(
        f"{PREFIX}_account_equity_dollars",
        "Cash plus everything held at its last known price.",
        by_account,
        (((book.account,), book.equity()) for book in performing if book.cash is not None),
    )
    yield gauge(
        f"{PREFIX}_account_cash_dollars",
        "Cash, as the bot's own books have it.",
        by_account,
        (((book.account,), book.cash) for book in known),
    )
    yield gauge(
        f"{PREFIX}_unrealized_pnl_dollars",
        "What closing everything at the last known prices would realise, before fees.",
        by_account,
        (((book.account,), book.unrealized()) for book in performing),
    )
    yield gauge(
        f"{PREFIX}_day_pnl_dollars",
        "The trading day's profit or loss, net of fees: what the daily loss limit judges.",
        by_account,
        (((book.account,), book.day_pnl()) for book in performing),
    )


def _stops(edge: Edge, view: View) -> Iterator[Metric]:
    yield states(
        f"{PREFIX}_trading_state",
        "What an account as a whole may do: 1 for the state that holds.",
        ("account",),
        (state.value for state in TradingState),
        {(a,): account_state(view.stops, a).value for a in edge.settings.accounts},
    )
    yield single(
        f"{PREFIX}_stops_in_force",
        "Stops that people or breakers have put and nobody has lifted, of any scope.",
        len(view.stops.in_force),
    )
    yield single(f"{PREFIX}_needs_you", "Things that wait for a person.", len(view.needs_you))
    yield gauge(
        f"{PREFIX}_venue_ready",
        "1 while the account's venue is connected and orders may leave.",
        ("account",),
        (((name,), account.venue_ready) for name, account in view.accounts.items()),
    )
    yield gauge(
        f"{PREFIX}_sign_in_seconds_left",
        "Until somebody has to sign in at the account's venue; 0: now. Only where people sign in.",
        ("account",),
        (((one.account,), one.left.total_seconds()) for one in sign_ins(view, edge.clock.now())),
    )
