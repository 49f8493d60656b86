"""A pasted key finds its provider, tests itself, and leads to a chat or a comparison."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from tests.pages.conftest import ME, texts
from tests.pages.test_providers import says

GROQ = "gsk_" + "a1B2" * 8


def pasted(at: AppTest, place: str, text: str) -> AppTest:
    return at.chat_input(key=f"{place}-keys").set_value(text).run()


def test_one_key_tests_itself_and_is_chatted_with(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, ["openai/gpt-oss-20b", "whisper"])
    at = pasted(open_page("providers"), "providers", f"  {GROQ}\n")
    assert not at.exception
    assert shared.pasted_keys.of(ME) == {"groq": GROQ}
    assert "The key works: Groq lists 2 models. This check is free." in texts(at)
    assert GROQ not in texts(at)
    at.button(key="providers-chat").click().run()
    assert not at.exception
    assert at.session_state["model"].startswith("groq/")


def test_from_the_empty_chat(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, ["openai/gpt-oss-20b"])
    at = open_page()
    at.session_state["add-key"] = True
    at = pasted(at.run(), "welcome", GROQ)
    at.button(key="welcome-chat").click().run()
    assert not at.exception
    assert at.session_state["model"].startswith("groq/")
    assert "add-key" not in {element.key for element in at.get("popover")}


def test_a_whole_file_compares_three_free_models(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, ["a", "b"])
    lines = f"# mine\nexport GROQ_API_KEY='{GROQ}'\nMISTRAL_API_KEY={'m4' * 16}\nZAI_API_KEY={'z' * 40}\nROUNDTABLE_X=1"
    at = pasted(open_page("providers"), "providers", lines)
    assert set(shared.pasted_keys.of(ME)) == {"groq", "mistral", "zai"}
    at.button(key="providers-compare").click().run()
    assert not at.exception
    assert len({model_id.partition("/")[0] for model_id in at.query_params["m"]}) == 3


def test_a_shape_of_several_providers_is_asked_with_one_click(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, ["deepseek-chat"])
    key = "sk-" + "0a" * 16
    at = pasted(open_page("providers"), "providers", key)
    assert shared.pasted_keys.of(ME) == {}
    at.button(key="providers-whose-0-dashscope").click().run()
    assert shared.pasted_keys.of(ME) == {"dashscope": key}
    assert "Whose key is" not in texts(at)


def test_a_text_without_a_key_says_so(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = pasted(open_page("providers"), "providers", "hello")
    assert "There is no key in this text." in at.warning[0].value
    assert shared.pasted_keys.of(ME) == {}


def test_what_another_needs_is_told(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, ["x"])
    at = pasted(open_page("providers"), "providers", f"CLOUDFLARE_API_TOKEN={'c-' * 20}")
    assert "also needs CLOUDFLARE\\_ACCOUNT\\_ID in the environment" in texts(at)
    assert "providers-chat" not in {button.key for button in at.button}


def test_the_terms_of_the_chosen_model_stand_beside_the_box(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page()
    assert "train on your text" not in texts(at)
    at.session_state["model"] = "gemini/gemini-3.5-flash-lite"
    assert "may train on your text" in texts(at.run())
    assert "except for users in the EEA, the UK and Switzerland" in texts(at)
