"""Metrics of the process: its state, its actors, its journal; totals begin with the process."""

from collections.abc import Iterator

from prometheus_client.core import InfoMetricFamily, Metric

from actors.runtime import State
from actors.views import View
from web.edge import Edge
from web.families import counter, gauge, histogram, single, states
from web.state import Word, standing


PREFIX = "tradingbot"


def daemon_metrics(edge: Edge, view: View) -> Iterator[Metric]:
    """How the daemon itself runs."""
    yield from _state(edge, view)
    yield from _actors(edge)
    yield from _journal(edge)


def _state(edge: Edge, view: View) -> Iterator[Metric]:
    build = {
        "version": edge.version,
        "mode": edge.settings.mode.value,
        "sqlite": edge.sqlite_version,
    }
    yield InfoMetricFamily(f"{PREFIX}_build", "What is running, and in which mode.", build)
    now = standing(edge, view)
    yield states(
        f"{PREFIX}_state",
        "How the daemon stands, the worst that holds: 1 for that word.",
        (),
        (word.value for word in Word),
        {(): now.word.value},
    )
    yield single(f"{PREFIX}_ready", "1 while alerts are taken.", edge.readiness.reason() is None)


def _actors(edge: Edge) -> Iterator[Metric]:
    children = edge.tree.current.children
    by_actor = ("actor",)
    yield states(
        f"{PREFIX}_actor_state",
        "Where the actor stands in its life: 1 for the state that holds.",
        by_actor,
        (state.value for state in State),
        {(child.name,): child.state.value for child in children},
    )
    yield counter(
        f"{PREFIX}_actor_restarts",
        "Deaths after which the actor was started again, since the process started.",
        by_actor,
        {(child.name,): child.restarts for child in children},
    )
    yield gauge(
        f"{PREFIX}_actor_mailbox_messages",
        "Messages that wait for the actor.",
        by_actor,
        (((name,), len(address)) for name, address in edge.mailboxes.items()),
    )
    now = edge.clock.monotonic()
    yield gauge(
        f"{PREFIX}_actor_oldest_message_seconds",
        "How long the oldest of them has waited; 0 if none does.",
        by_actor,
        (((name,), a.mailbox.oldest_age(now)) for name, a in edge.mailboxes.items()),
    )


def _journal(edge: Edge) -> Iterator[Metric]:
    health = edge.health.current
    yield single(
        f"{PREFIX}_journal_commits_possible",
        "1 while the journal can commit; without it no alert is taken and no order leaves.",
        health.commits,
    )
    yield single(f"{PREFIX}_journal_head", "The number of the last committed event.", health.head)
    yield histogram(
        f"{PREFIX}_journal_commit_seconds",
        "How long commits took, sync to disk included, since the process started.",
        (),
        {(): health.commits_timed},
    )
