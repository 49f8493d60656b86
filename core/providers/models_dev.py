"""What models.dev knows of models: window, longest answer, modalities, abilities and prices, as of July 2026.

It fills in what the catalogue leaves open and never overrules it: of a row what the model can take and do (`able`), of
a model without a row all (`filled`). Its licence stands beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from ..records import Ability, Modality, Model, Provider

AS_OF = date(2026, 7, 1)
SOURCE = "models.dev"
TABLE = Path(__file__).with_name("models_dev.csv")
NAMED_ELSEWHERE = {"moonshot-cn": "moonshot"}  # one vendor, two sites
ROUNDED = Decimal("0.06")
Choice = TypeVar("Choice", bound=str)
_MODALITIES: tuple[Modality, ...] = ("text", "image", "audio", "video", "pdf")
_ABILITIES: tuple[Ability, ...] = ("tools", "json_schema", "reasoning_effort")


def able(model: Model, provider: Provider) -> Model:
    """A row of the catalogue with what models.dev knows of the model beside its window and its prices: what it reads,
    what it can and cannot do, and what cached tokens cost where both name the same price."""
    row = _row(model, provider)
    if row is None:
        read = _read_elsewhere().get(_bare(model.name), ())
        return replace(model, input=read) if read and not model.input else model
    same_price = row["usd_per_million_in"] and model.usd_per_million_in == Decimal(row["usd_per_million_in"])
    lacks, thinks = _choices(_ABILITIES, row["lacks"]), model.reasoning or model.efforts
    features: dict[str, Any] = {
        "input": _choices(_MODALITIES, row["input"]),
        "abilities": _choices(_ABILITIES, row["abilities"]),
        "lacks": tuple(ability for ability in lacks if ability != "reasoning_effort" or not thinks),
        **({"usd_per_million_cached": _price(row["usd_per_million_cached"])} if same_price else {}),
    }
    return replace(model, **{name: value for name, value in features.items() if value and not getattr(model, name)})


def filled(model: Model, provider: Provider) -> Model:
    """The model with its unset fields filled in from models.dev, as far as known there."""
    row = _row(model, provider)
    if row is None:
        return model
    open_: dict[str, Any] = {
        "window_tokens": _count(row["window_tokens"]),
        "max_output_tokens": _count(row["max_output_tokens"]),
        "input": _choices(_MODALITIES, row["input"]),
        "abilities": _choices(_ABILITIES, row["abilities"]),
        "lacks": _choices(_ABILITIES, row["lacks"]),
        "reasoning": bool(row["reasoning"]),
        **(_prices(row) if is_priced(provider) else {}),
    }
    return replace(model, **{name: value for name, value in open_.items() if value and not getattr(model, name)})


def agrees(model: Model, provider: Provider, field: str) -> bool:
    """Whether models.dev says the same of a field; of a window, as far as it is rounded."""
    row = _row(model, provider)
    value: Decimal | int | None = getattr(model, field)
    if row is None or not row.get(field) or value is None:
        return False
    return abs(Decimal(row[field]) - value) <= (ROUNDED * value if field == "window_tokens" else 0)


def is_priced(provider: Provider) -> bool:
    """Whether a price per token is what a call costs: not within a free tier that is counted in requests."""
    counted_in_money = any(limit.unit == "usd" for limit in provider.limits)
    return provider.free is not True or counted_in_money or any(model.free for model in provider.models)


def list_price(model: Model, provider: Provider) -> tuple[Decimal, Decimal] | None:
    """USD per million tokens read and written where calls are paid, also where a free tier comes first."""
    row = _row(model, provider)
    prices = _prices(row) if row else {}
    return (prices["usd_per_million_in"], prices["usd_per_million_out"]) if prices else None


def prices(provider_id: str, name: str) -> dict[str, Decimal]:
    """The prices of a row, as fields of a `Model`; {} where there is none."""
    row = _rows().get((NAMED_ELSEWHERE.get(provider_id, provider_id), name.casefold()))
    return _prices(row) if row else {}


def _prices(row: Mapping[str, str]) -> dict[str, Decimal]:
    if not (row["usd_per_million_in"] and row["usd_per_million_out"]):
        return {}
    named = ("usd_per_million_in", "usd_per_million_out", "usd_per_million_cached")
    return {name: Decimal(row[name]) for name in named if row[name]}


def _price(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _choices(choices: tuple[Choice, ...], text: str) -> tuple[Choice, ...]:
    return tuple(choice for choice in choices if choice in text.split("+"))


@cache
def _read_elsewhere() -> Mapping[str, tuple[Modality, ...]]:
    """What a model reads, by its bare name, where all who serve it say the same."""
    inputs_of: dict[str, set[str]] = {}
    for (_, name), row in _rows().items():
        if row["input"]:
            inputs_of.setdefault(_bare(name), set()).add(row["input"])
    return {name: _choices(_MODALITIES, "".join(inputs)) for name, inputs in inputs_of.items() if len(inputs) == 1}


def _bare(name: str) -> str:
    """`openai/gpt-oss-20b:free` is `gpt-oss-20b` everywhere."""
    return name.casefold().rpartition("/")[2].partition(":")[0]


def _row(model: Model, provider: Provider) -> Mapping[str, str] | None:
    return _rows().get((NAMED_ELSEWHERE.get(provider.id, provider.id), model.name.casefold()))


def _count(text: str) -> int | None:
    return int(text) if text else None


@cache
def _rows() -> Mapping[tuple[str, str], Mapping[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["provider"], row["model"].casefold()): row for row in csv.DictReader(file)}
