"""Pictures and documents with a question: kept once, sent with it, read only then."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import BadRequest, BlockedInput
from core.records import ChatRequest, Document, Message, Picture, Text
from core.request_media import with_bytes
from core.store import blobs, tree
from core.views.conversation import File, PendingQuestion
from core.wire.base64_media import base64_of
from core.workspace import Workspace
from tests.simulator.test_wishes import png
from tests.store.test_waiting_files import away
from tests.workspace.acme import until
from tests.workspace.test_workspace import workspace_in

ME = "ana"
QUICK = "sim/quick"
PNG = png()


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = workspace_in(tmp_path, speed="1000")
    yield opened
    opened.database.close()


def picture(workspace: Workspace, data: bytes = b"\x89PNG-1") -> File:
    return workspace.of(ME).files.put("cat.png", data, "image/png", width=2, height=3)


def test_a_picture_is_kept_once_and_is_its_owners_alone(workspace: Workspace) -> None:
    assert picture(workspace) == picture(workspace)
    file = picture(workspace)
    assert workspace.of(ME).files.read(file.sha256) == b"\x89PNG-1"
    assert workspace.of("ben").files.read(file.sha256) is None
    assert blobs.usage(workspace.database, ME, b"other") == (6, False)


def test_what_is_too_large_or_too_much_is_refused_in_a_sentence(workspace: Workspace) -> None:
    engine = workspace.of(ME)._shared.engine
    engine.settings = engine.settings.model_copy(update={"file_mb": 1, "files_owner_mb": 1})
    with pytest.raises(BlockedInput, match=r"cat\.png is too large to be kept: a file can have up to 1 MB\."):
        picture(workspace, b"x" * 1_000_001)
    picture(workspace, b"x" * 900_000)
    with pytest.raises(BlockedInput, match="Your files take up all of your 1 MB"):
        picture(workspace, b"y" * 200_000)
    picture(workspace, b"x" * 900_000)  # it is there already


def test_the_bytes_go_with_the_request_and_nowhere_else() -> None:
    data = b"\x89PNG-1"
    sent = Picture("image/png", data)
    unread = replace(sent, data=b"")
    request = ChatRequest([Message("user", [Text("What is it?"), unread])])
    assert with_bytes(request, {sent.sha256: data}).messages[0].media[0].data == data
    with pytest.raises(BadRequest, match="is not stored any more"):
        base64_of(with_bytes(request, {}).messages[0].media[0])
    document = Document("a.pdf", "Read.", "application/pdf", sha256=sent.sha256, size_bytes=6)
    sent_document = with_bytes(ChatRequest([Message("user", [document])]), {}).messages[0]
    assert (sent_document.text, sent_document.media[0].sha256) == (document.as_text(), "")


def test_every_lane_of_a_comparison_gets_the_files(workspace: Workspace) -> None:
    person, file = workspace.of(ME), File("a.md", "Tides.")
    run_id = person.comparisons.start("r1", "Read", [QUICK, "sim/steady"], files=[file])
    until(lambda: not workspace.jobs.running())
    lanes = person.comparisons.get(run_id).lanes
    assert [tree.files(workspace.database, ME, lane.turns[0].question_id) for lane in lanes] == [[file], [file]]
    person.comparisons.go_on("r2", person.comparisons.get(run_id), "And this?", files=[File("b.md", "Moon.")])
    until(lambda: not workspace.jobs.running())
    newest = person.comparisons.get(run_id).lanes[0].turns[-1]
    assert [attached.name for attached in newest.attached] == ["b.md"]


def test_a_queued_question_keeps_its_files(workspace: Workspace) -> None:
    person, file = workspace.of(ME), picture(workspace)
    waiting = PendingQuestion("Look", "r2", "parent", (file, File("a.md", "Tides.")))
    begun = person.chats.ask("r1", "Hi", QUICK)
    person.chats.wait(begun.conversation_id, waiting)
    assert person.chats.waiting(begun.conversation_id) == waiting
    until(lambda: not workspace.jobs.running())


def test_a_question_is_answered_again_with_its_picture(workspace: Workspace) -> None:
    person, file = workspace.of(ME), picture(workspace)
    begun = person.chats.ask("r1", "What is it?", QUICK, files=[file])
    until(lambda: not workspace.jobs.running())
    history = tree.history(workspace.database, ME, begun.conversation_id, begun.user_message_id or "")
    assert history[0].media == (file.part(),)
    assert base64.b64encode(b"\x89PNG-1").decode() not in repr(history)


def test_a_comparison_comes_back_with_its_files(workspace: Workspace) -> None:
    me, you = workspace.of(ME), workspace.of("ben")
    document = me.files.put("plan.pdf", b"%PDF- x", "application/pdf", text="Ebb", pages="3-7", page_count=12)
    files = [picture(workspace, PNG), document, File("read.pdf", "Flow", "application/pdf", pages="1-2", page_count=4)]
    run_id = me.comparisons.start("c1", "What is it?", [QUICK, "sim/steady"], files=files)
    until(lambda: not me.comparisons.get(run_id).running())
    loaded = you.history.load(me.history.export("json", [run_id]))
    assert loaded.left.reasons == []
    [entry] = you.history.recent(2).entries
    run = you.comparisons.get(entry.id)
    assert list(you.comparisons.files(run)[1]) == files
    assert [len(lane.turns[0].attached) for lane in run.lanes] == [3, 3]
    assert [you.files.read(file.sha256) for file in files[:2]] == [PNG, b"%PDF- x"]
    assert b"cat.png, plan.pdf, read.pdf" in me.history.export("csv", [run_id])
    assert b"plan.pdf:" in me.history.export("markdown", [run_id])


def test_a_picture_is_asked_about_while_the_database_is_away(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, database = workspace.of(ME), workspace.database
    with away(database):
        file = picture(workspace, PNG)
        started = person.chats.ask("r1", "What is it?", QUICK, files=[file])
        assert not started.saved
        until(lambda: person.chats.progress("r1").completion is not None)
        answer = person.chats.progress("r1").completion
        assert answer
        assert answer.error is None
        assert "40 × 30" in answer.text
        assert person.files.read(file.sha256) == PNG
        (turn,) = person.chats.get(started.conversation_id).turns
        assert [attached.sha256 for attached in turn.attached] == [file.sha256]
    database.availability.hold_off(0.0)
    until(database.flush)
    assert database.waiting_files.empty
    assert blobs.usage(database, ME, PNG) == (len(PNG), True)
    until(lambda: person.chats.get(started.conversation_id).turns[-1].state == "done")
    engine = workspace.of(ME)._shared.engine
    engine.settings = engine.settings.model_copy(update={"files_owner_mb": 0})
    with away(database), pytest.raises(BlockedInput, match="Your files take up all"):
        picture(workspace, b"\x89PNG-other")
