"""Answers that name a model, in both languages, and words that only look like one."""

from __future__ import annotations

import pytest

from core.insight.naming import names_a_model


@pytest.mark.parametrize(
    "text",
    [
        "I am Claude, made by Anthropic.",
        "As ChatGPT I cannot do that.",
        "This answer comes from gpt-4o-mini.",
        "I'm **Qwen3**, a model of Alibaba.",
        "我是通义千问，由阿里云开发。",
        "我叫DeepSeek。",
        "llama 3 would say otherwise",
        "Hello! I am the quick one.",
        "我是 quick",
    ],
)
def test_a_model_that_names_itself_or_another_is_noticed(text: str) -> None:
    assert names_a_model(text, ("quick", "Acme AI"))


@pytest.mark.parametrize(
    "text",
    [
        "Be quick about it.",
        "The quick brown fox is called Rex.",
        "A grokking reader, a phi-losopher, a claudication.",
        "I am slow to judge.",
        "",
    ],
)
def test_ordinary_words_are_not(text: str) -> None:
    assert not names_a_model(text, ("quick", "Acme AI"))


def test_without_further_names_an_ordinary_word_never_counts() -> None:
    assert not names_a_model("I am the quick one.")


@pytest.mark.parametrize(
    "text", ["我是由硅基流动提供的助手。", "我是阿里云开发的", "我来自讯飞，", "I was trained by Groupe Été."]
)
def test_a_name_in_any_language_counts_though_chinese_has_no_gaps(text: str) -> None:
    assert names_a_model(text, ("硅基流动", "阿里", "讯飞", "Groupe Été"))
    assert not names_a_model("I am quicker.", ("quick",))
