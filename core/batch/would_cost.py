"""What the free answers of a batch would have cost where their models are paid, by today's prices: cached and reasoning
tokens at their own. Simulated answers and those of local servers would have cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from ..providers.pricing import is_free, paid_price, would_cost_usd
from ..records import Model, Provider, Usage
from ..views.batches import FreeUse, Item, Sum

Providers = Mapping[str, Provider]


def with_would_cost(part: Sum, providers: Providers) -> Sum:
    """The sum with its free answers, those among them that have no price here and are free on a tier."""
    total, free, unknown, unpriced = Decimal(0), 0, 0, part.unpriced
    for use in part.free:
        provider, model = _model(use.model_id, providers)
        if provider is None or provider.simulated or provider.local:
            continue
        if use.unpriced and not _is_free(provider, model):
            continue
        free += use.answers
        unpriced -= use.answers if use.unpriced else 0
        cost = _paid(provider, model, use)
        total, unknown = (total, unknown + use.answers) if cost is None else (total + cost, unknown)
    return replace(part, unpriced=unpriced, free_answers=free, would_cost_usd=total, would_cost_unknown=unknown)


def of_item(item: Item, asked_id: str, providers: Providers) -> Decimal | None:
    """What one answer would have cost; None where it was paid for, or nobody knows."""
    if item.state != "done" or item.cost_usd:
        return None
    provider, model = _model(item.served_model_id or asked_id, providers)
    if provider is None or provider.simulated or provider.local:
        return None
    if item.cost_usd is None and not _is_free(provider, model):
        return None
    return _paid(provider, model, item)


def _is_free(provider: Provider, model: Model) -> bool:
    """On a free tier a model without a price is free."""
    return bool(provider.free) or is_free(model)


def _paid(provider: Provider, model: Model, used: FreeUse | Item) -> Decimal | None:
    paid = paid_price(model, provider)
    usage = Usage(used.input_tokens, used.output_tokens, used.reasoning_tokens, used.cached_tokens)
    return would_cost_usd(paid, usage) if paid else None


def _model(model_id: str, providers: Providers) -> tuple[Provider | None, Model]:
    provider_id, _, name = model_id.partition("/")
    provider = providers.get(provider_id)
    listed = next((model for model in provider.models if model.name == name), None) if provider else None
    return provider, listed or Model(model_id, name, provider_id)
