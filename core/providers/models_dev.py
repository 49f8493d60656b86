"""What models.dev knows of models: window, longest answer, modalities, abilities and prices, as of July 2026.

It fills in what the catalogue leaves open and never overrules it. The file is read when it is first needed, which is
not at the start. Its licence stands beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ..records import Ability, Modality, Model, Provider

AS_OF = date(2026, 7, 1)
SOURCE = "models.dev"
TABLE = Path(__file__).with_name("models_dev.csv")
NAMED_ELSEWHERE = {"moonshot-cn": "moonshot"}  # one vendor, two sites
ROUNDED = Decimal("0.06")
_MODALITIES: tuple[Modality, ...] = ("text", "image", "audio", "video", "pdf")
_ABILITIES: tuple[Ability, ...] = ("tools", "json_schema")


def filled(model: Model, provider: Provider) -> Model:
    """The model with its unset fields filled in from models.dev, as far as known there."""
    row = _rows().get((NAMED_ELSEWHERE.get(provider.id, provider.id), model.name.casefold()))
    if row is None:
        return model
    open_: dict[str, Any] = {
        "window_tokens": _count(row["window_tokens"]),
        "max_output_tokens": _count(row["max_output_tokens"]),
        "input": tuple(choice for choice in _MODALITIES if choice in row["input"].split("+")),
        "abilities": tuple(choice for choice in _ABILITIES if choice in row["abilities"].split("+")),
        "reasoning": bool(row["reasoning"]),
        **(_prices(row) if is_priced(provider) else {}),
    }
    return replace(model, **{name: value for name, value in open_.items() if value and not getattr(model, name)})


def agrees(model: Model, provider: Provider, field: str) -> bool:
    """Whether models.dev says the same of a field; of a window, as far as it is rounded."""
    row = _rows().get((NAMED_ELSEWHERE.get(provider.id, provider.id), model.name.casefold()))
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
    row = _rows().get((NAMED_ELSEWHERE.get(provider.id, provider.id), model.name.casefold()))
    prices = _prices(row) if row else {}
    return (prices["usd_per_million_in"], prices["usd_per_million_out"]) if prices else None


def _prices(row: Mapping[str, str]) -> dict[str, Decimal]:
    if not (row["usd_per_million_in"] and row["usd_per_million_out"]):
        return {}
    return {name: Decimal(row[name]) for name in ("usd_per_million_in", "usd_per_million_out")}


def _count(text: str) -> int | None:
    return int(text) if text else None


@cache
def _rows() -> Mapping[tuple[str, str], Mapping[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["provider"], row["model"].casefold()): row for row in csv.DictReader(file)}
