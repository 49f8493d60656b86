"""What is dead, double or stale in the catalogue, by a clock passed in. Reads no network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core.providers import lifecycle
from core.providers.evidence import Fact, midnight, of_limit, unsourced
from core.records import Limit, Provider

OLD_ROW = timedelta(days=365)  # a row that ended so long ago explains nothing any more
OLD_TABLE = timedelta(days=120)
Kind = Literal["dead", "duplicate", "unsourced", "stale", "soon"]
FAULTS: tuple[Kind, ...] = ("dead", "duplicate", "unsourced")  # what should not stay; the rest is for somebody to read


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: its kind, of whom, and what is the matter."""

    kind: Kind
    subject: str
    says: str

    def __str__(self) -> str:
        return f"{self.kind:<10}{self.subject}: {self.says}"


def findings(providers: Mapping[str, Provider], facts: Iterable[Fact], now: datetime) -> list[Finding]:
    """All findings, in the order of the catalogue."""
    living = [provider for provider in providers.values() if provider.state != "retired"]
    findings_of_providers = [finding for provider in living for finding in _of(provider, now)]
    return [*findings_of_providers, *_same_address(living), *_stale_facts(facts, now)]


def _of(provider: Provider, now: datetime) -> Iterator[Finding]:
    names = {model.name for model in provider.models}
    offered = {model.name for model in provider.models if lifecycle.is_offered(model, provider, now)}
    if names and not offered:
        yield Finding("dead", provider.id, "no model of it is offered any more")
    for model in provider.models:
        left = lifecycle.days_left(model, provider, now)
        if left == 0 and model.ends_on and now - midnight(model.ends_on) > OLD_ROW:
            yield Finding("dead", model.id, f"ended on {model.ends_on}: the row can go")
        elif left and left <= lifecycle.SOON_DAYS:
            yield Finding("soon", model.id, f"ends on {model.ends_on}, then {model.successor or 'nothing is named'}")
        if model.successor and model.successor not in offered:
            yield Finding("dead", model.id, f"its successor {model.successor} is not offered")
    for limit in provider.limits:
        gone = sorted({*limit.models} & (names - offered))
        if gone and not {*limit.models} & offered and "*" not in "".join(limit.models):
            yield Finding("dead", provider.id, f"a limit is for {', '.join(gone)} alone, which ended")
    for model, topic in unsourced(provider):
        yield Finding("unsourced", model.id, f"nobody in evidence.toml or models_dev.csv says its {topic}")
    for limits in _alike(provider.limits):
        yield Finding("duplicate", provider.id, f"{limits} limits of one kind for the same models")
    if provider.checked and not provider.simulated and now - midnight(provider.checked) > OLD_TABLE:
        yield Finding("stale", provider.id, f"checked on {provider.checked}")
    for source, checked in _doubtful(provider, now):
        yield Finding("stale", provider.id, f"limits by {source} of {checked} are doubtful by now")


def _alike(limits: Sequence[Limit]) -> Iterator[int]:
    kinds: dict[tuple[object, ...], int] = defaultdict(int)
    for limit in limits:
        kinds[limit.pool, limit.unit, limit.per, limit.models] += 1
    yield from (number for number in kinds.values() if number > 1)


def _doubtful(provider: Provider, now: datetime) -> list[tuple[str, object]]:
    witnesses = [(limit, of_limit(limit, provider, "")) for limit in provider.limits]
    doubtful = [limit for limit, witness in witnesses if witness and witness.sureness(now) == "doubtful"]
    return list(dict.fromkeys((limit.source, limit.checked) for limit in doubtful))


def _same_address(providers: Iterable[Provider]) -> Iterator[Finding]:
    by_address: dict[str, list[str]] = defaultdict(list)
    for provider in providers:
        by_address[provider.base_url].append(provider.id)
    for address, ids in by_address.items():
        if len(ids) > 1:
            yield Finding("duplicate", ids[0], f"{', '.join(ids[1:])} has the same address {address}")


def _stale_facts(facts: Iterable[Fact], now: datetime) -> Iterator[Finding]:
    for fact in facts:
        best = fact.best(now)
        if best.sureness(now) == "doubtful":
            yield Finding("stale", fact.subject, f"{fact.topic}: {best.says} ({best.source}, {best.at:%Y-%m-%d})")
