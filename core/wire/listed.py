"""What a list of models tells of each beside its name: when it ends, what comes after it, window, prices, modalities.

Vendors write it in fields of their own; what is not there, or is not as they document it, stays unknown.

    shutdown_date, expiration_date, retirement_date, sunset_date    OpenAI, OpenRouter and others: a day, or seconds
    context_length, max_context_length, context_window, inputTokenLimit     the window
    pricing = { prompt, completion }                                        OpenRouter: USD for one token, as text
    architecture = { input_modalities }, supported_parameters               OpenRouter
    capabilities = { vision, function_calling }                             Mistral
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ..records import Ability, ListedModel, Modality
from .shape import MAX_COUNT, fields, items

ENDS = ("shutdown_date", "expiration_date", "retirement_date", "sunset_date")
SUCCESSORS = ("replacement_model", "deprecation_replacement_model", "successor")
WINDOWS = ("context_length", "max_context_length", "context_window", "max_model_len", "inputTokenLimit")
LONGEST = ("max_completion_tokens", "max_output_tokens", "outputTokenLimit")
# The words of OpenRouter's `supported_parameters` for each ability; a list that holds none of them denies it.
ABILITIES: Mapping[Ability, frozenset[str]] = {
    "tools": frozenset({"tools"}),
    "json_schema": frozenset({"structured_outputs"}),
    "reasoning_effort": frozenset({"reasoning_effort", "reasoning"}),
}
MODALITIES: Mapping[Modality, frozenset[str]] = {
    "text": frozenset({"text"}),
    "image": frozenset({"image"}),
    "audio": frozenset({"audio"}),
    "video": frozenset({"video"}),
    "pdf": frozenset({"pdf", "file"}),
}
YEARS = range(2020, 2100)
MILLION = Decimal(1_000_000)


def details(body: Any) -> list[ListedModel]:
    """The models of a list that tell more than a name."""
    return [model for model in map(_model, _rows(body)) if model and model != ListedModel(model.name)]


def _rows(body: Any) -> Iterator[Mapping[str, Any]]:
    rows = body if isinstance(body, list) else fields(body).get("data") or fields(body).get("models")
    yield from map(fields, items(rows))


def _model(row: Mapping[str, Any]) -> ListedModel | None:
    name = row.get("id") or row.get("name") or row.get("model")
    if not isinstance(name, str) or not name:
        return None
    prices = fields(row.get("pricing"))
    modalities = frozenset(map(str, items(fields(row.get("architecture")).get("input_modalities"))))
    supported = frozenset(map(str, items(row.get("supported_parameters"))))
    capable = fields(row.get("capabilities"))  # Mistral's
    return ListedModel(
        name.removeprefix("models/"),
        ends_on=next((day for key in ENDS if (day := _day(row.get(key)))), None),
        successor=next((word for key in SUCCESSORS if isinstance(word := row.get(key), str)), ""),
        window_tokens=_first_count(row, WINDOWS),
        max_output_tokens=_first_count(row, LONGEST),
        usd_per_million_in=_price(prices.get("prompt")),
        usd_per_million_out=_price(prices.get("completion")),
        usd_per_million_cached=_price(prices.get("input_cache_read")) if "input_cache_read" in prices else None,
        input=tuple(modality for modality, words in MODALITIES.items() if words & modalities) or _seen(capable),
        abilities=tuple(ability for ability, words in ABILITIES.items() if words & supported)
        or (("tools",) if capable.get("function_calling") is True else ()),
        lacks=tuple(ability for ability, words in ABILITIES.items() if supported and not words & supported)
        or (("tools",) if capable.get("function_calling") is False else ()),
    )


def _seen(capable: Mapping[str, Any]) -> tuple[Modality, ...]:
    match capable.get("vision"):
        case True:
            return ("text", "image")
        case False:
            return ("text",)
    return ()


def _first_count(row: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    values = (row.get(key) for key in keys)
    return next((value for value in values if type(value) is int and 0 < value <= MAX_COUNT), None)


def _day(value: Any) -> date | None:
    """A day out of "2027-01-14", "2027-01-14T00:00:00Z" or seconds since 1970."""
    try:
        day = datetime.fromtimestamp(value, UTC).date() if type(value) is int else date.fromisoformat(value[:10])
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return day if day.year in YEARS else None


def _price(value: Any) -> Decimal | None:
    """USD per million tokens out of the price of one; negative ones mean "it depends"."""
    try:
        price = Decimal(str(value)) * MILLION
    except ArithmeticError:
        return None
    return price.normalize() if price.is_finite() and 0 <= price <= MILLION else None
