"""Whether the model that a reply names is the one that was asked."""

from __future__ import annotations

import pytest

from core.providers.catalog import load
from core.records import Model, Provider
from core.routing.served import counted_for, is_quantised, relation

# The name that was asked, the name that the reply tells.
SAME = """
gpt-4o gpt-4o-2024-08-06
gpt-4o-2024-08-06 gpt-4o
gpt-3.5-turbo gpt-35-turbo
gpt-3.5-turbo gpt-3.5-turbo-0125
gpt-4 gpt-4-0613
gpt-5-mini gpt-5-mini-2025-08-07
o3 o3-2025-04-16
claude-sonnet-4-5 claude-sonnet-4-5-20250929
anthropic/claude-sonnet-4.5 anthropic/claude-4.5-sonnet-20250929
claude-sonnet-4-0 claude-sonnet-4-20250514
claude-sonnet-4-5@20250929 claude-sonnet-4-5-20250929
gemini-2.5-flash models/gemini-2.5-flash
models/gemini-2.5-flash gemini-2.5-flash
gemini-2.0-flash gemini-2.0-flash-001
mistral-large-latest mistral-large-latest
command-a command-a-03-2025
deepseek/deepseek-r1 deepseek/deepseek-r1-0528
deepseek/deepseek-r1:free deepseek/deepseek-r1
deepseek/deepseek-chat-v3-0324 deepseek-ai/DeepSeek-V3-0324
moonshotai/Kimi-K2-Instruct-0905:groq moonshotai/kimi-k2-instruct-0905
meta-llama/Llama-3.1-8B-Instruct llama3.1-8b
meta-llama/Llama-3.3-70B-Instruct-Turbo meta-llama/Llama-3.3-70B-Instruct
@cf/meta/llama-3.3-70b-instruct-fp8-fast llama-3.3-70b
grok-4 grok-4-0709
x-ai/grok-4-fast x-ai/grok-4-fast:free
gpt-oss:120b gpt-oss-120b
llama3 llama3:latest
llama3:latest llama3
openai/gpt-oss-120b gpt-oss-120b
ai21.jamba-1-5-mini-v1:0 jamba-1.5-mini
qwen/qwen3.8-27b Qwen3.8-27B-FP8
qwen3-8b qwen3-8b-fp8
qwen3-8b RedHatAI/Qwen3-8B-FP8-dynamic
qwen3-8b RedHatAI/Qwen3-8B-quantized.w4a16
gpt-oss-20b gpt-oss-20b-MXFP4
llama-3.1-8b-instruct Llama-3.1-8B-Instruct-UD-Q4_K_XL
llama-3.1-8b-instruct Llama-3.1-8B-Instruct.IQ4_XS
Qwen3-1.7B-Q4_K_M /models/Qwen3-1.7B-Q4_K_M.gguf
flaky:429 flaky
nvidia/nemotron-3-super-120b-a12b:free nvidia/nemotron-3-super-120b-a12b-20260311:free
accounts/fireworks/models/llama-v3p1-8b-instruct llama-v3p1-8b-instruct
qwen-plus qwen-plus-2025-07-28
chatgpt-4o-latest chatgpt-4o-latest
GLM-4.5-Air z-ai/glm-4.5-air
gpt-4-1 gpt-4.1-2025-04-14
openai/gpt-4.1 openai/gpt-4.1-2025-04-14
gpt-oss:120b-cloud gpt-oss:120b
doubao-seed-1-6 doubao-seed-1-6-250615
glm-4-flash glm-4-flash-250414
gemini-2.0-flash gemini-2.0-flash-002
"""
ALIAS = """
gpt-5-chat-latest gpt-5-chat-2025-08-07
claude-3-5-sonnet-latest claude-3-5-sonnet-20241022
gemini-flash-latest gemini-3.6-flash
gemini-pro-latest gemini-3.1-pro-preview
mistral-small-latest mistral-small-2603
mistral-medium-latest mistral-medium-3-5
ministral-8b-latest ministral-8b-2410
openrouter/free nvidia/nemotron
openrouter/auto anthropic/claude-opus-5
default gpt-oss:20b
tgi HuggingFaceH4/zephyr-7b-beta
qwen-turbo-latest qwen-turbo-2025-07-15
"""
ANOTHER = """
gpt-4o-2024-08-06 gpt-4o-2024-11-20
gpt-4o gpt-4o-mini-2024-07-18
gpt-4 gpt-4-turbo-2024-04-09
gpt-5 gpt-5-chat-latest
gpt-4.1 gpt-4.1-mini
o3 o3-mini
claude-opus-4-5 claude-opus-4-20250514
claude-opus-4 claude-opus-4-1-20250805
gemini-2.5-flash gemini-3.5-flash-lite
gemini-2.5-flash gemini-2.5-flash-lite
gemini-flash-latest gemini-3.6-flash-lite
gemini-2.5-flash-preview-05-20 gemini-2.5-flash-preview-09-2025
mistral-small-latest mistral-medium-2508
command-a-03-2025 command-a-plus-05-2026
command-r command-r-plus
deepseek-chat deepseek-v4-flash
kimi-k2-instruct kimi-k2-thinking
llama-3.1-8b-instant llama-3.1-70b-versatile
grok-4 grok-4-fast
grok-4-fast-reasoning grok-4-fast-non-reasoning
gpt-oss:20b gpt-oss:120b
gemma3:1b gemma3:4b
jamba-mini jamba-mini-2-2026-01
qwen3-235b-a22b-2507 qwen3-235b-a22b-thinking-2507
glm-4.7 glm-4.7-flash
steady quick
steady:as=quick quick
gpt-5.1 gpt-5
gpt-5.4-mini gpt-5.4
kimi-k2 kimi-k2-0905-preview
magistral-medium-2506 magistral-medium-2509
phi-4 phi-4-mini-instruct
qwen3-14b qwen3.1-4b
llama-3.1-8b llama-3-18b
gemma-3-12b-it gemma-3-1-2b-it
gemini-2.0-flash-001 gemini-2.0-flash-002
doubao-seed-1-6-250615 doubao-seed-1-6-251015
doubao-seed-1-6 doubao-seed-1-6-flash-250615
"""


def pairs(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def model(name: str, *, router: bool = False, alias_of: str = "") -> Model:
    return Model(f"p/{name}", name, "p", router=router, alias_of=alias_of)


def provider(*models: Model) -> Provider:
    return Provider("p", "P", "openai", "https://p.example/v1", models=models)


@pytest.mark.parametrize(("requested", "responded"), pairs(SAME))
def test_another_way_of_writing_a_name_is_the_same_model(requested: str, responded: str) -> None:
    assert relation(model(requested), responded) == "same"


@pytest.mark.parametrize(("requested", "responded"), pairs(ALIAS))
def test_a_moving_name_or_a_router_is_an_alias(requested: str, responded: str) -> None:
    assert relation(model(requested), responded) == "alias"


@pytest.mark.parametrize(("requested", "responded"), pairs(ANOTHER))
def test_another_model_is_not_the_one_that_was_asked(requested: str, responded: str) -> None:
    assert relation(model(requested), responded) == "another"


def test_the_catalogue_can_name_a_router_and_an_alias() -> None:
    assert relation(model("chooser", router=True), "anything-7b") == "alias"
    assert relation(model("deepseek-chat", alias_of="deepseek-v4-flash"), "deepseek-v4-flash-0731") == "alias"
    assert relation(model("deepseek-chat", alias_of="deepseek-v4-flash"), "deepseek-v4-pro") == "another"


def test_an_answer_counts_for_the_catalogues_row_of_who_gave_it() -> None:
    free, big = model("nvidia/nemotron-3-super-120b-a12b:free"), model("gpt-4o")
    chooser = model("openrouter/free", router=True)
    provider_rows = provider(chooser, free, big)
    assert counted_for(provider_rows, chooser, "nvidia/nemotron-3-super-120b-a12b") == free.id
    assert counted_for(provider_rows, big, "gpt-4o-2024-08-06") == big.id
    assert counted_for(provider_rows, big, "models/gpt-5") == "p/gpt-5"
    assert counted_for(provider_rows, chooser, "openrouter/free") == chooser.id


def test_routers_of_the_catalogue_stand_last_and_have_no_size() -> None:
    rows = [row for listing in load().providers.values() for row in listing.models]
    assert {"openrouter/openrouter/free", "llm7/default", "sim/router"} <= {row.id for row in rows if row.router}
    for listing in load().providers.values():
        listed = [row.router for row in listing.models if row.listed and row.ends_on is None]
        assert listed == sorted(listed)
    assert not any(row.size for row in rows if row.router)


@pytest.mark.parametrize(
    ("counted", "responded", "quantised"),
    [
        ("acme/qwen3-8b", "qwen3-8b-fp8", True),
        ("acme/qwen3-8b", "Qwen/Qwen3-8B-AWQ", True),
        ("acme/qwen3-8b", "RedHatAI/Qwen3-8B-quantized.w4a16", True),
        ("acme/qwen3-8b", "qwen3-8b-Q4_K_M.gguf", True),
        ("acme/gpt-oss-20b", "gpt-oss-20b-mxfp4", True),
        ("acme/qwen3-8b-fp8", "qwen3-8b-awq", True),
        ("acme/qwen3-8b-fp8", "Qwen3-8B-FP8", False),
        ("acme/qwen3-8b-fp8", "qwen3-8b", False),
        ("acme/qwen3-8b", "qwen3-8b-bf16", False),
        ("acme/qwen3-8b", "qwen3-8b.gguf", False),
        ("acme/gpt-4o", "gpt-4o-2024-08-06", False),
        ("acme/gpt-oss:120b", "gpt-oss-120b", False),
        ("sim/flaky:429", "flaky", False),
    ],
)
def test_a_quantised_build_is_told_apart_from_its_model(counted: str, responded: str, quantised: bool) -> None:
    assert is_quantised(counted, responded) is quantised
