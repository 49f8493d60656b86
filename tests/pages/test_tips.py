"""Tips: one at a time, gone for good when closed or done, for one person only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.ui import owner
from core.ui.app_state import AppState
from tests.pages.conftest import ME, a_chat


def tips_of(at: AppTest) -> list[str]:
    assert not at.exception
    keys = [button.key or "" for button in at.button]
    return [key.removeprefix("close-tip-") for key in keys if key.startswith("close-tip-")]


def test_a_first_visit_begins_without_tips_and_without_a_database(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    assert tips_of(open_page()) == []
    assert not shared.is_open


def test_a_closed_tip_makes_room_for_the_next_and_never_comes_back(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    chat = a_chat(shared.workspace, "What is a tree?").id
    at = open_page(c=chat)
    assert tips_of(at) == ["compare"]
    at.button(key="close-tip-compare").click().run()
    assert tips_of(at) == ["auto"]
    assert tips_of(open_page(c=chat)) == ["auto"]
    assert shared.workspace.of(ME).settings.closed_tips() == ("compare",)


def test_what_was_done_need_not_be_told(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("compare")
    at.chat_input(key="ask-all").set_value("What is a tree?").run()
    assert tips_of(at) == ["vote"]
    at.button(key="vote-tie").click().run()
    assert tips_of(at) == ["blind"]
    assert set(shared.workspace.of(ME).settings.closed_tips()) == {"compare", "vote"}
    at = open_page(c=a_chat(shared.workspace, "And a forest?").id)
    assert tips_of(at) == ["auto"]
    at.session_state["pick-chat"] = True
    at.run().button(key="row-chat-auto").click().run()
    assert tips_of(at) == ["palette"]
    at.button(key="close-tip-palette").click().run()
    assert tips_of(at) == []


def test_what_one_person_closed_another_still_sees(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.workspace.of(ME).settings.close_tip("compare")
    monkeypatch.setattr(owner, "current", lambda: "somebody else")
    view = shared.workspace.of("somebody else").chats.ask("r9", "Hello", "sim/quick")
    job = shared.workspace.of("somebody else").chats.job("r9")
    assert job
    job.wait(30)
    assert tips_of(open_page(c=view.conversation_id)) == ["compare"]
