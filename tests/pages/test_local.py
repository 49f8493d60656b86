"""Pages beside a server on this computer: who answers by default, a key that it wants, and odd model names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.options import load
from core.ui import app_state, owner, visitor
from core.ui.app_state import AppState
from tests.local_server import nowhere, serving
from tests.pages.conftest import ME, cell, in_address, open_rows, texts

KEY = "local-key"
WINDOWS = "C:\\models\\tiny chat.gguf"


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, servers: ExitStack) -> Iterator[AppState]:
    """llama.cpp runs with a Windows path, vLLM wants a key."""
    environ = {
        **nowhere(),
        "LLAMACPP_BASE_URL": servers.enter_context(serving(WINDOWS)),
        "VLLM_BASE_URL": servers.enter_context(serving("tiny", key=KEY)),
    }
    state = AppState(build(load(environ=environ, secrets={}, folder=tmp_path), folder=tmp_path))
    monkeypatch.setattr(app_state, "_app_state", state)
    monkeypatch.setattr(owner, "current", lambda: ME)
    monkeypatch.setattr(visitor, "is_new", lambda: True)
    monkeypatch.setattr(visitor, "settle", lambda: None)
    yield state
    state.close()
    app_state.reset()


def test_a_local_server_answers_by_default_also_under_a_windows_path(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    shared.look_around()
    at = open_page()
    at.chat_input(key="ask").set_value("Hello").run()
    assert not at.exception
    turn = shared.workspace.of(ME).chats.get(in_address(at, "c")).turns[0]
    assert turn.model_id == f"llamacpp/{WINDOWS}"
    assert turn.completion
    assert (turn.completion.error, turn.completion.text) == (None, WINDOWS)
    again = open_page(c=in_address(at, "c"))
    assert not again.exception
    assert "simulated" not in texts(again)


def test_it_can_be_picked_and_compared(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.look_around()
    at = open_page()
    at.session_state["pick-chat"] = True
    at.run()
    at.text_input(key="find-chat").set_value("tiny chat").run()
    at.button(key=f"row-chat-llamacpp/{WINDOWS}").click().run()
    assert not at.exception
    at = open_page("compare", m=[f"llamacpp/{WINDOWS}", "sim/quick"])
    assert not at.exception
    assert any("tiny chat" in popover.proto.popover.label for popover in at.get("popover"))


def test_a_server_that_wants_a_key_says_so_and_works_once_it_is_pasted(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    shared.look_around()
    at = open_page("providers")
    assert cell(at, "vllm", "state") == "running, needs a key"
    open_rows(at, "vllm")
    at.text_input(key="paste-vllm").set_value(KEY).run()
    assert not at.exception
    assert "needs a key" not in cell(at, "vllm", "state")
    assert "lists 1 model." in texts(at)
    at = open_page()
    at.session_state["pick-chat"] = True
    at.run()
    assert at.button(key="row-chat-vllm/tiny")


def test_the_picker_says_whose_key_is_missing(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.look_around()
    at = open_page()
    at.session_state["pick-chat"] = True
    at.run()
    assert "vLLM is running on this computer and needs a key" in texts(at)


def test_a_page_that_is_open_looks_by_itself(open_page: Callable[..., AppTest], shared: AppState) -> None:
    looked: list[None] = []
    shared.engine.directory.local.look_soon = lambda: looked.append(None)  # type: ignore[method-assign]
    assert not open_page().exception
    assert not looked, "the first page of a process waits for nothing that is put off"
    for page in (None, "compare", "batch", "latency", "providers"):
        looked.clear()
        assert not open_page(page).exception
        assert looked
