"""A comparison over many turns on the page, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from core.ui.failures import failure
from core.views.comparison import Comparison
from tests.pages.conftest import ME, in_address, texts

TWO = ["sim/quick", "sim/steady"]


@pytest.fixture
def compared(open_page: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """A page with these models asked once."""

    def made(*models: str) -> AppTest:
        at = open_page("compare", m=list(models) or TWO)
        return at.chat_input(key="ask-all").set_value("Explain tides").run()

    return made


def run_of(at: AppTest, shared: AppState) -> Comparison:
    return shared.workspace.of(ME).comparisons.get(in_address(at, "run"))


def keys(at: AppTest) -> set[str]:
    return {button.key for button in at.button if button.key}


def test_a_second_question_follows_and_the_first_is_folded_until_a_search_leads_to_it(
    compared: Callable[..., AppTest], open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = compared()
    assert "Each model sees only its own answers." in texts(at)
    at.chat_input(key="ask-all").set_value("And the moon?").run()
    assert not at.exception
    run = run_of(at, shared)
    assert [each.prompt for each in run.rounds] == ["Explain tides", "And the moon?"]
    assert [box.label for box in at.expander if box.label.startswith("**1**")] == ["**1** · Explain tides"]
    assert texts(at).count("Done") == 2
    other = open_page("compare", run=run.id, at=run.lanes[1].turns[0].answer_id)
    assert texts(other).count("Done") == 4


def test_all_continue_from_one_answer_for_one_turn(compared: Callable[..., AppTest], shared: AppState) -> None:
    at = compared()
    at.button(key="follow-0").click().run()
    at.button(key="own-answers").click().run()
    assert "Each model sees only its own answers." in texts(at)
    at.button(key="follow-1").click().run()
    assert "In the next turn all models continue from **B" in texts(at)
    at.chat_input(key="ask-all").set_value("And the moon?").run()
    run = run_of(at, shared)
    assert run.rounds[1].follows == run.lanes[1].id
    assert "In this turn all models continued from **B" in texts(at)
    assert "Each model sees only its own answers." in texts(at)


def test_a_column_goes_and_comes_back(compared: Callable[..., AppTest], shared: AppState) -> None:
    at = compared(*TWO, "sim/thinker")
    at.button(key="remove-1").click().run()
    assert [lane.model_id for lane in run_of(at, shared).lanes] == ["sim/quick", "sim/thinker"]
    assert "Removed, answers kept:" in texts(at)
    at.button(key="put-back-0").click().run()
    assert [lane.model_id for lane in run_of(at, shared).lanes] == [*TWO, "sim/thinker"]
    assert texts(at).count("Done") == 3


def test_one_column_alone_and_back(compared: Callable[..., AppTest]) -> None:
    at = compared()
    at.button(key="expand-1").click().run()
    assert texts(at).count("Done") == 1
    at.button(key="tab-0").click().run()
    assert texts(at).count("Done") == 1
    at.button(key="all-columns").click().run()
    assert texts(at).count("Done") == 2


def test_an_answer_opens_as_a_chat_of_its_own(compared: Callable[..., AppTest], shared: AppState) -> None:
    at = compared()
    at.button(key="chat-0").click().run()
    assert not at.exception
    chat = shared.workspace.of(ME).chats.get(in_address(at, "c"))
    assert (chat.model_id, [turn.prompt for turn in chat.turns]) == ("sim/quick", ["Explain tides"])


def test_asking_again_twice_from_one_drawing_asks_once(compared: Callable[..., AppTest], shared: AppState) -> None:
    at = compared()
    at.button(key="again-0").click().run()
    assert len(run_of(at, shared).lanes[0].turns[0].answer_siblings) == 2


def test_a_draft_in_the_address_stands_in_the_box_and_is_not_sent(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare", m=TWO, q="Explain tides")
    assert at.chat_input(key="ask-all").proto.value == "Explain tides"
    assert "run" not in at.query_params
    assert "q" not in at.query_params
    assert texts(at).count("Ready") == 2


def test_settings_of_all_and_of_one(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("compare", m=TWO)
    at.number_input(key="set-compare-temperature").set_value(0.5).run()
    at.chat_input(key="ask-all").set_value("Explain tides").run()
    run = run_of(at, shared)
    assert run.generation.temperature == 0.5
    at.number_input(key="set-compare-temperature").set_value(0.9).run()
    assert run_of(at, shared).generation.temperature == 0.9


def test_one_model_of_several_providers(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("compare", m=["sim/steady", "sim-north/steady", "sim-south/steady"])
    assert "Drift" not in texts(at)
    at.chat_input(key="ask-all").set_value("Explain tides").run()
    assert not at.exception
    assert "Drift: same model, different answers" in texts(at)
    assert texts(at).count("% alike") == 2


def test_a_failed_column_offers_the_same_model_elsewhere(compared: Callable[..., AppTest], shared: AppState) -> None:
    at = compared("sim/steady:503", "sim/quick")
    assert "elsewhere-0-0" in keys(at)
    assert run_of(at, shared).lanes[0].turns[0].state == "failed"  # it did nothing by itself
    at.button(key="elsewhere-0-0").click().run()
    assert not at.exception
    lane = run_of(at, shared).lanes[0]
    assert (lane.model_id, lane.turns[0].model_id) == ("sim-north/steady", "sim-north/steady")
    assert texts(at).count("Done") == 2


def test_a_column_waits_for_its_reset_only_where_somebody_chose_it(
    compared: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime.now(UTC) + timedelta(hours=1)
    monkeypatch.setattr(failure, "again_at", lambda completion: moment if completion.error else None)
    at = compared("sim/steady:429", "sim/quick")
    assert run_of(at, shared).lanes[0].turns[0].state == "failed"
    at.button(key="later-lane-0").click().run()
    assert not at.exception
    turn = run_of(at, shared).lanes[0].turns[0]
    assert (turn.state, len(turn.answer_siblings)) == ("scheduled", 2)
    assert "Waits until" in texts(at)
    (entry,) = shared.workspace.of(ME).scheduled.waiting()
    assert (entry.run_id, entry.model_id) == (in_address(at, "run"), "sim/steady:429")
    assert abs(entry.not_before - moment) < timedelta(seconds=1)
    at.chat_input(key="ask-all").set_value("And the moon?").run()
    assert [lane.turns[-1].state for lane in run_of(at, shared).lanes] == ["scheduled", "done"]
    assert "Waits for the answer above" in texts(at)
