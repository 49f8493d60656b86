"""Agreement, word diff, judge and merge below the columns, without a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.insight import agreement, differences
from core.safety.exact import exact
from core.simulator.answer import NOTICE
from core.ui.app_state import AppState
from core.ui.compare.analysis import assessments
from tests.pages.conftest import ME, in_address, texts

Open = Callable[..., AppTest]


def compared(open_page: Open, *models: str, prompt: str = "Explain recursion") -> AppTest:
    at = open_page("compare", m=list(models) or ["sim/quick", "sim/steady"])
    at.chat_input(key="ask-all").set_value(prompt).run()
    assert not at.exception
    return at


def opened(at: AppTest, name: str) -> AppTest:
    at.segmented_control(key="verdict").set_value(name).run()
    assert not at.exception
    return at


def test_the_bar_stands_below_answers_and_all_is_closed(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("worked out before it was opened")

    monkeypatch.setattr(agreement, "agree", never)
    monkeypatch.setattr(differences, "differences", never)
    assert not [control for control in open_page("compare").segmented_control if control.key == "verdict"]
    at = compared(open_page)
    assert at.segmented_control(key="verdict").value is None
    assert "alike" not in texts(at)


def test_agreement_is_shown_and_worked_out_once(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(compared(open_page, prompt="Explain recursion in python code"), "agreement")
    assert "alike" in texts(at)
    assert f"- {exact(NOTICE[False].strip('*'))}" in texts(at)
    monkeypatch.setattr(agreement, "agree", lambda *_: pytest.fail("worked out again"))
    assert not at.run().exception


def test_a_diff_of_two_and_of_one_with_itself(open_page: Open) -> None:
    at = opened(compared(open_page, "sim/quick", "sim/steady", "sim/slow"), "diff")
    assert ":red-background[~~" in texts(at)
    assert ":green-background[**" in texts(at)
    at.segmented_control(key="diff-right").set_value("A").run()
    assert "Choose two different answers." in texts(at)
    at.segmented_control(key="diff-right").set_value("C").run()
    at.segmented_control(key="diff-form").set_value("beside").run()
    assert not at.exception


def test_a_judge_is_asked_by_a_click_and_its_scores_survive_a_reload(open_page: Open, shared: AppState) -> None:
    at = opened(compared(open_page), "judge")
    assert "One call · simulated" in texts(at)
    at.button(key="judge-ask").click().run()
    assert "| Answer | Correctness | Completeness | Clarity | Total |" in texts(at)
    assert "Judged by" in texts(at)
    other = opened(open_page("compare", run=in_address(at, "run")), "judge")
    assert "| Answer | Correctness | Completeness | Clarity | Total |" in texts(other)


def test_a_judge_among_the_answers_is_said_to_be(open_page: Open) -> None:
    at = opened(compared(open_page), "judge")
    at.session_state["judge-model"] = "sim/quick"
    at.run()
    assert "This model wrote one of the answers" in texts(at)
    at.button(key="judge-ask").click().run()
    assert texts(at).count("-badge[its own answer]") == 3  # in the table, beside the reasons, at its letter


def test_a_judge_without_the_form_is_told_and_its_words_are_kept(open_page: Open) -> None:
    at = opened(compared(open_page), "judge")
    at.session_state["judge-model"] = "sim/bench:chunks=5,rate=0"
    at.run().button(key="judge-ask").click().run()
    assert "The judge's reply has the wrong format" in texts(at)
    assert "word1 word2" in texts(at)


def test_a_judge_that_fails_has_its_card(open_page: Open) -> None:
    at = opened(compared(open_page), "judge")
    at.session_state["judge-model"] = "groq/no-key"
    at.run().button(key="judge-ask").click().run()
    assert "No " in texts(at)
    assert at.button(key="retry-judge-0-t1")


def test_answers_are_merged_and_go_on_in_a_chat(open_page: Open, shared: AppState) -> None:
    at = opened(compared(open_page), "merge")
    at.button(key="merge-ask").click().run()
    assert "merged A" in texts(at)
    kinds = [entry.kind for entry in shared.workspace.of(ME).history.recent(9).entries]
    assert kinds == ["comparison"]
    at.button(key="chat-merge-0-t1").click().run()
    assert not at.exception
    titles = [(entry.kind, entry.title) for entry in shared.workspace.of(ME).history.recent(9).entries]
    assert ("chat", "Explain recursion") in titles


def test_another_turn_begins_with_all_closed(open_page: Open) -> None:
    at = opened(compared(open_page), "agreement")
    at.chat_input(key="ask-all").set_value("And iteration?").run()
    assert at.segmented_control(key="verdict").value is None


def test_what_was_said_of_an_earlier_turn_stands_in_its_fold(open_page: Open) -> None:
    at = opened(compared(open_page), "merge")
    at.button(key="merge-ask").click().run()
    at.chat_input(key="ask-all").set_value("And iteration?").run()
    assert "merged A" not in texts(at)
    at.session_state["turn-1"] = True
    at.run()
    assert not at.exception
    assert "merged A" in texts(at)
    assert at.button(key="chat-merge-0-t1")
    assert not [button for button in at.button if (button.key or "").startswith("again-merge")]


def test_a_blind_comparison_stays_blind_in_every_section(open_page: Open) -> None:
    """Nor does the judge that is offered tell who has no answer here."""
    at = open_page("compare", m=["sim/quick", "sim/steady"])
    at.toggle(key="blind-on-switch").set_value(True).run()
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    for section in ("agreement", "diff", "judge", "merge"):
        opened(at, section)
        if section == "judge":
            assert "Whether the judge wrote one of the answers is shown after your vote." in texts(at)
            assert "This model wrote one of the answers" not in texts(at)
        for name in ("quick", "steady"):
            assert f"{name} merged" not in texts(at)
            assert f"● {name}" not in texts(at)
    opened(at, "judge")
    at.button(key="judge-ask").click().run()
    assert "-badge[its own answer]" not in texts(at)
    at.button(key="vote-tie").click().run()
    assert "-badge[its own answer]" in texts(at)


def test_files_hold_the_vote_the_scores_and_the_merged_answer(open_page: Open, shared: AppState) -> None:
    at = opened(compared(open_page), "judge")
    at.button(key="judge-ask").click().run()
    at = opened(at, "merge")
    at.button(key="merge-ask").click().run()
    at.button(key="vote-tie").click().run()
    run = shared.workspace.of(ME).comparisons.get(in_address(at, "run"))
    labels = {lane.id: f"{'AB'[at]} · {lane.model_id}" for at, lane in enumerate(run.lanes)}
    vote, judge, merged = assessments.assessments(
        assessments.ComparisonContext(shared.workspace.of(ME), run, labels, str.upper)
    )
    assert (vote.kind, vote.text, vote.about) == ("vote", "tie", tuple(labels.values()))
    assert (judge.kind, judge.model, set(judge.marks)) == (
        "judge",
        judge.model and judge.model.upper(),
        set(vote.about),
    )
    assert all(mark.score and mark.reason for marks in judge.marks.values() for mark in marks)
    assert (merged.kind, merged.state, set(merged.about)) == ("merge", "done", set(vote.about))
    assert merged.text
    assert (
        assessments.assessments(
            assessments.ComparisonContext(shared.workspace.of("somebody else"), run, labels, str.upper)
        )
        == []
    )
