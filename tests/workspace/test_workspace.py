"""People's acts on a real database: committed first, found again by everybody who may, and nobody else."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core import build
from core.options import load
from core.store import NotFound, running
from core.store.opening import open_database
from core.views.conversation import ConversationView, File, GenerationSettings
from core.workspace import Workspace
from tests.workspace.acme import opened, until

ME, YOU = "owner-me", "owner-you"


def workspace_in(folder: Path, speed: str = "50", data: Path | None = None) -> Workspace:
    settings = load(environ={"ROUNDTABLE_SIMULATOR_SPEED": speed}, folder=folder)
    return opened(Workspace(build(settings, folder=folder), open_database(None, data or folder / "data")))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def ended(workspace: Workspace, request_id: str) -> None:
    until(lambda: running.read(workspace.database, ME, request_id).state != "running")


def ask_chat(
    workspace: Workspace, request_id: str, prompt: str, view: ConversationView | None = None, model: str = "sim/quick"
) -> ConversationView:
    started = workspace.of(ME).chats.ask(request_id, prompt, model, view=view, parent_id=view.leaf_id if view else None)
    ended(workspace, request_id)
    return workspace.of(ME).chats.get(started.conversation_id)


def test_a_question_is_there_before_its_answer(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path, speed="0.01")
    started = workspace.of(ME).chats.ask("r1", "Explain tides", "sim/slow")
    turn = workspace.of(ME).chats.get(started.conversation_id).turns[0]
    assert (turn.prompt, turn.state, turn.completion) == ("Explain tides", "running", None)
    workspace.of(ME).chats.stop("r1")
    ended(workspace, "r1")
    assert workspace.of(ME).chats.get(started.conversation_id).turns[0].state == "stopped"


def test_one_answer_however_often_it_is_sent(workspace: Workspace) -> None:
    first = workspace.of(ME).chats.ask("r1", "Explain tides", "sim/quick")
    second = workspace.of(ME).chats.ask("r1", "Explain tides", "sim/quick")
    assert (first.fresh, second.fresh) == (True, False)
    assert first.conversation_id == second.conversation_id
    ended(workspace, "r1")
    assert len(workspace.of(ME).chats.get(first.conversation_id).turns) == 1


def test_the_branch_above_is_sent_and_nothing_else(workspace: Workspace) -> None:
    view = ask_chat(workspace, "r1", "Explain tides")
    first = view.turns[0]
    view = ask_chat(workspace, "r2", "And the moon?", view)
    workspace.of(ME).chats.ask(
        "r3",
        "And the sun?",
        "sim/quick",
        view=view,
        parent_id=first.answer_id,
        generation=GenerationSettings("Be brief"),
    )
    job = workspace.of(ME).chats.job("r3")
    assert job
    sent = [(message.role, message.text) for message in job.request.messages]
    assert sent[0] == ("system", "Be brief")
    assert [role for role, _ in sent] == ["system", "user", "assistant", "user"]
    assert sent[-1] == ("user", "And the sun?")
    assert all("moon" not in text for _, text in sent)


def test_an_edited_question_is_a_branch(workspace: Workspace) -> None:
    view = ask_chat(workspace, "r1", "Explain tides")
    started = workspace.of(ME).chats.ask(
        "r2", "Explain waves", "sim/quick", view=view, parent_id=view.turns[0].parent_id
    )
    ended(workspace, "r2")
    edited = workspace.of(ME).chats.get(started.conversation_id)
    assert edited.id == view.id
    assert [turn.prompt for turn in edited.turns] == ["Explain waves"]
    assert len(edited.turns[0].question_siblings) == 2


def test_another_answer_stands_beside_the_first(workspace: Workspace) -> None:
    view = ask_chat(workspace, "r1", "Explain tides")
    workspace.of(ME).chats.again("r2", view, view.turns[0], "sim/steady")
    ended(workspace, "r2")
    turn = workspace.of(ME).chats.get(view.id).turns[0]
    assert (turn.model_id, len(turn.answer_siblings)) == ("sim/steady", 2)


def test_a_file_is_read_by_the_model_and_not_shown_in_the_prompt(workspace: Workspace) -> None:
    started = workspace.of(ME).chats.ask("r1", "What is in it?", "sim/quick", files=[File("notes.txt", "blue whale")])
    ended(workspace, "r1")
    view = workspace.of(ME).chats.get(started.conversation_id)
    assert view.turns[0].prompt == "What is in it?"
    assert [file.name for file in view.turns[0].attached] == ["notes.txt"]
    for request_id in ("r1", "r2"):
        if request_id == "r2":
            workspace.of(ME).chats.again("r2", view, view.turns[0], "sim/quick")
        job = workspace.of(ME).chats.job(request_id)
        assert job
        assert "blue whale" in job.request.messages[-1].text


def test_a_failed_answer_is_kept_with_its_reason(workspace: Workspace) -> None:
    view = ask_chat(workspace, "r1", "Explain tides", model="groq/openai/gpt-oss-20b")
    turn = view.turns[0]
    assert turn.state == "failed"
    assert turn.completion
    assert turn.completion.error
    assert turn.completion.error.kind == "missing_key"


def test_a_comparison_is_found_again_with_its_lanes(workspace: Workspace) -> None:
    run_id = workspace.of(ME).comparisons.start("c1", "Tea or coffee?", ["sim/quick", "nobody/nothing"])
    assert workspace.of(ME).comparisons.start("c1", "Tea or coffee?", ["sim/quick", "nobody/nothing"]) == run_id
    ended(workspace, "c1-0")
    ended(workspace, "c1-1")
    comparison = workspace.of(ME).comparisons.get(run_id)
    assert comparison.prompt == "Tea or coffee?"
    assert [(lane.model_id, lane.turns[0].state, len(lane.turns)) for lane in comparison.lanes] == [
        ("sim/quick", "done", 1), ("nobody/nothing", "failed", 1),
    ]  # fmt: skip


def test_another_owner_finds_nothing(workspace: Workspace) -> None:
    view = ask_chat(workspace, "r1", "Explain tides")
    run_id = workspace.of(ME).comparisons.start("c1", "Tea?", ["sim/quick", "sim/steady"])
    with pytest.raises(NotFound):
        workspace.of(YOU).chats.get(view.id)
    with pytest.raises(NotFound):
        workspace.of(YOU).comparisons.get(run_id)
    with pytest.raises(NotFound):
        workspace.of(YOU).chats.progress("r1")
    assert not workspace.of(YOU).chats.stop("c1-0")


def test_another_process_sees_the_answer_running_and_ended(tmp_path: Path) -> None:
    carrier, observer = workspace_in(tmp_path, speed="1"), workspace_in(tmp_path)
    started = carrier.of(ME).chats.ask("r1", "A long story, 800 words", "sim/quick")
    until(lambda: len(observer.of(ME).chats.progress("r1").text) > 20)
    progress = observer.of(ME).chats.progress("r1")
    assert (progress.phase, progress.completion) == ("answering", None)
    assert observer.of(ME).chats.get(started.conversation_id).running()
    carrier.of(ME).chats.stop("r1")
    ended(observer, "r1")
    end = observer.of(ME).chats.progress("r1")
    assert end.completion
    assert end.completion.finish
    assert end.completion.finish.reason == "stopped"
    assert end.text.startswith(progress.text)


def test_the_rest_of_a_cut_answer_can_be_asked_for(workspace: Workspace) -> None:
    view = ask_chat(workspace, "r1", "Explain tides")
    workspace.of(ME).chats.go_on("r2", view, "sim/quick")
    ended(workspace, "r2")
    assert len(workspace.of(ME).chats.get(view.id).turns) == 2


def test_without_its_database_a_chat_goes_on_and_is_saved_later(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = ask_chat(workspace, "r1", "Explain tides")
    engine = workspace.database.engine

    def away(*_: object, **__: object) -> None:
        import sqlite3

        from sqlalchemy import exc

        cause = sqlite3.OperationalError("database or disk is full")
        cause.sqlite_errorname = "SQLITE_FULL"
        raise exc.OperationalError("", {}, cause)

    monkeypatch.setattr(engine, "connect", away)
    started = workspace.of(ME).chats.ask("r2", "And the moon?", "sim/quick", view=view, parent_id=view.leaf_id)
    assert not started.saved
    until(lambda: workspace.of(ME).chats.progress("r2").completion is not None)
    shown = workspace.of(ME).chats.get(view.id)
    assert [turn.prompt for turn in shown.turns] == ["Explain tides", "And the moon?"]
    assert workspace.database.health().state != "ok"
    job = workspace.of(ME).chats.job("r2")
    assert job
    assert len(job.request.messages) == 3
    monkeypatch.undo()
    workspace.database.availability.hold_off(0.0)
    until(workspace.database.flush)
    until(lambda: workspace.of(ME).chats.get(view.id).turns[-1].state == "done")
    assert [turn.prompt for turn in workspace.of(ME).chats.get(view.id).turns] == ["Explain tides", "And the moon?"]


def test_a_workspace_that_is_closed_leaves_nothing_running(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = set(threading.enumerate())
    workspace = workspace_in(tmp_path, speed="0.01")
    workspace.begin_work()
    started = workspace.of(ME).chats.ask("r1", "Explain tides", "sim/slow")
    assert set(threading.enumerate()) - before
    workspace.close()
    assert set(threading.enumerate()) - before == set()
    workspace.close()
    later = workspace_in(tmp_path)
    later.begin_work()
    assert later.of(ME).chats.get(started.conversation_id).turns[0].state == "interrupted"
    assert caplog.records == []
