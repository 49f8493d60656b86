"""What to use for which kind of question, by a person's votes, with what is left of each model and how fast it begins.

Kept in memory for half a minute by owner and keys, since a chat is drawn often. A person without enough votes costs one
read of sums.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from ..budget import Budget
from ..engine import Engine
from ..insight.latency import merged, summary
from ..insight.use_for import ModelOffer, UseFor, use_for
from ..providers.capacity import capacity
from ..records import Owner, Provider, Window
from ..store.database import Database
from ..store.latency import buckets
from ..store.latency.read import Measurements
from ..store.votes import ballots
from ..views.latency import Series

FRESH_S = 30.0
MOST_OWNERS = 500
MEASURED_HOURS = 30 * 24
PERIODS = ("day", "hour", "month", "once")
FIRST_TOKEN = buckets.Metric.TTFT


@dataclass(frozen=True, slots=True)
class Advice:
    """`uses` by topic; `offers` by the id of each model among the best of a topic."""

    uses: tuple[UseFor, ...] = ()
    offers: Mapping[str, ModelOffer] = field(default_factory=dict)

    def on(self, topic: str) -> UseFor | None:
        """What to use for a topic; None while the votes do not tell."""
        return next((use for use in self.uses if use.topic == topic and use.best), None)


class RecentAdvice:
    """The newest advice of 500 owners; thread-safe. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, object, Advice]] = OrderedDict()
        self._lock = Lock()

    def get(self, owner_id: str, keys: object) -> Advice | None:
        with self._lock:
            at, kept_keys, advice = self._kept.get(owner_id, (0.0, None, Advice()))
        return advice if kept_keys == keys and self._clock() - at < FRESH_S else None

    def keep(self, owner_id: str, keys: object, advice: Advice) -> Advice:
        with self._lock:
            self._kept[owner_id] = self._clock(), keys, advice
            self._kept.move_to_end(owner_id)
            while len(self._kept) > MOST_OWNERS:
                self._kept.popitem(last=False)
        return advice


class Recommendations:
    """One person's. Raises `StoreError`."""

    def __init__(self, engine: Engine, database: Database, budget: Budget, recent: RecentAdvice, owner: Owner) -> None:
        self._engine = engine
        self._database = database
        self._budget = budget
        self._recent = recent
        self._owner = owner

    def recent(self) -> Advice:
        """Not older than half a minute."""
        return self._recent.get(self._owner.id, self._keys()) or self.now()

    def now(self) -> Advice:
        """Read now."""
        uses = use_for(ballots.tallies(self._database, self._owner.id), self._may_answer)
        names = {rival.model_id for use in uses for rival in use.best}
        advice = Advice(tuple(uses), self._offers(names) if names else {})
        return self._recent.keep(self._owner.id, self._keys(), advice)

    def _keys(self) -> object:
        """For whom advice holds: other keys reach other models."""
        keys = self._owner.keys
        return frozenset(keys), frozenset(getattr(keys, "chosen", {}).items()), getattr(keys, "models", None)

    def _may_answer(self, model_id: str) -> bool:
        directory, keys = self._engine.directory, self._owner.keys
        provider = self._engine.catalog.providers.get(model_id.partition("/")[0])
        if provider is None or provider.state == "retired" or not directory.standing(provider, keys).may_be_asked:
            return False
        model = next((model for model in provider.models if model.id == model_id), None)
        return model is None or not directory.life(provider, keys).has_ended(model)

    def _offers(self, model_ids: Iterable[str]) -> dict[str, ModelOffer]:
        windows: dict[str, list[Window]] = {}
        for window in self._budget.windows(self._owner.keys, self._owner.id):
            windows.setdefault(window.provider_id, []).append(window)
        first_tokens = self._first_tokens(model_ids)
        return {
            model_id: self._offer(model_id, windows, *first_tokens.get(model_id, (None, 0))) for model_id in model_ids
        }

    def _offer(
        self, model_id: str, windows: Mapping[str, list[Window]], ttft_ms: float | None, answers: int
    ) -> ModelOffer:
        provider_id, _, name = model_id.partition("/")
        provider = self._engine.catalog.providers[provider_id]
        if provider.simulated or provider.local:
            return ModelOffer(counted=False, ttft_ms=ttft_ms, answers=answers)
        long = [window for window in windows.get(provider_id, []) if window.per in PERIODS]
        calls = capacity(long, [name], "requests")
        if calls is None or calls.left is None or calls.per not in ("day", "hour", "month", "once"):
            return ModelOffer(ttft_ms=ttft_ms, answers=answers)
        return ModelOffer(calls.left, calls.per, ttft_ms=ttft_ms, answers=answers)

    def _first_tokens(self, model_ids: Iterable[str]) -> dict[str, tuple[float, int]]:
        """The median in milliseconds and the number of answers of the last 30 days, undisturbed ones only."""
        times, wanted = Measurements(self._database, self._owner.id), frozenset(model_ids)
        providers = self._engine.catalog.providers
        chosen = [
            entry
            for entry in times.series_of()
            if entry.model_id in wanted and _is_measured(entry, providers.get(entry.provider_id))
        ]
        if not chosen:
            return {}
        measured = times.histograms(chosen, buckets.since(datetime.now(UTC), MEASURED_HOURS), [FIRST_TOKEN])
        sums = {name: summary(merged([metrics.get(FIRST_TOKEN, [])])) for name, metrics in measured.items()}
        return {name: (values.median, values.n) for name, values in sums.items() if values}


def _is_measured(series: Series, provider: Provider | None) -> bool:
    """What a simulator answered at a real provider's address does not count for that provider."""
    simulated = bool(series.flags & buckets.AnswerFlag.SIMULATED)
    return provider is not None and not series.flags & buckets.ODD and simulated == provider.simulated
