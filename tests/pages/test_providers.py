"""The providers' page, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import Auth, LLMError, Server, Setup
from core.providers.limits import key_hash
from core.providers.model_states import ModelState
from core.providers.sunset import EndNotice
from core.records import Provider
from core.ui import app_state, owner
from core.ui.app_state import AppState
from core.ui.providers import trial
from tests.pages.conftest import ME, cell, open_rows, provider_table, texts

KEY = "gsk_not-a-real-key-0123456789"


def test_every_provider_has_its_row(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    assert not at.exception
    assert set(provider_table(at)) == set(app_state.get().engine.catalog.providers)


def test_the_search_knows_models_too(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    at.text_input(key="search").set_value("thinker").run()
    assert "sim" in provider_table(at)
    assert "groq" not in provider_table(at)


def test_every_card_opens(open_page: Callable[..., AppTest]) -> None:
    at = open_rows(open_page("providers"), *app_state.get().engine.catalog.providers)
    assert not at.exception
    text = "\n".join(element.value for element in at.markdown)
    assert "30 requests per minute" in text
    assert "unknown" in text
    assert "Retired on 2026-07-30" in text


def test_a_test_says_in_one_sentence_what_came_back(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers", open="sim")
    at.button(key="test-sim").click().run()
    assert not at.exception
    assert "quick answered in" in "\n".join(element.value for element in at.markdown)


def paste(open_page: Callable[..., AppTest]) -> AppTest:
    at = open_page("providers", open="groq")
    return at.text_input(key="paste-groq").set_value(KEY).run()


def says(monkeypatch: pytest.MonkeyPatch, answer: list[str] | LLMError) -> None:
    """Groq lists these models, or refuses."""

    def listed(provider: Provider, keys: dict[str, str]) -> list[str]:
        error = answer if isinstance(answer, LLMError) else None
        app_state.get().engine.directory.last_calls.note(provider.id, key_hash(provider.id, keys[provider.id]), error)
        if isinstance(answer, LLMError):
            raise answer
        return answer

    monkeypatch.setattr(app_state.get().engine.directory, "listed", listed)


def test_a_pasted_key_is_the_visitors_in_every_session_and_in_no_database(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, ["openai/gpt-oss-20b"])
    at = paste(open_page)
    assert shared.pasted_keys.of(ME) == {"groq": KEY}
    assert at.text_input(key="paste-groq").value == ""
    assert KEY not in repr(at.session_state)
    other = open_page("providers")
    assert "12 h without use" in texts(other)
    with shared.workspace.database.read() as connection:
        assert KEY not in "\n".join(connection.connection.dbapi_connection.iterdump())  # type: ignore[union-attr]
    monkeypatch.setattr(owner, "current", lambda: "somebody else")
    assert "forget-all" not in {button.key for button in open_page("providers").button}
    assert shared.pasted_keys.of("somebody else") == {}
    monkeypatch.setattr(owner, "current", lambda: ME)
    open_page("providers").button(key="forget-all").click().run()
    assert shared.pasted_keys.of(ME) == {}
    assert not open_page("providers").warning


def test_a_key_that_is_gone_is_told_and_asked_for_again(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, ["openai/gpt-oss-20b"])
    at = paste(open_page)
    shared.pasted_keys.close()  # as a restart does
    at = open_page("providers")
    assert "The key you pasted for Groq is gone (the app restarted" in at.warning[0].value
    chat = open_page()
    chat.session_state["model"] = "groq/openai/gpt-oss-20b"
    chat.run()
    chat.chat_input(key="ask").set_value("hello").run()
    assert not chat.exception
    assert "is gone (the app restarted" in texts(chat)
    assert not paste(open_page).warning


def test_a_pasted_key_tests_itself(open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, ["openai/gpt-oss-20b", "whisper"])
    at = paste(open_page)
    assert at.text_input(key="paste-groq").value == ""
    assert "The key works: Groq lists 2 models. This check is free." in texts(at)
    at.button(key="chat-groq").click().run()
    assert not at.exception
    assert at.session_state["model"].startswith("groq/")


def test_a_pasted_key_that_is_refused_says_so_and_is_not_chatted_with(
    open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Auth("no such key")
    refused.origin = "provider"
    says(monkeypatch, refused)
    at = paste(open_page)
    assert "Groq rejected the API key" in texts(at)
    assert "key rejected" in cell(at, "groq", "state")
    assert "chat-groq" not in {button.key for button in at.button}


def test_a_list_that_anybody_may_read_says_nothing_of_the_key(
    open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[str] = []
    monkeypatch.setattr(trial, "start", lambda provider_id, model_id: requests.append(model_id))
    says(monkeypatch, Server("away"))
    paste(open_page)
    assert requests == ["groq/openai/gpt-oss-20b"]


def test_the_configurations_problems_are_in_the_readers_language(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    problem = ".streamlit/providers.toml line 3: [mine] wire must be one of openai, anthropic"
    shared.engine.catalog = replace(shared.engine.catalog, problems=(problem, "GROQ_BASE_URL must start with https://"))
    warning = open_page("providers", lang="zh").warning[0].value
    assert "第 3 行" in warning
    assert "应为以下之一" in warning
    assert "必须以 https" in warning
    assert "must" not in warning


def test_a_wrong_option_is_told_in_the_readers_language(
    open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> AppState:
        raise Setup("ROUNDTABLE_ATTEMPTS (environment): must be a whole number from 1 to 10")

    monkeypatch.setattr(app_state, "get", broken)
    error = open_page("providers", lang="zh").error[0].value
    assert "应为 1 到 10 的整数" in error
    assert "must" not in error


def test_the_page_tells_which_models_end_soon(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = shared.engine.directory
    monkeypatch.setattr(directory.model_life, "_now", lambda: datetime(2026, 11, 29, 12, tzinfo=UTC))
    texts_shown = texts(open_page("providers"))
    assert "ends in 2 days" in texts_shown
    assert "replaced by gemini" in texts_shown


def test_an_end_that_headers_told_stands_in_the_strip_the_card_and_its_sources(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    shared.open()
    life = shared.engine.directory.model_life
    monkeypatch.setattr(life, "_now", lambda: now)
    name, other = (model.name for model in shared.engine.catalog.providers["groq"].models[:2])
    notice = EndNotice(now - timedelta(hours=2), date(2026, 12, 5), False, f"/v1/models/{other}", "https://x.example/e")
    for model, end in ((name, notice), (other, EndNotice(now - timedelta(hours=2), None, True))):
        life.states.note("groq", "", model, ModelState("live", now, "call", end=end))
    at = open_page("providers")
    assert "ends in 6 days" in texts(at)
    open_rows(at, "groq")
    assert not at.exception
    shown = texts(at).replace("\\", "")
    assert f"{name} :gray[Groq] :orange[ends in 6 days]; replaced by {other}" in shown
    assert f":orange[ends in 6 days, seen in headers 2 hours ago, successor: {other}] · answered 1 minute ago" in shown
    assert "deprecated, seen in headers 2 hours ago" in shown
    assert "https://x.example/e" in shown


def test_the_picker_tells_when_the_chosen_model_ends(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.engine.directory.model_life, "_now", lambda: datetime(2026, 11, 28, 12, tzinfo=UTC))
    chat = open_page()
    chat.session_state["model"] = "gemini/gemini-2.5-flash"
    chat.run()
    assert not chat.exception
    assert any("ends in 3 days" in str(block.proto) for block in chat.get("popover"))
