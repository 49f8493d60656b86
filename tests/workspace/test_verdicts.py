"""A judge and a merger asked through the workspace: committed, counted, once for a request, stopped, found by the
owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import build
from core.insight.judging import questions
from core.insight.judging.scores import scores
from core.options import load
from core.simulator.answer import NOTICE
from core.store import NotFound, calls, running
from core.store.opening import open_database
from core.views.comparison import Comparison, Kind, Opinion
from core.workspace import Workspace
from tests.workspace.acme import until

ME, YOU = "owner-me", "owner-you"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    settings = load(environ={"ROUNDTABLE_SIMULATOR_SPEED": "1000"}, folder=tmp_path)
    fresh_workspace = Workspace(build(settings, folder=tmp_path), open_database(None, tmp_path / "data"))
    yield fresh_workspace
    fresh_workspace.database.close()


@pytest.fixture
def run(workspace: Workspace) -> Comparison:
    run_id = workspace.of(ME).comparisons.start("r0", "Explain tides", ["sim/quick", "sim/steady"])
    until(lambda: not workspace.of(ME).comparisons.get(run_id).running())
    return workspace.of(ME).comparisons.get(run_id)


def answers(run: Comparison) -> tuple[list[str], list[str]]:
    """Ids and texts of the answers."""
    turns = [lane.turns[-1] for lane in run.lanes]
    return [turn.answer_id for turn in turns], [turn.completion.text for turn in turns if turn.completion]


def ask_verdict(workspace: Workspace, run: Comparison, kind: Kind, request_id: str = "r1") -> Opinion:
    ids, texts = answers(run)
    prompt = getattr(questions, kind)("Explain tides", texts, "secret")
    workspace.of(ME).verdicts.ask(request_id, run.id, kind, prompt, ids, "sim/slow")
    until(lambda: running.read(workspace.database, ME, request_id).state != "running")
    return workspace.of(ME).verdicts.opinions(workspace.of(ME).verdicts.links(run.id, ids))[0]


def test_a_judge_scores_every_answer(workspace: Workspace, run: Comparison) -> None:
    opinion = ask_verdict(workspace, run, "judge")
    assert (opinion.kind, opinion.model_id, list(opinion.answers)) == ("judge", "sim/slow", answers(run)[0])
    assert opinion.turn
    assert opinion.turn.completion
    text = opinion.turn.completion.text
    read = scores(text, 2)
    assert read.fault == ""
    assert [row.letter for row in read.rows] == ["A", "B"]
    assert "Simulated" in text
    since = datetime.now(UTC) - timedelta(hours=1)
    assert "sim/slow" in [row.model_id for row in calls.recent(workspace.database, ME, since=since)]


def test_a_merger_writes_one_answer(workspace: Workspace, run: Comparison) -> None:
    opinion = ask_verdict(workspace, run, "merge")
    assert opinion.turn
    assert opinion.turn.completion
    assert opinion.turn.completion.text.startswith(NOTICE[False])
    assert "[[" not in opinion.turn.completion.text
    chat_id = workspace.of(ME).verdicts.fork(opinion, "Explain tides")
    chat = workspace.of(ME).chats.get(chat_id)
    assert [(turn.prompt, turn.completion) for turn in chat.turns] == [("Explain tides", opinion.turn.completion)]


def test_a_second_click_asks_nobody(workspace: Workspace, run: Comparison) -> None:
    first, second = ask_verdict(workspace, run, "judge"), ask_verdict(workspace, run, "judge")
    assert first == second
    assert len(first.view.turns) == 1


def test_what_is_about_other_answers_is_not_shown(workspace: Workspace, run: Comparison) -> None:
    ask_verdict(workspace, run, "judge")
    ids = answers(run)[0]
    assert workspace.of(ME).verdicts.links(run.id, ids[:1]) == []
    assert len(workspace.of(ME).verdicts.links(run.id, [*ids, "another"])) == 1


def test_nobody_else_asks_or_finds(workspace: Workspace, run: Comparison) -> None:
    ask_verdict(workspace, run, "judge")
    ids, _ = answers(run)
    assert workspace.of(YOU).verdicts.links(run.id, ids) == []
    with pytest.raises(NotFound):
        workspace.of(YOU).verdicts.ask("r2", run.id, "judge", "Score", ids, "sim/slow")


def test_a_lane_list_stays_as_it_was(workspace: Workspace, run: Comparison) -> None:
    ask_verdict(workspace, run, "judge")
    assert [lane.id for lane in workspace.of(ME).comparisons.get(run.id).lanes] == [lane.id for lane in run.lanes]


def test_a_judge_is_stopped_and_its_part_kept(tmp_path: Path) -> None:
    settings = load(environ={"ROUNDTABLE_SIMULATOR_SPEED": "1000"}, folder=tmp_path)
    slow = load(environ={"ROUNDTABLE_SIMULATOR_SPEED": "0.01"}, folder=tmp_path)
    workspace = Workspace(build(settings, folder=tmp_path), open_database(None, tmp_path / "data"))
    run_id = workspace.of(ME).comparisons.start("r0", "Explain tides", ["sim/quick", "sim/steady"])
    until(lambda: not workspace.of(ME).comparisons.get(run_id).running())
    ids, texts = answers(workspace.of(ME).comparisons.get(run_id))
    late = Workspace(build(slow, folder=tmp_path), workspace.database)
    late.of(ME).verdicts.ask("r1", run_id, "judge", questions.judge("Q", texts, "s"), ids, "sim/slow")
    assert late.of(ME).chats.stop("r1")
    until(lambda: running.read(workspace.database, ME, "r1").state != "running")
    opinion = workspace.of(ME).verdicts.opinions(workspace.of(ME).verdicts.links(run_id, ids))[0]
    assert opinion.turn
    assert opinion.turn.state == "stopped"
    workspace.database.close()
