"""The sources behind the catalogue's facts, their dates, and how reliable each still is.

    facts_of(provider)           its facts and those of its models, each with the newest witness first
    Witness.sureness(now)        "sure", "likely" or "doubtful": an observation outweighs a document, and both decay
                                 with age
    Fact.best(now)               the most reliable witness

`evidence.toml` is loaded on first use; the witness of a limit is in the catalogue itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Required
from urllib.parse import urlsplit

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from ..errors import Setup
from ..records import Limit, Model, Provider
from . import models_dev
from .belief import Kind, Sureness, belief, sureness
from .tables import Day, Listed, Text, strict

Topic = Literal[
    "added", "base_url", "card", "default", "docs", "efforts", "ends_on", "free", "key_url", "limits", "listed",
    "max_output", "phone", "price", "real_name", "region", "successor", "trains", "trial", "window",
]  # fmt: skip
TABLE = Path(__file__).with_name("evidence.toml")
# The fields of a row that state a fact, by topic.
FIELDS: Mapping[Topic, tuple[str, ...]] = {
    "window": ("window_tokens",),
    "max_output": ("max_output_tokens",),
    "price": ("usd_per_million_in", "usd_per_million_out"),
    "free": ("free",),
    "ends_on": ("ends_on",),
    "successor": ("successor",),
    "efforts": ("efforts",),
}
UNSET: tuple[object, ...] = (None, (), "")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Witness:
    """One source and its statement. `at`: when it was made; `was`: the catalogue's value before this corrected it;
    `models`: of a provider's fact, the names that it covers."""

    says: str
    source: str
    at: datetime
    kind: Kind = "list"
    was: str = ""
    models: tuple[str, ...] = ()

    def belief(self, now: datetime) -> float:
        """1 for an observation made just now, decaying towards 0."""
        return belief(self.kind, self.at, now)

    def sureness(self, now: datetime) -> Sureness:
        return sureness(self.belief(now))


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known about one topic of `subject` (a provider or "provider/model"). The witnesses of a provider's fact
    all cover the same models, or all of the provider."""

    subject: str
    topic: Topic
    witnesses: tuple[Witness, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The names that a provider's fact covers, () for the provider as a whole."""
        return self.witnesses[0].models

    @property
    def is_disputed(self) -> bool:
        return len({witness.says for witness in self.witnesses}) > 1

    def best(self, now: datetime) -> Witness:
        """The most reliable witness; the newest of equal ones."""
        return max(self.witnesses, key=lambda witness: (witness.belief(now), witness.at))


@strict
class _Witness(TypedDict, total=False):
    says: Required[Text]
    source: Required[Text]
    on: Required[Day]
    kind: Literal["official", "list", "report", "undocumented"]
    was: Text
    models: Listed[Text]


Table = dict[Text, dict[Topic, Annotated[Listed[_Witness], Field(min_length=1)]]]


def facts_of(provider: Provider) -> list[Fact]:
    """The facts of a provider, then those of its models, as the file has them."""
    own = provider.id, f"{provider.id}/"
    return [fact for fact in shipped() if fact.subject == own[0] or fact.subject.startswith(own[1])]


@cache
def shipped() -> tuple[Fact, ...]:
    """All facts of the file. Raises Setup with every fault when it is broken."""
    return read(TABLE.read_text(encoding="utf-8"))


def read(text: str) -> tuple[Fact, ...]:
    """The facts of a text as the file's. Raises Setup."""
    try:
        tables = TypeAdapter(Table).validate_python(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise Setup(f"{TABLE.name}: {error}") from None
    facts: dict[tuple[str, Topic, tuple[str, ...]], list[Witness]] = {}
    for subject, table in tables.items():
        for topic, rows in table.items():
            for witness in map(_witness, rows):
                facts.setdefault((subject, topic, witness.models), []).append(witness)
    return tuple(Fact(subject, topic, tuple(witnesses)) for (subject, topic, _), witnesses in facts.items())


def corrections(facts: Iterable[Fact]) -> list[tuple[Fact, Witness]]:
    """Every witness that led to a correction of the catalogue."""
    return [(fact, witness) for fact in facts for witness in fact.witnesses if witness.was]


def of_limit(limit: Limit, provider: Provider, says: str) -> Witness | None:
    """The witness of a limit in the catalogue; None if it has no date. `says`: the limit in words."""
    if not limit.checked:
        return None
    kind: Kind = "official" if _is_vendors(limit.source, provider) else "list"
    return Witness(says, limit.source, midnight(limit.checked), kind)


def of_model(model: Model, provider: Provider, topic: Topic) -> list[Witness]:
    """Who says this of a model: by its name, in a fact of its provider that covers it, or in models.dev."""
    named = [
        witness
        for fact in shipped()
        if fact.topic == topic
        for witness in fact.witnesses
        if fact.subject == model.id or (fact.subject == provider.id and model.name in witness.models)
    ]
    stated = [name for name in FIELDS.get(topic, ()) if getattr(model, name) not in UNSET]
    agreeing = bool(stated) and all(models_dev.agrees(model, provider, name) for name in stated)
    return [*named, *([Witness("", models_dev.SOURCE, midnight(models_dev.AS_OF))] if agreeing else [])]


def unsourced(provider: Provider) -> list[tuple[Model, Topic]]:
    """Facts in the rows of the catalogue that nobody says: each needs a line in evidence.toml, and be it that it is
    undocumented. Simulated models are facts of this program."""
    if provider.simulated:
        return []
    return [
        (model, topic)
        for model in provider.models
        for topic, names in FIELDS.items()
        if any(getattr(model, name) not in UNSET for name in names) and not of_model(model, provider, topic)
    ] + [(model, "listed") for model in provider.models if not model.listed and not of_model(model, provider, "listed")]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _is_vendors(source: str, provider: Provider) -> bool:
    """Whether a source names a host of the provider's, as its documentation and its address have it."""
    own = {_domain(urlsplit(address).hostname or "") for address in (provider.docs, provider.base_url)}
    return any(_domain(host) in own for host in _HOST.findall(source.lower()))


def _domain(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def _witness(row: _Witness) -> Witness:
    at, kind = midnight(row["on"]), row.get("kind", "list")
    return Witness(row["says"], row["source"], at, kind, row.get("was", ""), tuple(row.get("models", ())))
