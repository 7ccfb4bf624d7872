"""Figures for Prometheus. No person, no device and no community is a label."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from district.feeds.feed import Hub
from district.store.port import Store


class Metrics:
    """One process's figures; `registry` is what /metrics prints."""

    def __init__(self, store: Store, hub: Hub) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("requests", "Requests answered.", ["method", "route", "status"], registry=self.registry)
        self.seconds = Histogram(
            "request_seconds", "Time to the head of the answer.", ["route"], registry=self.registry,
            buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
        )  # fmt: skip
        self.facts = Counter("facts_kept", "Facts kept.", registry=self.registry)
        self.aside = Counter("facts_put_aside", "Facts that could not be read.", registry=self.registry)
        self.forks = Counter("forks", "Cloned or restored disks met.", registry=self.registry)
        self._standing = _Standing(store, hub)
        self.registry.register(self._standing)

    def stands(self, name: str, words: str, value: Callable[[], float]) -> None:
        """One more figure that is read at the moment of asking."""
        self._standing.more.append((name, words, value))


class _Standing(Collector):
    """What is read at the moment of asking."""

    def __init__(self, store: Store, hub: Hub) -> None:
        self._store, self._hub = store, hub
        self.more: list[tuple[str, str, Callable[[], float]]] = []

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("streams_open", "Desktops that listen.", self._hub.listening)
        yield GaugeMetricFamily("facts_waiting", "Facts queued for their commit.", self._store.waiting)
        for name, words, value in self.more:
            yield GaugeMetricFamily(name, words, value())
