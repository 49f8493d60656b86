"""What the table tells of each provider, read once for a run of the page: values to sort by, not yet in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from ...insight.latency import quantile
from ...model_life import ProviderLife
from ...providers.capacity import Capacity, capacity
from ...providers.limits import meters_of, window_of, without_remaining
from ...providers.model_states import ModelState
from ...providers.standing import Standing
from ...records import Model, Provider, Unit, Window
from ...store import StoreError
from ...store.latency import buckets
from ...views.latency import Series
from .. import session
from ..models.choices import models_of
from ..quota import ledger

MEASURED_DAYS = 30
TOKENS_A_QUESTION = 1_000  # to compare a limit in tokens with one in requests; only the order depends on it
FIRST_TOKEN = buckets.Metric.TTFT


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider. `ready`: nothing is missing for a call; `running`: of a server on this computer; `ttft_ms`: the
    median of what was measured here; `ending`: the offered model that ends first. None: unknown."""

    provider: Provider
    standing: Standing
    state: ModelState
    ready: bool
    running: bool
    requests: Capacity | None
    tokens: Capacity | None
    models: int
    ttft_ms: float | None
    ending: Model | None

    @property
    def questions_a_day(self) -> Decimal | None:
        """How many questions of usual length it answers in a day with what is left; None where no limit tells."""
        requests = self.requests.left_a_day if self.requests else None
        counts_all = self.tokens and self.tokens.unit == "tokens" and not self.tokens.is_least
        tokens = self.tokens.left_a_day if self.tokens and counts_all else None
        bounds = [number for number in (requests, tokens and tokens / TOKENS_A_QUESTION) if number is not None]
        return min(bounds, default=None)


def rows(lives: Iterable[ProviderLife]) -> list[ProviderRow]:
    """A row for each provider, in this order."""
    providers, listed = session.engine().catalog.providers, session.listed_models()
    windows, first_tokens = _windows(), _first_tokens(providers, datetime.now(UTC))
    return [_row(life, listed, windows.get(life.provider.id), first_tokens.get(life.provider.id)) for life in lives]


def _row(
    life: ProviderLife, listed: Mapping[str, Sequence[str]], windows: list[Window] | None, ttft_ms: float | None
) -> ProviderRow:
    provider = life.provider
    standing = session.standing(provider)
    offered = [model for model in models_of(provider, listed) if life.is_offered(model)]
    running = provider.id in session.running_servers()
    names = [model.name for model in offered] or [""]  # limits of a provider without known models hold for any
    if windows is None:
        windows = list(_documented(provider, names, life.now))
    ending_models = [row for row in map(life.row, offered) if row.ends_on]
    return ProviderRow(
        provider,
        standing,
        life.overall(standing),
        standing.may_be_asked and provider.state != "retired" and (not provider.local or running),
        running,
        capacity(windows, names, "requests"),
        _tokens(windows, names),
        len(offered),
        ttft_ms,
        min(ending_models, key=lambda model: model.ends_on or date.max, default=None),
    )


def _tokens(windows: Sequence[Window], names: Sequence[str]) -> Capacity | None:
    """The limit in tokens, or in what else a provider counts them by; one of a minute only where there is no longer."""
    units: tuple[Unit, ...] = ("tokens", "neurons", "usd")
    limits = [limit for unit in units if (limit := capacity(windows, names, unit))]
    return next((limit for limit in limits if limit.per != "minute"), next(iter(limits), None))


def _windows() -> dict[str, list[Window]]:
    """The counters of the providers that can be called, by provider; none while nothing can have been counted."""
    by_provider: dict[str, list[Window]] = {}
    if session.has_history():
        with suppress(StoreError):
            for window in ledger.windows():
                by_provider.setdefault(window.provider_id, []).append(window)
    return by_provider


def _documented(provider: Provider, names: Iterable[str], now: datetime) -> Iterator[Window]:
    """The counters as the catalogue has them, of which nothing was counted."""
    meters = {meter.id: meter for name in names for meter in meters_of(provider, name)}
    for meter in meters.values():
        yield without_remaining(window_of(meter, now))


def _first_tokens(providers: Mapping[str, Provider], now: datetime) -> dict[str, float]:
    """The median time to the first token in milliseconds by provider, of this person's answers of the last 30 days.

    What a simulator answered at a real provider's address does not count for that provider.
    """
    values: dict[str, Counter[float]] = {}
    if not session.has_history():
        return {}
    with suppress(StoreError):
        times = session.person().measurements
        chosen = [entry for entry in times.series_of() if _is_measured(entry, providers.get(entry.provider_id))]
        provider_of = {entry.model_id: entry.provider_id for entry in chosen}
        since = buckets.since(now, MEASURED_DAYS * 24)
        for model_id, measured in times.histograms(chosen, since, [FIRST_TOKEN]).items():
            counted = values.setdefault(provider_of[model_id], Counter())
            counted.update(dict(measured[FIRST_TOKEN]))
    return {name: quantile(sorted(counted.items()), 0.5) for name, counted in values.items()}


def _is_measured(series: Series, provider: Provider | None) -> bool:
    simulated = bool(series.flags & buckets.AnswerFlag.SIMULATED)
    return provider is not None and not series.flags & buckets.ODD and simulated == provider.simulated
