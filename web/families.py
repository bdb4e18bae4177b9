"""Metric families from plain numbers; what is a Decimal in the house is a float to Prometheus."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from actors.histogram import BOUNDS_S, Histogram


Labels = tuple[str, ...]


def counter(name: str, says: str, labels: Sequence[str], totals: Mapping[Labels, int]) -> Metric:
    """A total for each set of labels; `_total` is added to the name."""
    family = CounterMetricFamily(name, says, labels=labels)
    for values, total in totals.items():
        family.add_metric(values, total)
    return family


def gauge(
    name: str,
    says: str,
    labels: Sequence[str],
    values: Iterable[tuple[Labels, Decimal | float | None]],
) -> Metric:
    """A value for each set of labels; one that is not known is left out."""
    family = GaugeMetricFamily(name, says, labels=labels, unit=_unit(name))
    for at, value in values:
        if value is not None:
            family.add_metric(at, float(value))
    return family


def single(name: str, says: str, value: float | None) -> Metric:
    """A value without labels."""
    return gauge(name, says, (), [((), value)])


def states(
    name: str, says: str, labels: Sequence[str], words: Iterable[str], now: Mapping[Labels, str]
) -> Metric:
    """One series a word, 1 for the one that holds; the word is the last label, `state`."""
    listed = tuple(words)
    holds = (((*at, word), float(word == held)) for at, held in now.items() for word in listed)
    return gauge(name, says, (*labels, "state"), holds)


def histogram(
    name: str, says: str, labels: Sequence[str], spreads: Mapping[Labels, Histogram]
) -> Metric:
    """Durations in seconds, for each set of labels."""
    family = HistogramMetricFamily(name, says, labels=labels, unit=_unit(name))
    bounds = (*(str(bound) for bound in BOUNDS_S), "+Inf")
    for at, spread in spreads.items():
        family.add_metric(
            at,
            list(zip(bounds, map(float, accumulate(spread.counts)), strict=True)),
            spread.total_us / 1e6,
        )
    return family


def _unit(name: str) -> str:
    """The unit that a name ends with, for formats that want it said."""
    last = name.rpartition("_")[2]
    return last if last in ("seconds", "dollars") else ""
