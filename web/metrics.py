"""GET /metrics: how the daemon stands and what it has done, for Prometheus."""

from collections.abc import Iterator

import falcon
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from web.edge import Edge
from web.metrics_daemon import daemon_metrics
from web.metrics_trading import trading_metrics


class Metrics:
    """Everything is read off what is published, when it is asked for; nothing is counted here."""

    def __init__(self, edge: Edge) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Standing(edge))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """In the format that the asker prefers: OpenMetrics, or the text that all can read."""
        encode, content_type = choose_encoder(req.accept)
        resp.content_type = content_type
        resp.data = encode(self._registry)


class _Standing(Collector):
    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def collect(self) -> Iterator[Metric]:
        """All families of our own, as of now."""
        view = self._edge.view.current
        yield from trading_metrics(self._edge, view)
        yield from daemon_metrics(self._edge, view)
