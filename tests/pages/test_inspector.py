"""The dialog with the raw request and reply of an answer."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from tests.pages.conftest import ME, a_chat, texts
from tests.workspace.acme import until

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


def test_each_column_of_a_comparison_shows_how_it_came_but_of_none_that_is_blind(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page("compare", m=["sim/quick", "sim/steady"])
    at.chat_input(key="ask-all").set_value(QUESTION).run()
    at.button(key="inspect-lane-1").click().run()
    assert not at.exception
    assert '"steady"' in "\n".join(block.value for block in at.code)
    run_id = shared.workspace.of(ME).comparisons.start("b1", QUESTION, ["sim/quick", "sim/steady"], blind=True)
    until(lambda: not shared.workspace.of(ME).comparisons.get(run_id).running())
    blind = open_page("compare", run=run_id)
    assert not [button for button in blind.button if str(button.key).startswith("inspect-")]
