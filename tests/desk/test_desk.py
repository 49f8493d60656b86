"""People's acts on a real database: committed first, found again by everybody who may, and nobody else."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core import build
from core.config import load
from core.desk import Desk
from core.store import NotFound, running
from core.store.opening import open_database
from core.views.conversation import File, Sheet, Wishes
from tests.desk.acme import opened, until

ME, YOU = "owner-me", "owner-you"


def desk_in(folder: Path, speed: str = "50", data: Path | None = None) -> Desk:
    settings = load(environ={"ROUNDTABLE_SIMULATOR_SPEED": speed}, folder=folder)
    return opened(Desk(build(settings, folder=folder), open_database(None, data or folder / "data")))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_in(tmp_path)


def ended(desk: Desk, request_id: str) -> None:
    until(lambda: running.read(desk.database, ME, request_id).state != "running")


def asked(desk: Desk, request_id: str, prompt: str, sheet: Sheet | None = None, model: str = "sim/quick") -> Sheet:
    begun = desk.ask(ME, request_id, prompt, model, sheet=sheet, parent_id=sheet.leaf_id if sheet else None)
    ended(desk, request_id)
    return desk.sheet(ME, begun.conversation_id)


def test_a_question_is_there_before_its_answer(tmp_path: Path) -> None:
    desk = desk_in(tmp_path, speed="0.01")
    begun = desk.ask(ME, "r1", "Explain tides", "sim/slow")
    turn = desk.sheet(ME, begun.conversation_id).turns[0]
    assert (turn.prompt, turn.state, turn.completion) == ("Explain tides", "running", None)
    desk.stop(ME, "r1")
    ended(desk, "r1")
    assert desk.sheet(ME, begun.conversation_id).turns[0].state == "stopped"


def test_one_answer_however_often_it_is_sent(desk: Desk) -> None:
    first = desk.ask(ME, "r1", "Explain tides", "sim/quick")
    second = desk.ask(ME, "r1", "Explain tides", "sim/quick")
    assert (first.fresh, second.fresh) == (True, False)
    assert first.conversation_id == second.conversation_id
    ended(desk, "r1")
    assert len(desk.sheet(ME, first.conversation_id).turns) == 1


def test_the_branch_above_is_sent_and_nothing_else(desk: Desk) -> None:
    sheet = asked(desk, "r1", "Explain tides")
    first = sheet.turns[0]
    sheet = asked(desk, "r2", "And the moon?", sheet)
    desk.ask(ME, "r3", "And the sun?", "sim/quick", sheet=sheet, parent_id=first.answer_id, wishes=Wishes("Be brief"))
    job = desk.jobs.get("r3")
    assert job
    said = [(message.role, message.text) for message in job.request.messages]
    assert said[0] == ("system", "Be brief")
    assert [role for role, _ in said] == ["system", "user", "assistant", "user"]
    assert said[-1] == ("user", "And the sun?")
    assert all("moon" not in text for _, text in said)


def test_an_edited_question_is_a_branch(desk: Desk) -> None:
    sheet = asked(desk, "r1", "Explain tides")
    begun = desk.ask(ME, "r2", "Explain waves", "sim/quick", sheet=sheet, parent_id=sheet.turns[0].parent_id)
    ended(desk, "r2")
    edited = desk.sheet(ME, begun.conversation_id)
    assert edited.id == sheet.id
    assert [turn.prompt for turn in edited.turns] == ["Explain waves"]
    assert len(edited.turns[0].question_siblings) == 2


def test_another_answer_stands_beside_the_first(desk: Desk) -> None:
    sheet = asked(desk, "r1", "Explain tides")
    desk.again(ME, "r2", sheet, sheet.turns[0], "sim/steady")
    ended(desk, "r2")
    turn = desk.sheet(ME, sheet.id).turns[0]
    assert (turn.model_id, len(turn.answer_siblings)) == ("sim/steady", 2)


def test_a_file_is_read_by_the_model_and_not_shown_in_the_prompt(desk: Desk) -> None:
    begun = desk.ask(ME, "r1", "What is in it?", "sim/quick", files=[File("notes.txt", "blue whale")])
    ended(desk, "r1")
    sheet = desk.sheet(ME, begun.conversation_id)
    assert sheet.turns[0].prompt == "What is in it?"
    assert [file.name for file in sheet.turns[0].attached] == ["notes.txt"]
    for request_id in ("r1", "r2"):
        if request_id == "r2":
            desk.again(ME, "r2", sheet, sheet.turns[0], "sim/quick")
        job = desk.jobs.get(request_id)
        assert job
        assert "blue whale" in job.request.messages[-1].text


def test_a_failed_answer_is_kept_with_its_reason(desk: Desk) -> None:
    sheet = asked(desk, "r1", "Explain tides", model="groq/openai/gpt-oss-20b")
    turn = sheet.turns[0]
    assert turn.state == "failed"
    assert turn.completion
    assert turn.completion.error
    assert turn.completion.error.kind == "missing_key"


def test_a_comparison_is_found_again_with_its_lanes(desk: Desk) -> None:
    run_id = desk.compare(ME, "c1", "Tea or coffee?", ["sim/quick", "nobody/nothing"])
    assert desk.compare(ME, "c1", "Tea or coffee?", ["sim/quick", "nobody/nothing"]) == run_id
    ended(desk, "c1-0")
    ended(desk, "c1-1")
    found = desk.comparison(ME, run_id)
    assert found.prompt == "Tea or coffee?"
    assert [(lane.model_id, lane.turns[0].state, len(lane.turns)) for lane in found.lanes] == [
        ("sim/quick", "done", 1), ("nobody/nothing", "failed", 1),
    ]  # fmt: skip


def test_another_owner_finds_nothing(desk: Desk) -> None:
    sheet = asked(desk, "r1", "Explain tides")
    run_id = desk.compare(ME, "c1", "Tea?", ["sim/quick", "sim/steady"])
    with pytest.raises(NotFound):
        desk.sheet(YOU, sheet.id)
    with pytest.raises(NotFound):
        desk.comparison(YOU, run_id)
    with pytest.raises(NotFound):
        desk.look(YOU, "r1")
    assert not desk.stop(YOU, "c1-0")


def test_another_process_sees_the_answer_running_and_ended(tmp_path: Path) -> None:
    here, there = desk_in(tmp_path, speed="1"), desk_in(tmp_path)
    begun = here.ask(ME, "r1", "A long story, 800 words", "sim/quick")
    until(lambda: len(there.look(ME, "r1").text) > 20)
    seen = there.look(ME, "r1")
    assert (seen.phase, seen.completion) == ("answering", None)
    assert there.sheet(ME, begun.conversation_id).running()
    here.stop(ME, "r1")
    ended(there, "r1")
    end = there.look(ME, "r1")
    assert end.completion
    assert end.completion.finish
    assert end.completion.finish.reason == "stopped"
    assert end.text.startswith(seen.text)


def test_the_rest_of_a_cut_answer_can_be_asked_for(desk: Desk) -> None:
    sheet = asked(desk, "r1", "Explain tides")
    desk.go_on(ME, "r2", sheet, "sim/quick")
    ended(desk, "r2")
    assert len(desk.sheet(ME, sheet.id).turns) == 2


def test_without_its_database_a_chat_goes_on_and_is_saved_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = asked(desk, "r1", "Explain tides")
    engine = desk.database.engine

    def away(*_: object, **__: object) -> None:
        import sqlite3

        from sqlalchemy import exc

        cause = sqlite3.OperationalError("database or disk is full")
        cause.sqlite_errorname = "SQLITE_FULL"
        raise exc.OperationalError("", {}, cause)

    monkeypatch.setattr(engine, "connect", away)
    begun = desk.ask(ME, "r2", "And the moon?", "sim/quick", sheet=sheet, parent_id=sheet.leaf_id)
    assert not begun.saved
    until(lambda: desk.look(ME, "r2").completion is not None)
    shown = desk.sheet(ME, sheet.id)
    assert [turn.prompt for turn in shown.turns] == ["Explain tides", "And the moon?"]
    assert desk.database.health().state != "ok"
    job = desk.jobs.get("r2")
    assert job
    assert len(job.request.messages) == 3
    monkeypatch.undo()
    desk.database._retry_at = 0.0
    until(desk.database.flush)
    until(lambda: desk.sheet(ME, sheet.id).turns[-1].state == "done")
    assert [turn.prompt for turn in desk.sheet(ME, sheet.id).turns] == ["Explain tides", "And the moon?"]


def test_a_desk_that_is_closed_leaves_nothing_running(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = set(threading.enumerate())
    desk = desk_in(tmp_path, speed="0.01")
    desk.begin_work()
    begun = desk.ask(ME, "r1", "Explain tides", "sim/slow")
    assert set(threading.enumerate()) - before
    desk.close()
    assert set(threading.enumerate()) - before == set()
    desk.close()
    later = desk_in(tmp_path)
    later.begin_work()
    assert later.sheet(ME, begun.conversation_id).turns[0].state == "interrupted"
    assert caplog.records == []
