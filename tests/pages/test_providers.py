"""The providers' page, without a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.ui import runtime


def labels(at: AppTest) -> str:
    return "\n".join(row.label for row in at.expander)


def test_every_provider_has_its_row(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    assert not at.exception
    for name in ("Simulated", "Groq", "Anthropic", "Ollama", "GitHub Models"):
        assert name in labels(at)


def test_the_filter_shows_the_retired_alone(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    at.button_group(key="kind").set_value("retired").run()
    assert "GitHub Models" in labels(at)
    assert "Groq" not in labels(at)


def test_the_search_knows_models_too(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    at.text_input(key="search").set_value("thinker").run()
    assert "Simulated" in labels(at)
    assert "Groq" not in labels(at)


def test_every_card_opens(open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("providers")
    for provider_id in runtime.get().engine.catalog.providers:
        at.session_state[f"provider-{provider_id}"] = True
    at.run()
    assert not at.exception
    said = "\n".join(element.value for element in at.markdown)
    assert "30 requests per minute" in said
    assert "unknown" in said
    assert "Retired on 2026-07-30" in said


def test_a_test_says_in_one_sentence_what_came_back(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    at.session_state["provider-sim"] = True
    at.run()
    at.button(key="test-sim").click().run()
    assert not at.exception
    assert "quick answered in" in "\n".join(element.value for element in at.markdown)


def test_a_pasted_key_stays_in_the_session(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    at.session_state["provider-groq"] = True
    at.run()
    at.text_input(key="paste-groq").set_value("gsk_not-a-real-key-0123456789").run()
    assert at.session_state["keys"] == {"groq": "gsk_not-a-real-key-0123456789"}
    assert at.text_input(key="paste-groq").value == ""
    assert open_page("providers").session_state["keys"] == {}
