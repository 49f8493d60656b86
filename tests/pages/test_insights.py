"""The Insights page without a browser: in words while there is nothing, then the leaderboard, its filters, its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from streamlit.testing.v1 import AppTest

from core.store import runs
from core.ui import session
from core.ui.app_state import AppState
from core.ui.insight import leaderboard
from core.ui.insight.votes import as_csv
from core.views.votes import Choice
from tests.pages.conftest import ME, texts

PAIR = ("sim/quick", "groq/openai/gpt-oss-20b")


def vote(
    shared: AppState, number: int, choice: Choice, topic: str, *, blind: bool = False, models: Sequence[str] = PAIR
) -> None:
    options = {"prompt": "p", **({"blind": True} if blind else {})}
    run_id, lanes = runs.create(shared.workspace.database, ME, f"r{number}", models, prompt="p", options=options)
    shown = [(lane.conversation_id, lane.model_id) for lane in lanes]
    shared.workspace.of(ME).votes.cast(run_id, 0, choice, shown, topic)


def test_without_votes_it_says_what_will_appear(open_page: Callable[..., AppTest]) -> None:
    at = open_page("insights")
    assert not at.exception
    assert "appears here after your first vote" in texts(at)
    assert "| Model |" not in texts(at)


def test_the_leaderboard_its_topics_and_its_pairs(open_page: Callable[..., AppTest], shared: AppState) -> None:
    for number in range(4):
        vote(shared, number, 0, "code", blind=number < 2)
    vote(shared, 4, 1, "maths")
    vote(shared, 5, "bad", "maths")
    at = open_page("insights")
    assert not at.exception
    shown = texts(at)
    assert "Votes: 6, of them blind: 2." in shown
    assert "Few votes so far" in shown
    board, topics, pairs = (element.value for element in at.markdown if element.value.startswith("| Model"))
    assert board.index("quick") < board.index("gpt\\-oss")
    assert "Code :gray[:small[4]]" in topics
    assert "100 %" in topics.replace("\u00a0", " ")
    assert "67 %" in pairs.replace("\u00a0", " ")  # four of six: all bad is a loss for both


def test_the_filters_leave_what_they_name(open_page: Callable[..., AppTest], shared: AppState) -> None:
    vote(shared, 0, 0, "code", blind=True)
    vote(shared, 1, 1, "maths")
    at = open_page("insights")
    at.segmented_control("vote-kind").set_value("blind").run()
    assert "Votes: 1, of them blind: 1." in texts(at)
    at.button_group("vote-topic").set_value("maths").run()
    assert "No matching votes." in texts(at)


def test_models_that_never_met_stand_apart(open_page: Callable[..., AppTest], shared: AppState) -> None:
    vote(shared, 0, 0, "code")
    vote(shared, 1, 0, "code", models=("sim/steady", "sim/thinker"))
    vote(shared, 2, "tie", "code", models=("gone/from-the-catalogue", "sim/flaky"))
    shown = texts(open_page("insights"))
    assert "never voted on together" in shown
    assert "Not ranked yet" in shown
    assert "from\\-the\\-catalogue" in shown


def test_the_file_has_a_row_a_vote(open_page: Callable[..., AppTest], shared: AppState) -> None:
    vote(shared, 0, "tie", "code", blind=True)
    lines = as_csv(shared.workspace.of(ME).votes.all()).decode("utf-8-sig").splitlines()
    assert lines[0] == "at,topic,blind,outcome,winner,models"
    assert lines[1].endswith(",code,1,tie,,sim/quick groq/openai/gpt-oss-20b")


def test_no_cell_of_the_file_is_a_formula(shared: AppState) -> None:
    vote(shared, 0, 0, "code", models=("=cmd|' /C calc'!A0/x", "sim/quick"))
    line = as_csv(shared.workspace.of(ME).votes.all()).decode("utf-8-sig").splitlines()[1]
    assert line.split(",")[4:] == ["'=cmd|' /C calc'!A0/x", "'=cmd|' /C calc'!A0/x sim/quick"]


def test_the_chart_has_a_dot_and_a_bar_for_each_model(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.insight.votes import board

    monkeypatch.setattr(session, "engine", lambda: shared.engine)
    vote(shared, 0, 0, "code")
    vote(shared, 1, 1, "code")
    vote(shared, 2, 0, "code")
    figure = leaderboard.chart(board(shared.workspace.of(ME).votes.all()).rows)
    assert [trace.y[0] for trace in figure.data] == [0, 1]
    assert list(figure.layout.yaxis.ticktext) == ["gpt-oss-20b  n=3", "quick  n=3"]
    best = figure.data[1]
    assert best.x[0] == pytest.approx(100 * 2.5 / 4, abs=0.1)
    assert best.x[0] - best.error_x.arrayminus[0] < 50 < best.x[0] + best.error_x.array[0] < 100
