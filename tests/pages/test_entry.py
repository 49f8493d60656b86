"""What cannot be sent, on the pages: one sentence, the text back in the box, nothing kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from tests.pages.conftest import ME, a_chat

PASTED = "p" * 10_000_000
BOXES = [(None, "ask"), ("compare", "ask-all")]


@pytest.mark.parametrize(("page", "box"), BOXES)
def test_ten_megabytes_are_refused_and_stay_in_the_box(
    open_page: Callable[..., AppTest], shared: AppState, page: str | None, box: str
) -> None:
    at = open_page(page)
    at.chat_input(key=box).set_value(PASTED).run()
    assert not at.exception
    assert "Your text is too long: shorten it to 200,000 characters." in at.warning[0].value
    assert at.chat_input(key=box).proto.value == PASTED
    assert shared.workspace.of(ME).history.count() == 0


@pytest.mark.parametrize(("page", "box"), BOXES)
def test_what_cannot_be_seen_is_not_asked(
    open_page: Callable[..., AppTest], shared: AppState, page: str | None, box: str
) -> None:
    at = open_page(page)
    at.chat_input(key=box).set_value("\u200b\u2060").run()
    assert not at.exception
    assert not at.chat_message
    assert shared.workspace.of(ME).history.count() == 0


def test_a_system_prompt_of_ten_megabytes_is_refused(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "Before")
    at = open_page(c=view.id)
    at.text_area(key=f"set-{view.id}-system").set_value(PASTED).run()
    assert "The system prompt is too long" in at.warning[0].value
    assert shared.workspace.of(ME).chats.get(view.id).generation.system == ""
    at = open_page(lang="zh")
    at.text_area(key="set-draft-system").set_value(PASTED).run()
    at.chat_input(key="ask").set_value("Hello").run()
    assert "系统提示词太长" in at.warning[0].value
    assert at.chat_input(key="ask").proto.value == "Hello"
    assert shared.workspace.of(ME).history.count() == 1


def test_a_long_question_does_not_wait_for_the_answer_before_it(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    started = shared.workspace.of(ME).chats.ask("slow", "A long story", "sim/slow")
    at = open_page(c=started.conversation_id)
    at.chat_input(key="ask").set_value(PASTED).run()
    assert "Your text is too long" in at.warning[0].value
    assert shared.workspace.of(ME).chats.waiting(started.conversation_id) is None
    shared.workspace.of(ME).chats.stop("slow")
