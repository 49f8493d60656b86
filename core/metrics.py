"""Figures for Prometheus, on a port of their own, in OpenTelemetry's names for generative AI.

    metrics = Metrics(provider_ids, model_ids, readings)
    engine.runner.observe = metrics.observe      one Completion after another
    metrics.serve("127.0.0.1", 9464)

No text, no person, no key. Labels have few values: a model that the catalogue does not list is `other`, so that a
person cannot make series by typing names. `prometheus_client` is imported by `Metrics()` and nowhere before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from http.server import HTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import KINDS
from .records import Attempt, Completion

if TYPE_CHECKING:
    from prometheus_client import Metric

OTHER = "other"
READ_EVERY_S = 10.0
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = tuple(4.0**power for power in range(14))
CALL = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model")


class GaugeReading(NamedTuple):
    """The value of a gauge as it is now."""

    name: str
    labels: Mapping[str, str]
    value: float


GAUGES: Mapping[str, str] = {
    "app_quota_remaining": "What is left of a limit of the server's own keys, in its unit.",
    "app_breaker_state": "1 while a model is paused for the server's own key, else 0.",
    "app_answers_running": "Answers in progress in this process.",
    "app_database_up": "1 while the database can be read, else 0.",
    "app_spool_waiting": "Changes that wait for the database.",
}


class Metrics:
    """One per process. `readings` is called for the gauges, at most every ten seconds, when Prometheus asks."""

    def __init__(
        self,
        provider_ids: Collection[str],
        model_ids: Collection[str],
        readings: Callable[[], Iterable[GaugeReading]] = lambda: (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(_Gauges(readings, clock))
        self._providers = frozenset(provider_ids)
        self._models = frozenset(model_ids)
        self._server: tuple[HTTPServer, threading.Thread] | None = None

        def histogram(name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, text, (*CALL, *labels), registry=self.registry, buckets=buckets)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=self.registry)

        self._duration = histogram(
            "gen_ai_client_operation_duration_seconds", "Duration of one call.", ("error_type",), SECONDS
        )
        self._first_chunk = histogram(
            "gen_ai_client_operation_time_to_first_chunk_seconds", "Time to the first piece of text.", (), SECONDS
        )
        self._per_chunk = histogram(
            "gen_ai_client_operation_time_per_output_chunk_seconds", "Time between two pieces of text.", (), SECONDS
        )
        self._tokens = histogram(
            "gen_ai_client_token_usage", "Tokens of one call.", ("gen_ai_token_type",), TOKENS
        )  # fmt: skip
        self._retries = counter("app_retry_count", "Calls repeated after a failure.", "gen_ai_provider_name")
        self._failovers = counter("app_failover_count", "Answers by another model than was asked.")
        self._truncated = counter("app_answer_truncated", "Answers that broke off.", "gen_ai_provider_name")
        self._answers = counter("app_answer_count", "Answers by how they ended.", "outcome")
        self._refused = counter("app_question_refused", "Questions that were not sent.", "error_type")

    def observe(self, completion: Completion) -> None:
        """Count an answer and its calls. A cached answer is an answer without a call."""
        error = completion.error
        stopped = completion.finish is not None and completion.finish.reason == "stopped"
        ended = "cached" if completion.cached else "stopped" if stopped else "ok"
        self._answers.labels(_kind(error.kind) if error else ended).inc()
        if error and not error.sent:
            self._refused.labels(_kind(error.kind)).inc()
        if any(note.kind == "failed_over" for note in completion.notes):
            self._failovers.inc()
        if completion.cached:
            return
        for number, attempt in enumerate(completion.attempts):
            if attempt.sent:
                is_last = number == len(completion.attempts) - 1
                self._call(attempt, completion if is_last else None)
                if any(earlier.model_id == attempt.model_id for earlier in completion.attempts[:number]):
                    self._retries.labels(self._provider(attempt.provider_id)).inc()

    def serve(self, host: str, port: int) -> None:
        """Answer to Prometheus there, from a thread. Raises `OSError` where the port is taken."""
        from prometheus_client import start_http_server

        server, thread = start_http_server(port, host, registry=self.registry)
        self._server = server, thread

    @property
    def port(self) -> int:
        return self._server[0].server_port if self._server else 0

    def close(self) -> None:
        if self._server:
            server, thread = self._server
            self._server = None
            server.shutdown()
            server.server_close()
            thread.join()

    def _call(self, attempt: Attempt, completion: Completion | None) -> None:
        response = self._model(completion.answered_by) if completion and completion.response_model else ""
        labels = ("chat", self._provider(attempt.provider_id), self._model(attempt.model_id), response)
        self._duration.labels(*labels, "" if attempt.outcome == "ok" else _kind(attempt.outcome)).observe(
            attempt.ms / 1000
        )
        if completion is None:
            return
        timing, usage = completion.timing, completion.usage
        if timing.ttft_ms is not None:
            self._first_chunk.labels(*labels).observe(timing.ttft_ms / 1000)
            if timing.last_ms is not None and timing.chunks > 1:
                self._per_chunk.labels(*labels).observe((timing.last_ms - timing.ttft_ms) / 1000 / (timing.chunks - 1))
        if usage:
            for kind, tokens in (("input", usage.input_tokens), ("output", usage.output_tokens)):
                if tokens is not None:
                    self._tokens.labels(*labels, kind).observe(tokens)
        if completion.finish and completion.finish.reason == "truncated":
            self._truncated.labels(self._provider(attempt.provider_id)).inc()

    def _provider(self, provider_id: str) -> str:
        return provider_id if provider_id in self._providers else OTHER

    def _model(self, model_id: str) -> str:
        return model_id if model_id in self._models else OTHER


class _Gauges:
    """What is read when Prometheus asks; the last readings where it asks again at once."""

    def __init__(self, readings: Callable[[], Iterable[GaugeReading]], clock: Callable[[], float]) -> None:
        self._readings = readings
        self._clock = clock
        self._lock = threading.Lock()
        self._last: list[GaugeReading] = []
        self._read_at: float | None = None

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        with self._lock:
            if self._read_at is None or self._clock() - self._read_at >= READ_EVERY_S:
                self._last, self._read_at = list(self._readings()), self._clock()
        families: dict[str, Any] = {}
        for reading in self._last:
            if reading.name not in families:
                families[reading.name] = GaugeMetricFamily(
                    reading.name, GAUGES[reading.name], labels=list(reading.labels)
                )
            families[reading.name].add_metric(list(reading.labels.values()), reading.value)
        yield from families.values()

    def describe(self) -> list[Metric]:
        """Nothing is read at registration."""
        return []


def _kind(kind: str) -> str:
    return kind if kind in KINDS else OTHER
