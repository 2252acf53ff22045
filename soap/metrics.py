"""Figures for Prometheus: calls and how long they took, what became of requests. Needs ``openqbd[metrics]``.

No label names a connection, a user or a company: who may read the figures learns nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from .observing import CallRecord
from .queue import State

if TYPE_CHECKING:
    from .queue import RequestQueue
    from .transport import Application

#: Seconds: from an answer out of memory to a large document.
BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """An observer of calls (``application(observers=[metrics])``) and of a queue (``metrics.watch(queue)``).

    ``openqbd_calls_total{call, outcome}``, ``openqbd_call_seconds{call}``, ``openqbd_received_bytes_total``,
    ``openqbd_requests_finished_total{state}``, ``openqbd_held_calls``.
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._calls = Counter("openqbd_calls", "Calls of the Web Connector.", ["call", "outcome"], registry=registry)
        self._seconds = Histogram(
            "openqbd_call_seconds", "How long they took to answer.", ["call"], buckets=BUCKETS, registry=registry
        )
        self._received = Counter("openqbd_received_bytes", "Characters of answers received.", registry=registry)
        self._finished = Counter(
            "openqbd_requests_finished", "Requests that came to a state.", ["state"], registry=registry
        )
        self._held = Gauge("openqbd_held_calls", "Calls that wait for work.", registry=registry)

    def __call__(self, record: CallRecord) -> None:
        """Count one call."""
        self._calls.labels(record.call, _outcome(record)).inc()
        self._seconds.labels(record.call).observe(record.seconds)
        response = record.arguments.get("response")
        if isinstance(response, str):
            self._received.inc(len(response))

    def watch(self, queue: RequestQueue, application: Application | None = None) -> None:
        """Count what becomes of a queue's requests, and show how many calls an application holds."""
        queue.observers.append(self._changed)
        if application is not None:
            self._held.set_function(lambda: application.held)

    def _changed(self, changes: Iterable[tuple[str, State]]) -> None:
        for _, state in changes:
            self._finished.labels(state.value).inc()


def _outcome(record: CallRecord) -> str:
    if record.failure:
        return "failed"
    if record.call == "authenticate":
        word = record.answer[1] if isinstance(record.answer, list) and len(record.answer) > 1 else ""
        return word if word in ("none", "nvu", "busy") else "signed in"
    if record.call == "receiveResponseXML":
        return "refused" if isinstance(record.answer, int) and record.answer < 0 else "taken"
    return "answered"
