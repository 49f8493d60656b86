"""The calculator in a chat: switched on, used, shown, kept, sent again; and said where a model has none."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.records import ToolResult
from core.tools import CALCULATOR
from core.ui.app_state import AppState
from tests.pages.conftest import ME, a_chat, in_address, texts


def test_a_model_calculates_and_the_steps_stay(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    at.toggle(key="set-draft-calculator").set_value(True).run()
    at.chat_input(key="ask").set_value("What is 17*23?").run()
    assert not at.exception
    assert "17\\*23 = 391" in texts(at) or "17*23 = 391" in texts(at)
    chats = shared.workspace.of(ME).chats
    name = in_address(at, "c")
    completion = chats.get(name).turns[0].completion
    assert completion
    assert [part.text for part in completion.steps[1].parts if isinstance(part, ToolResult)] == ["391"]
    assert len(completion.rounds) == 2
    again = open_page(c=name)
    assert [status.label for status in again.status] == ["1 calculation"]
    assert any("calculator" in text.value and "391" in text.value for text in again.status[0].markdown)
    again.chat_input(key="ask").set_value("And 2^10?").run()
    job = chats.job(chats.get(name).turns[1].request_id)
    assert job
    assert job.request.tools == (CALCULATOR.tool,)
    assert [message.role for message in job.request.messages] == ["user", "assistant", "tool", "assistant", "user"]


def test_without_the_switch_there_is_no_tool(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("What is 17*23?").run()
    completion = shared.workspace.of(ME).chats.get(in_address(at, "c")).turns[0].completion
    assert completion
    assert (completion.steps, completion.rounds) == ((), ())


def test_a_model_that_cannot_call_tools_is_named_before(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "first", model_id="sim/oneword")
    at = open_page(c=view.id)
    at.toggle(key=f"set-{view.id}-calculator").set_value(True).run()
    assert any("cannot call tools" in caption.value for caption in at.caption)
