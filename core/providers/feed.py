"""A file of facts that arrives without an upgrade. It may change facts of shipped providers and add models to them.

It never says where a provider is, how it is called or with which key: a file that holds any other field than these is
refused whole. Providers that the operator changed, the simulator and servers on this computer are left alone.

    read(text)                   the tables of a file; raises Setup with its faults
    applied(provider, table)     the provider with these facts
    Kept                         the last good file and its ETag, in the data folder
"""

from __future__ import annotations

import json
import logging
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from ..errors import Setup
from ..records import NOTHING, Limit, Model, Provider
from .tables import Day, LimitTable, ModelTable, SharedTable, Text, strict

MOST_BYTES = 1_000_000
MOST_ROWS = 2_000
_NAME = re.compile(r"[^\s\x00-\x1f\x7f?#%\\]{1,200}")
log = logging.getLogger("roundtable.providers")


@strict
class FeedTable(TypedDict, total=False):
    """What a feed may say of one provider."""

    checked: Day
    source: Text
    limits_from: SharedTable
    limits: Annotated[list[LimitTable], Field(max_length=MOST_ROWS)]
    models: Annotated[list[ModelTable], Field(max_length=MOST_ROWS)]


_Tables = dict[str, FeedTable]


def read(text: str) -> Mapping[str, FeedTable]:
    """The tables of a feed. Raises Setup."""
    try:
        tables = TypeAdapter(_Tables).validate_python(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError:
        raise Setup("The catalogue feed was refused: it is not valid TOML.") from None
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise Setup(f"The catalogue feed was refused: {where} must not be there, or has another form.") from None
    for table in tables.values():
        names = [row["name"] for row in table.get("models", ())]
        if any(not _NAME.fullmatch(name) or ".." in name.split("/") for name in names) or len({*names}) < len(names):
            raise Setup("The catalogue feed was refused: a model has no proper name, or is there twice.")
    return tables


def may_change(provider: Provider) -> bool:
    return not (provider.simulated or provider.local or provider.own or provider.state == "retired")


def applied(provider: Provider, table: FeedTable) -> Provider:
    """The provider with the facts of a feed; all else stays as it is."""
    changed: dict[str, Any] = {name: table[name] for name in ("checked", "source") if name in table}
    if "limits" in table:
        shared: dict[str, Any] = {"amount": None, "zone": provider.zone, **table.get("limits_from", {})}
        changed["limits"] = tuple(Limit(**{**shared, **limit}) for limit in table["limits"])
    if "models" in table:
        changed["models"] = _models(provider, table["models"])
    return replace(provider, **changed)


def _models(provider: Provider, rows: list[ModelTable]) -> tuple[Model, ...]:
    """The provider's models, changed and new ones among them; the order is the catalogue's."""
    models = {model.name: model for model in provider.models}
    for row in rows:
        name = row["name"]
        model = models.get(name) or Model(f"{provider.id}/{name}", name, provider.id)
        facts: dict[str, Any] = {**row}
        models[name] = replace(model, **facts)
    return tuple(models.values())


@dataclass(frozen=True, slots=True)
class Kept:
    """The last good feed: its text, its ETag ("" where it had none), when it was asked for last, and since when it has
    each of the models that it adds, by "provider/name"."""

    text: str
    etag: str
    at: datetime
    since: Mapping[str, datetime] = field(default_factory=lambda: NOTHING)

    def save(self, path: Path) -> None:
        if not path.parent.is_dir():  # a script that keeps nothing
            return
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            since = {model_id: at.isoformat() for model_id, at in self.since.items()}
            payload = {"text": self.text, "etag": self.etag, "at": self.at.isoformat(), "since": since}
            aside.write_text(json.dumps(payload), "utf-8")
            aside.replace(path)
        except OSError as error:
            log.warning("the catalogue feed could not be kept (%s)", type(error).__name__)

    @classmethod
    def load(cls, path: Path) -> Kept | None:
        """What is kept at this path; None where nothing is, or it is not as we write it."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            since = {str(name): _instant(day) for name, day in raw.get("since", {}).items()}
            return cls(str(raw["text"]), str(raw["etag"]), _instant(raw["at"]), since)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
