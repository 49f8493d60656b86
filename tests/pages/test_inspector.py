"""The dialog with the raw request and reply of an answer."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from tests.pages.conftest import ME, a_chat, texts

QUESTION = "What is a tide?"


def test_an_answer_shows_how_it_came(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, QUESTION)
    at = open_page(c=view.id)
    at.button(key="inspect-0").click().run()
    assert not at.exception
    assert "without keys" in texts(at)
    shown = "\n".join(block.value for block in at.code)
    assert f'"{QUESTION}"' in shown
    assert "data: " in shown


def test_where_nothing_is_kept_there_is_no_button(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, QUESTION)
    shared.workspace.recordings.forget(ME)
    assert not [button for button in open_page(c=view.id).button if button.key == "inspect-0"]
