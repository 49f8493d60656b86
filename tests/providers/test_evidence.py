"""Who says what of a provider, and how far it is believed; what models.dev adds; the corrections of the catalogue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import Setup
from core.providers import evidence, models_dev
from core.providers.belief import Kind
from core.providers.catalog import load
from core.providers.evidence import Fact, Witness
from core.providers.limits import meters_of
from core.records import Limit, Model
from scripts.catalogue.table import table

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
PROVIDERS = load().providers


def witness(kind: Kind, age: timedelta, says: str = "30") -> Witness:
    return Witness(says, "somewhere", NOW - age, kind)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (witness("seen", timedelta(hours=2)), witness("official", timedelta(weeks=6))),
        (witness("seen", timedelta(hours=2)), witness("list", timedelta(weeks=6))),
        (witness("official", timedelta(weeks=1)), witness("list", timedelta(weeks=1))),
        (witness("list", timedelta(weeks=1)), witness("list", timedelta(weeks=6))),
        (witness("list", timedelta(weeks=6)), witness("seen", timedelta(weeks=6))),
        (witness("list", timedelta(0)), witness("report", timedelta(0))),
    ],
)
def test_what_was_seen_counts_for_more_and_all_fades(more: Witness, less: Witness) -> None:
    assert more.belief(NOW) > less.belief(NOW)
    assert Fact("x", "limits", (less, more)).best(NOW) is more


@pytest.mark.parametrize(
    ("source", "sureness"),
    [
        (witness("seen", timedelta(hours=2)), "sure"),
        (witness("official", timedelta(weeks=6)), "sure"),
        (witness("list", timedelta(weeks=6)), "likely"),
        (witness("list", timedelta(days=134)), "doubtful"),
        (witness("report", timedelta(0)), "likely"),
        (witness("seen", timedelta(days=90)), "doubtful"),
        (witness("seen", timedelta(days=-1)), "sure"),
    ],
)
def test_belief_in_a_word(source: Witness, sureness: str) -> None:
    assert source.sureness(NOW) == sureness


def test_of_equal_witnesses_the_newer_word_wins() -> None:
    older, newer = witness("list", timedelta(days=2), "200"), witness("list", timedelta(days=1), "500")
    fact = Fact("modelscope", "limits", (older, newer))
    assert fact.is_disputed
    assert fact.best(NOW) is newer
    assert not Fact("x", "limits", (older, witness("list", timedelta(0), "200"))).is_disputed


def test_every_fact_speaks_of_a_provider_or_a_model_of_the_catalogue() -> None:
    for fact in evidence.shipped():
        provider_id, _, name = fact.subject.partition("/")
        assert provider_id in PROVIDERS, fact.subject
        assert not name or any(model.name == name for model in PROVIDERS[provider_id].models), fact.subject
        assert all(witness.at <= NOW for witness in fact.witnesses)
        assert evidence.facts_of(PROVIDERS[provider_id])


@pytest.mark.parametrize(
    "broken",
    [
        "[groq]\nlimits = 3",
        "[groq]\nlimits = []",
        "[groq]\nweather = [{ says = 'x', source = 'y', on = 2026-01-01 }]",
        "[groq]\nlimits = [{ says = 'x', on = 2026-01-01 }]",
        "[groq]\nlimits = [{ says = 'x', source = 'y', on = 'today' }]",
        "[groq\n",
    ],
)
def test_a_broken_file_is_told(broken: str) -> None:
    with pytest.raises(Setup, match=r"evidence\.toml"):
        evidence.read(broken)


def test_the_table_of_corrections_is_the_one_in_the_documentation() -> None:
    made = table()
    page = (ROOT / "docs/catalogue.md").read_text(encoding="utf-8")
    assert page.endswith(made)
    assert made.count("\n") > 70


def test_every_fact_of_a_row_has_a_source() -> None:
    missing = [
        f"{model.id} {topic}" for provider in PROVIDERS.values() for model, topic in evidence.unsourced(provider)
    ]
    assert missing == []
    limits = [(provider.id, limit) for provider in PROVIDERS.values() for limit in provider.limits]
    assert [(name, limit) for name, limit in limits if not (limit.source and limit.checked)] == []


@pytest.mark.parametrize(
    ("fact", "topic"),
    [
        ({"window_tokens": 7}, "window"),
        ({"max_output_tokens": 7}, "max_output"),
        ({"usd_per_million_in": Decimal(1), "usd_per_million_out": Decimal(2)}, "price"),
        ({"usd_per_million_in": Decimal(0), "usd_per_million_out": Decimal(0)}, "price"),
        ({"free": True}, "free"),
        ({"free": False}, "free"),
        ({"ends_on": date(2027, 1, 1)}, "ends_on"),
        ({"successor": "openai/gpt-oss-20b"}, "successor"),
        ({"efforts": ("low",)}, "efforts"),
        ({"listed": False}, "listed"),
    ],
)
def test_a_new_fact_without_a_source_is_found(fact: dict[str, object], topic: str) -> None:
    groq = PROVIDERS["groq"]
    unheard = replace(Model("groq/new", "new", "groq"), **fact)  # type: ignore[arg-type]
    assert evidence.unsourced(replace(groq, models=(*groq.models, unheard))) == [(unheard, topic)]
    assert evidence.unsourced(replace(groq, models=(*groq.models, Model("groq/new", "new", "groq")))) == []


def test_another_value_than_that_of_models_dev_needs_a_source_of_its_own() -> None:
    openai = PROVIDERS["openai"]
    (row,) = (model for model in openai.models if model.name == "gpt-5.4")
    assert evidence.unsourced(replace(openai, models=(row,))) == []
    dearer = replace(row, usd_per_million_in=Decimal("2.51"))
    assert evidence.unsourced(replace(openai, models=(dearer,))) == [(dearer, "price")]
    rounded = replace(row, window_tokens=1_000_000)
    assert evidence.unsourced(replace(openai, models=(rounded,))) == []
    assert evidence.unsourced(replace(openai, models=(replace(row, window_tokens=400_000),)))[0][1] == "window"


def test_what_nobody_documents_is_doubtful_and_said_to_be() -> None:
    facts = [fact for fact in evidence.shipped() for witness in fact.witnesses if witness.kind == "undocumented"]
    assert facts
    assert all(fact.best(witness.at).sureness(witness.at) == "doubtful" for fact in facts for witness in fact.witnesses)
    assert all(fact.models and not fact.is_disputed for fact in facts)


def test_witnesses_of_different_models_do_not_disagree() -> None:
    facts = [fact for fact in evidence.shipped() if (fact.subject, fact.topic) == ("groq", "efforts")]
    assert len(facts) == 2
    assert not any(fact.is_disputed for fact in facts)
    (kimi,) = (fact for fact in evidence.shipped() if fact.subject == "moonshot" and fact.models == ("kimi-k3",)
               and fact.topic == "efforts")  # fmt: skip
    assert kimi.is_disputed


def test_efforts_are_those_that_the_sources_name() -> None:
    def efforts(provider: str, name: str) -> tuple[str, ...]:
        return next(model.efforts for model in PROVIDERS[provider].models if model.name == name)

    assert efforts("groq", "openai/gpt-oss-20b") == ("low", "medium", "high")
    assert efforts("gemini", "gemini-2.5-flash") == ("budget",)
    assert efforts("deepseek", "deepseek-flash") == ("toggle", "low", "high", "max")
    assert all(model.reasoning or model.name.startswith("claude") for provider in PROVIDERS.values()
               for model in provider.models if model.efforts and not provider.simulated)  # fmt: skip


def test_a_limit_of_the_vendors_own_page_is_official() -> None:
    cohere, groq = PROVIDERS["cohere"], PROVIDERS["groq"]
    belief = evidence.of_limit(cohere.limits[0], cohere, "20 a minute")
    assert belief is not None
    assert (belief.kind, belief.at) == ("official", datetime(2026, 10, 5, tzinfo=UTC))
    other = evidence.of_limit(groq.limits[0], groq, "30 a minute")
    assert other is not None
    assert other.kind == "list"
    assert evidence.of_limit(Limit("account", "requests", "day", None), groq, "") is None


def test_ovhcloud_counts_each_model_and_address_for_itself_whatever_the_key() -> None:
    ovh = PROVIDERS["ovhcloud"]
    (meter,) = meters_of(ovh, "gpt-oss-20b")
    (other,) = meters_of(ovh, "gpt-oss-120b")
    assert meter.id != other.id
    assert meter.amount == other.amount == 2
    assert meters_of(ovh, "gpt-oss-20b", "a-key") == [meter]


def named(provider_id: str) -> list[str]:
    """The models that are offered now, in their order."""
    old = date(2026, 11, 29)
    return [
        model.name
        for model in PROVIDERS[provider_id].models
        if model.listed and not (model.ends_on and model.ends_on <= old)
    ]


@pytest.mark.parametrize(
    ("provider_id", "new", "old"),
    [
        ("openrouter", "recursive/flint-v1.0:free", "nvidia/nemotron-3-super-120b-a12b:free"),
        ("openrouter", "apodex/apodex-1.1-mini:free", "poolside/laguna-s-2.1:free"),
        ("openrouter", "inclusionai/ling-3.1-flash", "qwen/qwen3.8-27b:free"),
        ("qianfan", "ernie-5.0", "ernie-speed-8k"),
        ("openai", "gpt-6-luna", "gpt-4"),
        ("llm7", "kimi-k2.6", "gpt-oss:20b"),
        ("zai", "glm-4.6v-flash", ""),
        ("zhipu", "glm-4.1v-thinking-flash", "glm-4.5-flash"),
        ("ollama-cloud", "kimi-k3", ""),
        ("ai21", "jamba-mini-2-2026-01", "jamba-mini"),
        ("moonshot", "kimi-k2.7-code", "kimi-k2.5"),
        ("cohere", "command-a-vision-07-2025", "command-r"),
        ("nvidia", "z-ai/glm-5.3-flash", "z-ai/glm-5.2"),
        ("cloudflare", "@cf/meta/llama-4-scout-17b-16e-instruct", ""),
        ("dashscope", "qwen-plus", ""),
        ("siliconflow", "Pro/deepseek-ai/DeepSeek-V3.2", ""),
        ("hunyuan", "hunyuan-a13b", ""),
        ("ovhcloud", "Qwen3.5-9B", ""),
    ],
)
def test_the_corrected_rows_are_there(provider_id: str, new: str, old: str) -> None:
    assert new in named(provider_id)
    assert old not in named(provider_id)


def test_a_named_model_comes_before_a_router() -> None:
    assert named("openrouter")[0] != "openrouter/free"
    assert named("llm7")[0] != "default"
    assert named("kilo")[0] != "kilo-auto/free"


def test_a_model_that_no_row_holds_gets_what_models_dev_knows() -> None:
    _, model = load().find("together/openai/gpt-oss-120b")
    assert model.window_tokens == 131_072
    assert model.usd_per_million_in == Decimal("0.15")
    assert "tools" in model.abilities


def test_a_free_tier_counted_in_requests_gets_no_price() -> None:
    _, model = load().find("gemini/gemini-flash-latest")
    assert model.window_tokens == 1_048_576
    assert model.usd_per_million_in is None
    assert "image" in model.input
    assert models_dev.list_price(model, PROVIDERS["gemini"]) is not None


def test_the_catalogue_overrules_models_dev() -> None:
    groq = PROVIDERS["groq"]
    row = next(model for model in groq.models if model.name == "openai/gpt-oss-20b")
    assert models_dev.filled(row, groq).window_tokens == row.window_tokens == 131_000
    stranger = Model("groq/x", "x", "groq")
    assert models_dev.filled(stranger, groq) is stranger
