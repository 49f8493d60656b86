"""Providers and models are found by what people call them, in any language, and named in the reader's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.providers import catalog
from core.ui import text
from core.ui.models import choices, names
from core.ui.models.names import _providers, label, matches
from tests.pages.conftest import provider_table, texts

PROVIDERS = catalog.load({}).providers


@pytest.mark.parametrize(
    ("words", "provider_id"),
    [
        ("智谱", "zhipu"),
        ("智谱", "zai"),
        ("硅基流动", "siliconflow"),
        ("阿里", "dashscope"),
        ("百炼", "dashscope"),
        ("通义", "dashscope"),
        ("百度", "qianfan"),
        ("文心一言", "qianfan"),
        ("讯飞", "spark"),
        ("星火", "spark"),
        ("腾讯", "hunyuan"),
        ("混元", "hunyuan"),
        ("月之暗面", "moonshot"),
        ("魔搭", "modelscope"),
        ("深度求索", "deepseek"),
        ("谷歌", "gemini"),
        ("英伟达", "nvidia"),
        ("SiliconFlow", "siliconflow"),
        ("aliyun", "dashscope"),
        ("通义千问", "dashscope"),
        ("阿裡", "dashscope"),
        ("qwen", "dashscope"),
        ("谷歌双子座", "gemini"),
        ("拥抱脸", "huggingface"),
        ("微软", "github-models"),
        ("谷歌", "dialogflow-es"),
        ("本地", "lmstudio"),
        ("本机", "llamacpp"),
        ("羊驼", "ollama"),
        ("クロード", "anthropic"),
        ("ＯｐｅｎＡＩ", "openai"),
        ("hugging-face", "huggingface"),
        ("open_router", "openrouter"),
    ],
)
def test_a_provider_is_found_by_what_people_call_it(words: str, provider_id: str) -> None:
    assert matches(words, PROVIDERS[provider_id], [])
    assert not matches(words, PROVIDERS["groq"], [])


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("通义", "Qwen/Qwen3-8B"),
        ("千问", "qwen3-32b"),
        ("豆包", "doubao-seed-1.6"),
        ("火山", "bytedance/seed-oss-36b"),
        ("深度求索", "deepseek-ai/DeepSeek-V3"),
        ("零一", "01-ai/Yi-34b"),
        ("商汤", "SenseNova-V6"),
        ("智谱", "THUDM/GLM-4-9B"),
        ("月之暗面", "moonshotai/kimi-k2"),
        ("groq/qwen3", "qwen3-32b"),
        ("小米", "xiaomi/mimo-v2-flash"),
        ("美团", "meituan/longcat-flash-chat"),
        ("蚂蚁", "inclusionai/ring-1t"),
        ("微软", "microsoft/phi-4"),
        ("英伟达", "nvidia/nemotron-nano-9b-v2"),
        ("面壁", "openbmb/minicpm-4"),
        ("华为", "pangu-pro-moe"),
        ("米斯特拉尔", "mistral-small"),
        ("GLM4.5", "z-ai/glm-4.5"),
        ("gpt oss", "openai/gpt-oss-120b"),
    ],
)
def test_a_model_is_found_by_what_people_call_it(words: str, name: str) -> None:
    assert matches(words, PROVIDERS["groq"], [name])
    assert not matches(words, PROVIDERS["groq"], ["command-r"])


def test_labels_are_in_the_readers_language_unless_the_operator_chose_one() -> None:
    text.use("zh")
    assert "智谱" in label(PROVIDERS["zhipu"])
    assert label(replace(PROVIDERS["zhipu"], label="Our gateway")) == "Our gateway"
    text.use("en")
    assert label(PROVIDERS["zhipu"]) == "Zhipu BigModel"


def test_no_name_is_left_over() -> None:
    assert set(_providers()) - set(PROVIDERS) == set()


def test_the_pages_search_by_them(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers", lang="zh")
    at.text_input(key="search").set_value("硅基流动").run()
    assert [row["provider"]["name"] for row in provider_table(at).values()] == ["硅基流动 SiliconFlow"]
    at = open_page()
    at.session_state["pick-chat"] = True
    at.run()
    at.text_input(key="find-chat").set_value("通义").run()
    shown = [button.label for button in at.button if (button.key or "").startswith("row-chat-")]
    assert shown
    assert all("qwen" in name.lower() for name in shown)


@pytest.mark.parametrize(("lang", "words"), [("zh", "自动"), ("en", "auto")])
def test_what_is_found_is_not_called_nothing(open_page: Callable[..., AppTest], lang: str, words: str) -> None:
    at = open_page(lang=lang)
    at.session_state["pick-chat"] = True
    at.run()
    at.text_input(key="find-chat").set_value(words).run()
    assert sum((button.key or "").startswith("row-chat-auto") for button in at.button) == 3
    assert "No matching model" not in texts(at)
    assert "没有" not in texts(at)


def test_each_name_of_a_provider_in_any_language_stands_alone() -> None:
    providers = catalog.load({}).providers
    own_names = set(names.names(providers["siliconflow"], "Qwen/Qwen3-8B"))
    assert {"SiliconFlow", "硅基流动", "硅基", "通义", "千问"} <= own_names
    everything = {name.casefold() for provider in providers.values() for name in names.names(provider, "x")}
    assert not {"model", "studio", "the", "a"} & everything, "an answer says these of itself"


def test_a_name_with_spaces_can_be_typed_whole() -> None:
    providers = catalog.load({}).providers
    for name in ("tiny chat.gguf", "C:\\models\\my tiny chat.gguf", "我的 模型"):
        assert choices.typed_model_id(f" ollama/{name} ", providers, ()) == f"ollama/{name}"
    for name in (" gpt", "two  spaces", "a\nb"):
        assert choices.typed_model_id(f"ollama/{name}", providers, ()) is None
