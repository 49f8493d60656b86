"""What is dead, double, without a source or stale in the catalogue, by a clock passed in. Reads no network.

dead            rows and limits that say nothing any more, evidence of what no row holds
duplicate       limits, names and addresses that stand there twice
unsourced       facts that nobody in evidence.toml or models_dev.csv says
contradiction   a row says another day than the evidence that is believed most, or a day that is still to come
soon, stale, undocumented       for somebody to look at
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from core.providers import lifecycle
from core.providers.evidence import Fact, midnight, of_limit, unsourced
from core.providers.limits import BY_MODEL
from core.records import Limit, Provider

OLD_ROW = timedelta(days=365)  # a row that ended so long ago explains nothing any more
OLD_TABLE = timedelta(days=120)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
Kind = Literal["dead", "duplicate", "unsourced", "contradiction", "stale", "soon", "undocumented"]
FAULTS: tuple[Kind, ...] = (
    "dead",
    "duplicate",
    "unsourced",
    "contradiction",
)  # what should not stay; the rest is for somebody to read


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: its kind, of whom, and what is the matter."""

    kind: Kind
    subject: str
    says: str

    def __str__(self) -> str:
        return f"{self.kind:<15}{self.subject}: {self.says}"


def findings(providers: Mapping[str, Provider], facts: Iterable[Fact], now: datetime) -> list[Finding]:
    """All findings, in the order of the catalogue."""
    living = [provider for provider in providers.values() if provider.state != "retired"]
    facts = list(facts)
    findings_of_providers = [finding for provider in living for finding in _of(provider, now)]
    of_facts = [finding for fact in facts for finding in _of_fact(fact, providers, now)]
    return [*findings_of_providers, *_same_address(living), *of_facts]


def _of(provider: Provider, now: datetime) -> Iterator[Finding]:
    yield from _of_models(provider, now)
    yield from _of_limits(provider, now)
    for model, topic in unsourced(provider):
        yield Finding("unsourced", model.id, f"nobody in evidence.toml or models_dev.csv says its {topic}")
    yield from _doubles(provider)
    for name, day in (("the table", provider.checked), *(("a limit", limit.checked) for limit in provider.limits)):
        if day and midnight(day) > now:
            yield Finding("contradiction", provider.id, f"{name} was checked on {day}, which is still to come")
    if provider.checked and not provider.simulated and now - midnight(provider.checked) > OLD_TABLE:
        yield Finding("stale", provider.id, f"checked on {provider.checked}")
    for source, checked in _doubtful(provider, now):
        yield Finding("stale", provider.id, f"limits by {source} of {checked} are doubtful by now")


def _of_models(provider: Provider, now: datetime) -> Iterator[Finding]:
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
        if model.alias_of and model.alias_of not in names:
            yield Finding("dead", model.id, f"it is an alias of {model.alias_of}, which no row holds")
        if model.successor and model.successor not in offered:
            yield Finding("dead", model.id, f"its successor {model.successor} is not offered")


def _of_limits(provider: Provider, now: datetime) -> Iterator[Finding]:
    names = {model.name for model in (*provider.models, *provider.speech)}
    offered = {
        model.name for model in (*provider.models, *provider.speech) if lifecycle.is_offered(model, provider, now)
    }
    for limit in provider.limits:
        gone = sorted({*limit.models} & (names - offered))
        if gone and not {*limit.models} & offered and "*" not in "".join(limit.models):
            yield Finding("dead", provider.id, f"a limit is for {', '.join(gone)} alone, which ended")
        for pattern in limit.models:
            if names and not any(fnmatchcase(name, pattern) for name in names):
                yield Finding("dead", provider.id, f"a limit is for {pattern}, which no row holds")
    for limits in _alike(provider.limits):
        yield Finding("duplicate", provider.id, f"{limits} limits of one kind for the same models")


def _doubles(provider: Provider) -> Iterator[Finding]:
    """Names that differ in case alone, and models that two limits of a kind count for themselves."""
    written = Counter(model.name.casefold() for model in provider.models)
    for name, times in written.items():
        if times > 1:
            yield Finding("duplicate", provider.id, f"{times} rows are named {name}, but for their case")
    for model in provider.models:
        own = [limit for limit in provider.limits if limit.pool in BY_MODEL and model.name in limit.models]
        for (unit, per), times in Counter((limit.unit, limit.per) for limit in own).items():
            if times > 1:
                yield Finding(
                    "duplicate", model.id, f"{times} limits of {unit} a {per} name it; the smaller one counts"
                )


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
        by_address[provider.base_url.casefold().rstrip("/")].append(provider.id)
    for address, ids in by_address.items():
        if len(ids) > 1:
            yield Finding("duplicate", ids[0], f"{', '.join(ids[1:])} has the same address {address}")


def _of_fact(fact: Fact, providers: Mapping[str, Provider], now: datetime) -> Iterator[Finding]:
    """What is wrong with a fact of evidence.toml."""
    best, subject = fact.best(now), " · ".join((fact.subject, *fact.models))
    words = f"{fact.topic}: {best.says} ({best.source}, {best.at:%Y-%m-%d})"
    provider_id, _, name = fact.subject.partition("/")
    provider = providers.get(provider_id)
    rows = {model.name: model for model in provider.models} if provider else {}
    for missing in [model for model in (*fact.models, *([name] if name else [])) if model not in rows]:
        yield Finding("dead", f"{provider_id}/{missing}", f"evidence of its {fact.topic}, but no row holds it")
    if provider is None:
        yield Finding("dead", provider_id, f"evidence of its {fact.topic}, but no table is about it")
    if any(witness.at > now for witness in fact.witnesses):
        yield Finding("contradiction", subject, f"{fact.topic}: a source is of a day that is still to come")
    day = DAY.match(best.says)
    if fact.topic == "ends_on" and name in rows and day and str(rows[name].ends_on) != day[0]:
        yield Finding("contradiction", subject, f"the row ends on {rows[name].ends_on}, but {words}")
    if best.kind == "undocumented":
        yield Finding("undocumented", subject, f"{fact.topic}, since {best.at:%Y-%m-%d}")
    elif best.sureness(now) == "doubtful":
        yield Finding("stale", subject, words)
