"""What the metrics show of this process and of the server's own keys, as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ..budget import hash_of
from ..metrics import OTHER, GaugeReading
from ..providers.limits import PlannedCall
from ..store import Unavailable
from .admitted_attempt import target_of
from .shared import Shared


def readings(shared: Shared) -> Iterator[GaugeReading]:
    with suppress(Unavailable):
        shared.database.ping()
    health = shared.database.health()
    yield GaugeReading("app_database_up", {}, float(health.state != "down"))
    yield GaugeReading("app_spool_waiting", {}, health.waiting)
    yield GaugeReading("app_answers_running", {}, len(shared.jobs.running()))
    yield from _remaining(shared)
    yield from _paused(shared)


def _remaining(shared: Shared) -> Iterator[GaugeReading]:
    """Of limits that count the same, the one with least left."""
    catalog = shared.engine.catalog
    models = {model.name for provider in catalog.providers.values() for model in provider.models}
    least: dict[tuple[str, str, str, str], float] = {}
    for window in shared.budget.windows():
        if window.remaining is not None:
            scope = window.scope if window.scope in models or not window.scope else OTHER
            key = window.provider_id, scope, window.unit, window.per
            least[key] = min(float(window.remaining), least.get(key, float("inf")))
    for (provider_id, scope, unit, per), remaining in least.items():
        labels = {"gen_ai_provider_name": provider_id, "scope": scope, "unit": unit, "per": per}
        yield GaugeReading("app_quota_remaining", labels, remaining)


def _paused(shared: Shared) -> Iterator[GaugeReading]:
    engine = shared.engine
    calls = [
        PlannedCall(provider, model, hash_of(provider, engine.keyring.find(provider, {})))
        for provider in engine.catalog.providers.values()
        if not provider.simulated and engine.directory.is_ready(provider, {})
        for model in provider.models
        if model.listed
    ]
    targets = {call.model.id: target_of(call) for call in calls}
    paused = shared.admission_control.breaker.paused(list(targets.values()))
    for call in calls:
        labels = {"gen_ai_provider_name": call.provider.id, "gen_ai_request_model": call.model.id}
        yield GaugeReading("app_breaker_state", labels, float(targets[call.model.id] in paused))
