"""The palette's answers over HTTP, a model chosen in it, what is said of answers, and the list of shortcuts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.store import StoreError
from core.ui import owner, text, visitor
from core.ui.app_state import AppState
from core.ui.keyboard import answer_state, lookups, palette
from core.ui.keyboard.shortcuts import SHORTCUTS
from core.ui.transfers import REQUIRED_HEADER
from core.views.conversation import Turn
from core.workspace.history import History
from tests.pages.conftest import ME, a_chat

ROOT = Path(__file__).resolve().parents[2]
HEADERS = {REQUIRED_HEADER: "palette"}


@pytest.fixture
def client(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    owners = {f"{visitor.COOKIE}=mine": ME, f"{visitor.COOKIE}=other": "ben"}
    monkeypatch.setattr(owner, "of_cookies", owners.get)
    with TestClient(Starlette(routes=lookups.routes()), cookies={visitor.COOKIE: "mine"}) as client:
        yield client


def hits(client: TestClient, words: str, **query: str) -> list[dict[str, Any]]:
    hits_found: list[dict[str, Any]] = client.get(
        "/palette/chats", params={"words": words, **query}, headers=HEADERS
    ).json()["hits"]
    return hits_found


def test_a_chat_is_found_by_its_words_and_by_its_owner_alone(client: TestClient, shared: AppState) -> None:
    view = a_chat(shared.workspace, "Why is the sea salty?")
    results = hits(client, "salty", lang="zh")
    assert results[0]["path"] == "/"
    assert results[0]["query"] == {"c": view.id, "at": view.turns[0].question_id, "lang": "zh"}
    assert results[0]["found"][1] == "salty"
    assert hits(client, "no such word") == []
    client.cookies.set(visitor.COOKIE, "other")
    assert hits(client, "salty") == []


def test_nothing_is_told_without_the_cookie_or_the_header(client: TestClient, shared: AppState) -> None:
    for path in ("models", "chats?words=sea"):
        assert client.get(f"/palette/{path}").status_code == 404
    client.cookies.clear()
    for path in ("models", "chats?words=sea"):
        assert client.get(f"/palette/{path}", headers=HEADERS).status_code == 404


def test_a_database_that_is_away_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(*_: object, **__: object) -> None:
        raise StoreError("It is away.")

    monkeypatch.setattr(History, "find", find)
    assert client.get("/palette/chats?words=sea", headers=HEADERS).status_code == 503


def test_the_models_are_the_pickers_in_the_language_of_the_page(client: TestClient, shared: AppState) -> None:
    models = client.get("/palette/models", params={"lang": "zh"}, headers=HEADERS).json()["models"]
    by_id = {model["id"]: model for model in models}
    assert by_id["sim/quick"]["name"] == "quick"
    assert re.search("[\u4e00-\u9fff]", by_id["sim/quick"]["provider"])
    assert by_id["sim/quick"]["note"] == ""
    assert by_id["groq/openai/gpt-oss-20b"]["note"] == "无密钥"
    assert [model["id"] for model in models[:3]] == ["auto", "auto/small", "auto/big"]


def test_a_chosen_model_answers_in_the_chat_opened_last_also_from_another_page(
    shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = a_chat(shared.workspace, "Hello?")
    state: dict[str, object] = {"page": "quota", "conversation": view.id}
    monkeypatch.setattr(st, "session_state", state)
    assert palette.choose("quota") is False
    palette.chosen({"model": "sim/steady"})
    assert palette.choose("quota") is True
    assert state["model"] == "sim/steady"
    assert shared.workspace.of(ME).chats.get(view.id).model_id == "sim/steady"
    for wrong in (None, {}, {"model": 3}, {"model": "nobody/model"}, {"model": "sim/"}):
        palette.chosen(wrong)
        assert palette.choose("quota") is False
    assert state["model"] == "sim/steady"


@pytest.mark.parametrize("page_that_ran", ["quota", "chat"])
def test_the_palette_leads_from_any_page_to_the_chat_also_before_the_page_ran_once(
    open_page: Callable[..., AppTest], page_that_ran: str
) -> None:
    at = open_page("quota")
    at.session_state["page"] = page_that_ran
    at.session_state[palette.MODEL] = "sim/steady"
    at.run()
    assert not at.exception
    assert at.session_state["page"] == "chat"
    assert at.session_state["model"] == "sim/steady"


def test_what_became_of_answers_is_said_in_a_sentence() -> None:
    done = Turn("q", "Why?", "a", "sim/quick", "r", "done")
    failed, stopped = replace(done, state="failed"), replace(done, state="stopped")
    assert answer_state.sentence([done]) == "Answer finished"
    assert answer_state.sentence([failed]) == "Answer failed"
    assert answer_state.sentence([stopped]) == "Answer stopped"
    assert answer_state.sentence([done, done, failed, stopped]) == "2 answers finished · 1 failed · 1 stopped"
    assert answer_state.sentence([failed, failed]) == "2 failed"


def test_the_document_lists_the_shortcuts_that_there_are() -> None:
    text.use("en")
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|$", (ROOT / "docs" / "keyboard.md").read_text("utf-8"), re.MULTILINE)
    assert rows == [(shortcut.keys, shortcut.title()) for shortcut in SHORTCUTS]


def test_every_shortcut_of_a_button_and_of_our_script_is_listed() -> None:
    listed = {shortcut.keys for shortcut in SHORTCUTS}
    sources = [path.read_text("utf-8") for path in (ROOT / "core" / "ui").rglob("*.py")]
    of_buttons = {key for source in sources for key in re.findall(r'shortcut="([^"]+)"', source)}
    assert of_buttons
    assert of_buttons <= listed
    script = (ROOT / "core" / "ui" / "static" / "keyboard.js").read_text("utf-8")
    of_script = {f"Mod+{key.upper()}" for key in re.findall(r'(?:toLowerCase\(\)|event\.key) === "(.)"', script)}
    assert of_script == {keys for keys in listed if keys.startswith("Mod+")}
    assert 'event.key === "ArrowUp"' in script
