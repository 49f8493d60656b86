"""A rehearsal on the Batch page: own questions, successors, results, blind votes, the move and its undo."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.ui import text
from core.ui.app_state import AppState
from core.views.batches import Rehearsal
from tests.pages.conftest import ME, a_chat, in_address, texts
from tests.workspace.acme import until

OLD, NEW = "sim/quick", "sim/steady"


@pytest.fixture(autouse=True)
def _english() -> None:
    text.use("en")


def started(at: AppTest, shared: AppState, *, blind: bool = False) -> str:
    """A rehearsal with one other model and the old one, once it has ended."""
    at.multiselect(key=f"rehearse-models-{OLD}").set_value([OLD, NEW]).run()
    if blind:
        at.toggle(key="rehearse-blind").set_value(True).run()
    at.button(key="batch-start").click().run()
    assert not at.exception
    batch_id = in_address(at, "batch")
    until(lambda: not shared.workspace.of(ME).batches.get(batch_id).carried)
    at.run()
    assert not at.exception
    return batch_id


def test_who_asked_nothing_is_told_so(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.open()
    at = open_page("batch")
    at.segmented_control(key="batch-source").set_value("own").run()
    assert not at.exception
    assert "You have not asked any model yet." in texts(at)
    at = open_page("batch", rehearse=OLD)
    assert not at.exception
    assert "You asked it nothing yet" in texts(at)
    assert "batch-start" not in [button.key for button in at.button]


@pytest.mark.parametrize("name", ["evil/x", "groq/no-such-model"])
def test_a_link_to_no_model_says_so_and_moves_nothing(
    open_page: Callable[..., AppTest], shared: AppState, name: str
) -> None:
    shared.open()
    at = open_page("batch", rehearse=name)
    assert not at.exception
    assert at.warning[0].value.replace("\\", "") == f"There is no model {name}, and you never asked one of that name."
    assert "move" not in [button.key for button in at.button]
    a_chat(shared.workspace, "Explain tides", model_id=OLD)
    at = open_page("batch", rehearse=name)
    assert "Choose one that you have asked." in at.warning[0].value
    assert at.selectbox(key="rehearse-model").options == ["quick · Demo"]


def test_a_link_opens_the_questions_to_a_model(open_page: Callable[..., AppTest], shared: AppState) -> None:
    a_chat(shared.workspace, "Explain tides", "And dunes?", model_id=OLD)
    a_chat(shared.workspace, "Of another model", model_id=NEW)
    at = open_page("batch", rehearse=OLD)
    assert not at.exception
    assert "You asked it 2 questions." in texts(at)
    table = at.dataframe[0].value
    assert list(table["prompt"]) == ["And dunes?", "Explain tides"]
    assert list(table["above"]) == [2, 0]
    at.number_input(key="rehearse-most").set_value(1).run()
    assert list(at.dataframe[0].value["prompt"]) == ["And dunes?"]


def test_answers_stand_beside_the_old_ones(open_page: Callable[..., AppTest], shared: AppState) -> None:
    a_chat(shared.workspace, "Explain tides", "And dunes?", model_id=OLD)
    at = open_page("batch", rehearse=OLD)
    batch_id = started(at, shared)
    batch = shared.workspace.of(ME).batches.get(batch_id)
    assert (batch.rehearsal, batch.rows, batch.done) == (Rehearsal(OLD), 2, 4)
    assert "rehearse" not in at.query_params
    shown = texts(at)
    assert "alike to the old answers on average (n = 2)" in shown
    assert "a low share means different words" in shown
    assert "old" in at.dataframe[0].value
    at.segmented_control(key="batch-which").set_value("clashing").run()
    assert not at.exception


def test_votes_hide_the_answers_until_the_names_are_shown(open_page: Callable[..., AppTest], shared: AppState) -> None:
    a_chat(shared.workspace, "Explain tides", "And dunes?", model_id=OLD)
    at = open_page("batch", rehearse=OLD)
    batch_id = started(at, shared, blind=True)
    assert not at.dataframe
    assert "2 pairs left" in texts(at)
    (voted,) = [button.key for button in at.button if button.key and button.key.startswith("vote-0-")]
    at.button(key=voted).click().run()
    assert not at.exception
    assert "1 pair left" in texts(at)
    assert voted not in [button.key for button in at.button], "a second click votes on nothing else"
    (skip,) = [button.key for button in at.button if button.key and button.key.startswith("skip-")]
    at.button(key=skip).click().run()
    assert "There is no further pair to vote on." in texts(at)
    assert len(shared.workspace.of(ME).votes.all()) == 1
    at.button(key="rehearse-reveal").click().run()
    assert not at.exception
    assert shared.workspace.of(ME).batches.get(batch_id).rehearsal == Rehearsal(OLD)
    assert len(at.dataframe[0].value) == 2
    assert "(1 vote)" in texts(at)


def test_a_move_tells_what_it_moved_and_can_be_undone(open_page: Callable[..., AppTest], shared: AppState) -> None:
    chat = a_chat(shared.workspace, "Explain tides", model_id=OLD)
    person = shared.workspace.of(ME)
    at = open_page("batch", rehearse=OLD)
    at.session_state["model"] = OLD
    at.session_state["line-up"] = {"m": [OLD, "sim/thinker", NEW]}
    at.run()
    assert "1 chat, the model chosen in this tab, the Compare line-up of this tab" in texts(at)
    at.selectbox(key=f"move-to-{OLD}").set_value(NEW).run()
    at.button(key="move").click().run()
    assert not at.exception
    assert "Moved from" in texts(at)
    assert person.chats.get(chat.id).model_id == NEW
    assert at.session_state["model"] == NEW
    assert at.session_state["line-up"] == {"m": [NEW, "sim/thinker"]}
    at.button(key="move-undo").click().run()
    assert not at.exception
    assert "Undone: 1 conversation" in at.info[0].value
    assert person.chats.get(chat.id).model_id == OLD
    assert at.session_state["model"] == OLD
    assert at.session_state["line-up"] == {"m": [OLD, "sim/thinker", NEW]}
    assert "move" in [button.key for button in at.button]


def test_a_moved_default_counts_in_the_next_visit(open_page: Callable[..., AppTest], shared: AppState) -> None:
    def chosen() -> list[str]:
        at = open_page("batch")
        at.segmented_control(key="batch-source").set_value("paste").run()
        at.text_area(key="batch-pasted").set_value("Explain tides").run()
        assert not at.exception
        models: list[str] = at.multiselect(key="batch-models").value
        return models

    moves = shared.workspace.of(ME).model_moves
    assert chosen() == [OLD]
    move = moves.move("m", OLD, NEW)
    assert chosen() == [NEW]
    moves.undo(move.id)
    assert chosen() == [OLD]
