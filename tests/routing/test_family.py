"""One model under many names."""

from __future__ import annotations

import pytest

from core.providers.catalog import load
from core.records import Model
from core.routing.family import elsewhere, families, family


@pytest.mark.parametrize(
    "names",
    [
        "openai/gpt-oss-120b gpt-oss-120b gpt-oss:120b @cf/openai/gpt-oss-120b openai/gpt-oss-120b:free GPT-OSS-120B",
        "google/gemma-4-31b-it gemma-4-31b-it google/gemma-4-31b-it:free gemma-4-31B-it gemma-4-31b",
        "llama-3.3-70b-versatile Meta-Llama-3_3-70B-Instruct Meta-Llama-3.3-70B-Instruct "
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        "qwen/qwen3.8-27b qwen-3.8-27b qwen/qwen3.8-27b:free",
        "glm-4.7-flash @cf/zai-org/glm-4.7-flash",
        "sim/steady sim-north/steady sim/steady:503",
        "llama3.2:3b-instruct-q4_K_M llama3.2:3b llama-3.2-3b-instruct",
    ],
)
def test_one_model_has_one_family(names: str) -> None:
    assert len({family(name) for name in names.split()}) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("gpt-oss-20b", "gpt-oss-120b"),
        ("qwen3-8b", "qwen-38b"),
        ("gemini-3.5-flash", "gemini-3.5-flash-lite"),
        ("gemma-4-31b-it", "gemma-4-26b-a4b-it"),
        ("gpt-5.4", "gpt-5.4-mini"),
        ("command-r", "command-r-plus"),
        ("quick", "steady"),
    ],
)
def test_different_models_have_different_families(left: str, right: str) -> None:
    assert family(left) != family(right)


def test_a_name_is_never_nothing() -> None:
    assert family("Chat") == "chat"
    assert families([Model("p/…", "…", "p")]) == {}


def test_the_catalogue_has_one_model_at_many_providers() -> None:
    models = [model for provider in load().providers.values() for model in provider.models if model.listed]
    assert {model.provider_id for model in families(models)[family("gpt-oss-120b")]} >= {"groq", "cerebras", "ovhcloud"}
    assert [model.id for model in elsewhere("sim/quick", models)] == ["sim-north/quick", "sim-south/quick"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("grok-4-fast", "grok-4"),
        ("gpt-5-chat-latest", "gpt-5"),
        ("gpt-4-turbo", "gpt-4"),
        ("glm-4.7-flash", "glm-4.7"),
        ("claude-opus-4-5", "claude-opus-4-1"),
    ],
)
def test_a_word_that_names_a_model_of_its_own_is_kept(left: str, right: str) -> None:
    assert family(left) != family(right)


@pytest.mark.parametrize(
    "names",
    [
        "meta-llama/Llama-3.3-70B-Instruct-Turbo llama-3.3-70b-instruct-fast llama-3.3-70b",
        "llama-3.1-8b-instant Meta-Llama-3.1-8B-Instruct llama3.1-8b",
        "deepseek/deepseek-chat-v3-0324 deepseek-ai/DeepSeek-V3-0324",
        "gpt-oss:120b-cloud openai/gpt-oss-120b",
    ],
)
def test_a_way_of_serving_is_no_model_of_its_own(names: str) -> None:
    assert len({family(name) for name in names.split()}) == 1


def test_routers_are_no_model_at_several_providers() -> None:
    routers = [Model("p/p/free", "p/free", "p", router=True), Model("q/q/free", "q/free", "q", router=True)]
    assert families(routers) == {}


def test_a_provider_stands_in_a_family_once() -> None:
    twice = [Model("p/m", "m", "p"), Model("p/m:free", "m:free", "p"), Model("q/m", "m", "q")]
    assert [model.id for model in families(twice)["m"]] == ["p/m", "q/m"]
