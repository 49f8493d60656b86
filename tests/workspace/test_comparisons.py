"""A comparison over many turns: who sees what, and what can be done with one lane."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import exc

from core import context
from core.records import ChatRequest
from core.store import NotFound, StoreError, runs, search
from core.views.comparison import Comparison
from core.views.conversation import GenerationSettings
from core.workspace import Workspace
from tests.workspace.acme import until
from tests.workspace.test_workspace import ME, YOU, ended, workspace_in

MODELS = ["sim/quick", "sim/steady", "nobody/nothing"]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = workspace_in(tmp_path, speed="1000")
    yield opened
    opened.database.close()


def ask_round(
    workspace: Workspace, prompt: str = "Explain tides", models: list[str] = MODELS, **more: object
) -> Comparison:
    run_id = workspace.of(ME).comparisons.start("c1", prompt, models, **more)  # type: ignore[arg-type]
    return over(workspace, run_id)


def over(workspace: Workspace, run_id: str) -> Comparison:
    """The comparison once all its answers are kept."""
    until(lambda: not workspace.of(ME).comparisons.get(run_id).running())
    for lane in workspace.of(ME).comparisons.get(run_id).lanes:
        for turn in lane.turns:
            ended(workspace, turn.request_id)
    return workspace.of(ME).comparisons.get(run_id)


def sent(workspace: Workspace, run: Comparison, at: int) -> ChatRequest:
    """What the newest question of a lane was sent as."""
    job = workspace.of(ME).chats.job(run.lanes[at].turns[-1].request_id)
    assert job
    return job.request


def texts(workspace: Workspace, run: Comparison, at: int) -> list[str]:
    return [message.text for message in sent(workspace, run, at).messages]


def answer(run: Comparison, at: int, number: int) -> str:
    turn = run.turn(run.lanes[at], run.rounds[number])
    assert turn
    assert turn.completion
    return turn.completion.text


def test_each_model_sees_only_its_own_answers(workspace: Workspace) -> None:
    run = ask_round(workspace)
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?")
    run = over(workspace, run.id)
    assert [each.prompt for each in run.rounds] == ["Explain tides", "And the moon?"]
    for at in (0, 1):
        assert texts(workspace, run, at) == ["Explain tides", answer(run, at, 0), "And the moon?"]
    assert texts(workspace, run, 2) == ["And the moon?"]  # it had failed, so there is nothing to go on from


def test_each_question_of_a_turn_is_prepared_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[object] = []
    fit = context.fit
    monkeypatch.setattr(context, "fit", lambda *of: fitted.append(of) or fit(*of))
    run_id = workspace.of(ME).comparisons.start("once", "Explain tides", ["sim/quick", "sim/steady"])
    over(workspace, run_id)
    assert len(fitted) == 2
    workspace.of(ME).comparisons.go_on("twice", workspace.of(ME).comparisons.get(run_id), "And the moon?")
    over(workspace, run_id)
    assert len(fitted) == 4


def test_a_turn_sent_twice_is_one(workspace: Workspace) -> None:
    run = ask_round(workspace)
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?")
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?")
    run = over(workspace, run.id)
    assert [each.number for each in run.rounds] == [1, 2]
    assert [len(lane.turns) for lane in run.lanes] == [2, 2, 2]


def test_all_go_on_from_one_answer(workspace: Workspace) -> None:
    run = ask_round(workspace)
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?", follows=run.lanes[1].id)
    run = over(workspace, run.id)
    for at in range(3):
        assert texts(workspace, run, at) == ["Explain tides", answer(run, 1, 0), "And the moon?"]
    assert run.rounds[1].follows == run.lanes[1].id
    assert answer(run, 0, 0) != answer(run, 1, 0)  # what each said before is still its own


def test_after_a_shared_turn_each_goes_on_with_what_it_saw(workspace: Workspace) -> None:
    run = ask_round(workspace)
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?", follows=run.lanes[1].id)
    run = over(workspace, run.id)
    workspace.of(ME).comparisons.go_on("c3", run, "And the sun?")
    run = over(workspace, run.id)
    first = answer(run, 1, 0)
    assert texts(workspace, run, 0) == ["Explain tides", first, "And the moon?", answer(run, 0, 1), "And the sun?"]


def test_what_all_share_is_found_once_by_a_search(workspace: Workspace) -> None:
    run = ask_round(workspace, "Explain the word zygomorphic")
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?", follows=run.lanes[0].id)
    run = over(workspace, run.id)
    hits = [hit for hit in search.find(workspace.database, ME, "zygomorphic") if hit.role == "user"]
    assert len(hits) == len(run.lanes)


def test_going_on_stops_what_still_runs_and_keeps_its_part(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path, speed="0.5")
    run_id = workspace.of(ME).comparisons.start("c1", "Write a long story", ["sim/quick", "sim/steady"])
    until(
        lambda: all(
            workspace.of(ME).chats.progress(turn.request_id).text
            for turn in workspace.of(ME).comparisons.get(run_id).running()
        )
    )
    workspace.of(ME).comparisons.go_on("c2", workspace.of(ME).comparisons.get(run_id), "Shorter")
    run = workspace.of(ME).comparisons.get(run_id)
    assert [lane.turns[0].state for lane in run.lanes] == ["stopped", "stopped"]
    assert texts(workspace, run, 0) == ["Write a long story", answer(run, 0, 0), "Shorter"]
    workspace.of(ME).comparisons.stop_and_wait(run.running())
    workspace.database.close()


def test_a_lane_is_taken_out_and_put_back(workspace: Workspace) -> None:
    run = ask_round(workspace)
    removed = run.lanes[1]
    workspace.of(ME).comparisons.take_out(removed)
    run = workspace.of(ME).comparisons.get(run.id)
    assert [lane.model_id for lane in run.lanes] == ["sim/quick", "nobody/nothing"]
    assert [lane.id for lane in run.removed] == [removed.id]
    assert run.removed[0].turns
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?")
    workspace.of(ME).comparisons.put_back(removed)
    run = over(workspace, run.id)
    assert [len(lane.turns) for lane in run.lanes] == [2, 1, 2]
    assert run.turn(run.lanes[1], run.rounds[1]) is None


def test_another_model_answers_from_now_on(workspace: Workspace) -> None:
    run = ask_round(workspace)
    workspace.of(ME).comparisons.swap(run.lanes[0], "sim/thinker")
    run = workspace.of(ME).comparisons.get(run.id)
    assert (run.lanes[0].model_id, run.lanes[0].turns[0].model_id) == ("sim/thinker", "sim/quick")
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?")
    run = over(workspace, run.id)
    assert [turn.model_id for turn in run.lanes[0].turns] == ["sim/quick", "sim/thinker"]


def test_a_lane_that_joins_is_asked_the_newest_prompt(workspace: Workspace) -> None:
    run = ask_round(workspace)
    lane_id = workspace.of(ME).comparisons.add("a1", run, "sim/slow")
    assert workspace.of(ME).comparisons.add("a1", run, "sim/slow") == lane_id
    run = workspace.of(ME).comparisons.get(run.id)
    assert run.turn(run.lanes[3], run.rounds[0]) is None
    for _ in range(2):
        workspace.of(ME).comparisons.take_part("a2", run, run.lanes[3])
    run = over(workspace, run.id)
    assert answer(run, 3, 0)
    assert len(run.lanes[3].turns) == 1


def test_asking_again_shows_the_newest_answer_and_goes_on_from_it(workspace: Workspace) -> None:
    run = ask_round(workspace)
    before = answer(run, 0, 0)
    workspace.of(ME).comparisons.again("g1", run.lanes[0], run.lanes[0].turns[0])
    run = over(workspace, run.id)
    fresh = answer(run, 0, 0)
    assert fresh != before
    assert len(run.lanes[0].turns[0].answer_siblings) == 2
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?")
    assert texts(workspace, over(workspace, run.id), 0)[1] == fresh


def test_all_share_settings_but_for_what_a_lane_has_otherwise(workspace: Workspace) -> None:
    run = ask_round(
        workspace, generation=GenerationSettings("Be brief", temperature=0.5, seed=3), apart={1: {"temperature": 0.0}}
    )
    assert [sent(workspace, run, at).temperature for at in range(3)] == [0.5, 0.0, 0.5]
    workspace.of(ME).comparisons.set_apart(run.lanes[0], {"system": "Be long", "seed": None})
    workspace.of(ME).comparisons.set_apart(run.lanes[1], {})
    workspace.of(ME).comparisons.configure(run, GenerationSettings("Be kind", temperature=0.7))
    run = workspace.of(ME).comparisons.get(run.id)
    assert run.apart == {run.lanes[0].id: {"system": "Be long", "seed": None}}
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?")
    run = over(workspace, run.id)
    assert [texts(workspace, run, at)[0] for at in range(2)] == ["Be long", "Be kind"]
    assert [sent(workspace, run, at).temperature for at in range(3)] == [0.7, 0.7, 0.7]
    assert [sent(workspace, run, at).seed for at in range(3)] == [None, None, None]


def test_a_lane_goes_on_as_a_chat_of_its_own(workspace: Workspace) -> None:
    run = ask_round(workspace)
    lane = run.lanes[0]
    chat_id = workspace.of(ME).comparisons.fork(lane, lane.turns[0])
    assert workspace.of(ME).comparisons.fork(lane, lane.turns[0]) == chat_id
    chat = workspace.of(ME).chats.get(chat_id)
    assert [(turn.prompt, turn.completion and turn.completion.text) for turn in chat.turns] == [
        ("Explain tides", answer(run, 0, 0))
    ]
    workspace.of(ME).chats.ask("r9", "More", "sim/quick", view=chat, parent_id=chat.leaf_id)
    ended(workspace, "r9")
    assert len(workspace.of(ME).comparisons.get(run.id).lanes[0].turns) == 1


def test_what_was_kept_without_rounds_is_shown_turn_by_turn(workspace: Workspace) -> None:
    run_id, lanes = runs.create(workspace.database, ME, "old", ["sim/quick", "sim/steady"], prompt="Old question")
    for lane in lanes:
        workspace.of(ME).chats.ask(
            f"old-{lane.position}", "Old question", lane.model_id, view=workspace.of(ME).chats.get(lane.conversation_id)
        )
    run = over(workspace, run_id)
    assert [each.prompt for each in run.rounds] == ["Old question"]
    workspace.of(ME).comparisons.go_on("c2", run, "And now?")
    run = over(workspace, run_id)
    assert [each.prompt for each in run.rounds] == ["Old question", "And now?"]
    assert [len(lane.turns) for lane in run.lanes] == [2, 2]


def test_an_answer_kept_from_a_chat_can_be_shown_in_a_lane(workspace: Workspace) -> None:
    workspace.of(ME).chats.ask("r1", "Explain tides", "sim/quick", generation=GenerationSettings(reuse=True))
    until(lambda: workspace.of(ME).chats.progress("r1").completion is not None)
    chat = workspace.of(ME).chats.progress("r1").completion
    run = ask_round(workspace)
    quick, steady = run.lanes[0], run.lanes[1]
    cached = workspace.of(ME).comparisons.cached_answer(quick, quick.turns[0])
    assert cached
    assert chat
    assert cached.text == chat.text
    assert workspace.of(ME).comparisons.cached_answer(steady, steady.turns[0]) is None
    assert workspace.of(YOU).comparisons.cached_answer(quick, quick.turns[0]) is None
    workspace.of(ME).comparisons.again("k1", quick, quick.turns[0], cached=True)
    turn = over(workspace, run.id).lanes[0].turns[0]
    assert turn.completion
    assert (turn.completion.cached, turn.completion.text) == (True, chat.text)


def test_nobody_else_finds_or_changes_anything(workspace: Workspace) -> None:
    run = ask_round(workspace)
    lane = run.lanes[0]
    for act in (
        lambda: workspace.of(YOU).comparisons.get(run.id),
        lambda: workspace.of(YOU).comparisons.go_on("y1", run, "Mine now"),
        lambda: workspace.of(YOU).comparisons.add("y2", run, "sim/slow"),
        lambda: workspace.of(YOU).comparisons.take_out(lane),
        lambda: workspace.of(YOU).comparisons.swap(lane, "sim/slow"),
        lambda: workspace.of(YOU).comparisons.set_apart(lane, {"system": "x"}),
        lambda: workspace.of(YOU).comparisons.configure(run, GenerationSettings("x")),
        lambda: workspace.of(YOU).comparisons.fork(lane, lane.turns[0]),
        lambda: workspace.of(YOU).comparisons.take_part("y3", run, lane),
    ):
        with pytest.raises(NotFound):
            act()
    after = workspace.of(ME).comparisons.get(run.id)
    assert (len(after.rounds), len(after.lanes), after.lanes[0].model_id) == (1, 3, "sim/quick")


def test_without_its_database_a_comparison_goes_on_and_is_saved_later(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask_round(workspace)
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorname = "SQLITE_FULL"

    def away(*_: object, **__: object) -> None:
        raise exc.OperationalError("", {}, cause)

    monkeypatch.setattr(workspace.database.engine, "connect", away)
    workspace.of(ME).comparisons.go_on("c2", run, "And the moon?")
    until(lambda: not workspace.of(ME).comparisons.get(run.id).running())
    shown = workspace.of(ME).comparisons.get(run.id)
    assert [each.prompt for each in shown.rounds] == ["Explain tides", "And the moon?"]
    assert texts(workspace, shown, 0) == ["Explain tides", answer(run, 0, 0), "And the moon?"]
    with pytest.raises(StoreError):  # what all share must be kept first
        workspace.of(ME).comparisons.go_on("c3", shown, "And the sun?", follows=shown.lanes[0].id)
    monkeypatch.undo()
    workspace.database.availability.hold_off(0.0)
    until(workspace.database.flush)
    saved = over(workspace, run.id)
    assert [each.prompt for each in saved.rounds] == ["Explain tides", "And the moon?"]
    assert answer(saved, 0, 1) == answer(shown, 0, 1)
