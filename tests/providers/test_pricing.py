"""Costs are exact, each kind of token has its own price, and what is free says what it would have cost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.providers import pricing
from core.providers.catalog import load
from core.records import Model, Usage

PROVIDERS = load().providers
PRICED = Model("acme/one", "one", "acme", usd_per_million_in=Decimal("0.15"), usd_per_million_out=Decimal("0.6"))


@pytest.mark.parametrize(
    ("prices", "usage", "usd"),
    [
        ({}, (1000, 500, None, None), "0.00045"),
        ({}, (1000, 500, 400, 800), "0.00045"),
        ({"usd_per_million_cached": Decimal("0.015")}, (1000, 500, None, 800), "0.000342"),
        ({"usd_per_million_reasoning": Decimal(3)}, (1000, 500, 400, None), "0.00141"),
        ({"usd_per_million_cached": Decimal(0)}, (1000, 0, None, 5000), "0"),
    ],
)
def test_a_cost_is_exact(prices: dict[str, Decimal], usage: tuple[int | None, ...], usd: str) -> None:
    model = replace(PRICED, **prices)  # type: ignore[arg-type]
    read, wrote, thought, cached = usage
    assert pricing.cost_usd(model, read, wrote, cached, thought) == Decimal(usd)
    lines = pricing.lines(model, Usage(read, wrote, thought, cached))
    assert lines is not None
    assert sum((line.cost_usd for line in lines), Decimal(0)) == Decimal(usd)


def test_unknown_is_unknown() -> None:
    assert pricing.cost_usd(Model("acme/one", "one", "acme"), 5, 5) is None
    assert pricing.cost_usd(PRICED, None, 5) is None
    assert pricing.lines(PRICED, Usage(5, None)) is None


def test_a_free_tier_has_the_price_of_the_paid_one() -> None:
    groq = PROVIDERS["groq"]
    model = next(model for model in groq.models if model.name == "openai/gpt-oss-20b")
    paid = pricing.paid_price(model, groq)
    assert paid
    assert (paid.provider_id, paid.of_maker) == ("groq", False)
    would = pricing.would_cost_usd(paid, Usage(1_000_000, 0))
    assert would == paid.model.usd_per_million_in
    assert pricing.would_cost_usd(paid, None) is None


def test_a_free_name_has_the_price_of_the_plain_one() -> None:
    openrouter = PROVIDERS["openrouter"]
    free = Model("openrouter/openai/gpt-oss-20b:free", "openai/gpt-oss-20b:free", "openrouter", free=True)
    paid = pricing.paid_price(free, openrouter)
    assert paid
    assert not paid.of_maker
    assert pricing.would_cost_usd(paid, Usage(1000, 1000))


def test_where_a_provider_sells_none_its_maker_does() -> None:
    hosted = Model("acme/openai/gpt-5.4-mini", "openai/gpt-5.4-mini", "acme")
    paid = pricing.paid_price(hosted, replace(PROVIDERS["groq"], id="acme"))
    assert paid
    assert (paid.provider_id, paid.of_maker) == ("openai", True)
    assert pricing.paid_price(Model("acme/own", "own", "acme"), replace(PROVIDERS["groq"], id="acme")) is None
    assert pricing.paid_price(PROVIDERS["sim"].models[0], PROVIDERS["sim"]) is None
