"""What calls cost, from prices a million tokens, exactly: before they are made and after.

    cost_usd(model, read, wrote, cached, reasoned)    -> Decimal, or None without a price or a count
    usage_cost_usd(model, usage)                      -> the same of a provider's count
    lines(model, usage)                               -> the same as lines of tokens times price
    paid_price(model, provider)                       what a free model costs where it is paid, and where that is

Reasoning tokens are part of those that were written, cached ones of those that were read. Each has its own price where
the catalogue knows one; else it costs what the others do. Sounds and drawn pictures have prices that nobody tells: an
answer with them has no known cost. Where a provider says how many tokens are paid for, those count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from ..records import Model, Provider, Usage
from . import models_dev

MILLION = Decimal(1_000_000)
TokenKind = Literal["input", "cached", "output", "reasoning"]
# Who makes the models of these names, and sells them by the token.
MAKERS: Mapping[str, str] = {
    "gpt-": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "claude": "anthropic", "gemini": "gemini",
    "mistral": "mistral", "ministral": "mistral", "magistral": "mistral", "codestral": "mistral", "devstral": "mistral",
    "deepseek": "deepseek", "kimi": "moonshot", "glm": "zai", "minimax": "minimax", "grok": "xai", "command": "cohere",
    "qwen": "dashscope",
}  # fmt: skip
FREE_TAG = re.compile(r":free$")


@dataclass(frozen=True, slots=True)
class PriceLine:
    """So many tokens of a kind at a price."""

    kind: TokenKind
    tokens: int
    usd_per_million: Decimal

    @property
    def cost_usd(self) -> Decimal:
        return self.tokens * self.usd_per_million / MILLION


@dataclass(frozen=True, slots=True)
class PaidPrice:
    """The prices of a model where it is paid: `model` has them. `of_maker`: its maker's list price, since the provider
    that answered sells none."""

    model: Model
    provider_id: str
    of_maker: bool


def is_free(model: Model) -> bool:
    """Whether calls of this model cost nothing. A model of unknown price is not free."""
    priceless = model.usd_per_million_in == model.usd_per_million_out == 0
    return bool(model.free) or model.name.endswith(":free") or priceless


def cost_usd(
    model: Model,
    input_tokens: int | None,
    output_tokens: int | None,
    cached_tokens: int | None = None,
    reasoning_tokens: int | None = None,
) -> Decimal | None:
    """What so many tokens cost; None without a price or a count."""
    return usage_cost_usd(model, Usage(input_tokens, output_tokens, reasoning_tokens, cached_tokens))


def usage_cost_usd(model: Model, usage: Usage) -> Decimal | None:
    """What a provider's count costs; None without a price or a count."""
    if is_free(model):
        return Decimal(0)
    priced = lines(model, usage)
    return None if priced is None else sum((line.cost_usd for line in priced), Decimal(0))


def lines(model: Model, usage: Usage) -> list[PriceLine] | None:
    """The parts of a cost, those of no tokens left out; None where a price or a count is not known."""
    read_price, write_price = model.usd_per_million_in, model.usd_per_million_out
    is_billed = usage.billed_input_tokens is not None and usage.billed_output_tokens is not None
    read = usage.billed_input_tokens if is_billed else usage.input_tokens
    wrote = usage.billed_output_tokens if is_billed else usage.output_tokens
    if read_price is None or write_price is None or read is None or wrote is None or usage.media_tokens:
        return None
    cached_price, thought_price = model.usd_per_million_cached, model.usd_per_million_reasoning
    cached = min(usage.cached_tokens or 0, read) if cached_price is not None and not is_billed else 0
    thought = min(usage.reasoning_tokens or 0, wrote) if thought_price is not None else 0
    parts = [
        PriceLine("input", read - cached, read_price),
        PriceLine("cached", cached, cached_price or Decimal(0)),
        PriceLine("output", wrote - thought, write_price),
        PriceLine("reasoning", thought, thought_price or Decimal(0)),
    ]
    return [line for line in parts if line.tokens]


def paid_price(model: Model, provider: Provider) -> PaidPrice | None:
    """What this model costs at its provider's paid tier, else by its maker's list; None where neither is known."""
    if provider.simulated:
        return None
    name = FREE_TAG.sub("", model.name)
    own: dict[str, Any] = models_dev.prices(provider.id, name)
    if own and any(own.values()):
        return PaidPrice(replace(model, name=name, free=None, **own), provider.id, of_maker=False)
    bare = name.rpartition("/")[2].casefold()
    maker = next((maker for prefix, maker in MAKERS.items() if bare.startswith(prefix)), "")
    listed: dict[str, Any] = models_dev.prices(maker, bare) if maker and maker != provider.id else {}
    if listed and any(listed.values()):
        return PaidPrice(replace(model, name=name, free=None, **listed), maker, of_maker=True)
    return None


def would_cost_usd(paid: PaidPrice, usage: Usage | None) -> Decimal | None:
    """What this usage would have cost there."""
    return None if usage is None else usage_cost_usd(paid.model, usage)
