"""The files of conversations in an export, and brought back by an import."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.records import Completion, Finish, Picture, Timing
from core.store import blobs, tree, turns
from core.store.database import Database
from core.store.imports.load import load
from core.store.portable import export, stored_files
from core.views.conversation import File
from tests.store.conftest import OWNER, START

DATA = bytes(range(256)) * 4
DRAWN = b"\x89PNG-drawn"


def question_with_files(database: Database) -> turns.Begun:
    """A question with a document and an answer with a picture."""
    name = blobs.put(database, OWNER, DATA, "application/pdf")
    document = File("a.pdf", "Read.", "application/pdf", name, len(DATA), pages="2-3", page_count=9)
    begun = turns.begin(database, OWNER, turns.NewTurn("r1", "Look", files=[document]), owner_process="p")
    drawn = blobs.put(database, OWNER, DRAWN, "image/png")
    picture = Picture("image/png", sha256=drawn, size_bytes=len(DRAWN), width=3, height=2)
    completion = Completion("sim/quick", "Here.", "", None, Finish("stop"), Timing(START), parts=(picture,))
    turns.finish(database, OWNER, "r1", completion, "done")
    return begun


def exported(database: Database) -> bytes:
    return "".join(export.export(database, OWNER, "json")).encode()


def branch(database: Database, owner_id: str, conversation_id: str) -> Any:
    return tree.path(database, owner_id, conversation_id).turns


def test_an_export_brings_the_files_to_another_person(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_files, "PIECE_BYTES", 300)
    begun = question_with_files(database)
    loaded = load(database, "ben", exported(database), sleep=lambda _: None)
    assert (loaded.messages, bool(loaded.left)) == (2, False)
    with database.read() as connection:
        chat_id = connection.exec_driver_sql("SELECT id FROM conversations WHERE owner_id = 'ben'").scalar_one()
    before = branch(database, OWNER, begun.conversation_id)
    question, answer = branch(database, "ben", chat_id)
    assert (question.attached, answer.attached) == (before[0].attached, before[1].attached)
    assert answer.completion.parts == before[1].completion.parts
    (file,) = tree.files(database, "ben", question.id)
    assert (file.text, file.pages, file.page_count) == ("Read.", "2-3", 9)
    stored = blobs.load(database, "ben", [file.sha256, answer.attached[0].sha256])
    assert sorted(stored.values()) == sorted([DATA, DRAWN])


def test_an_export_without_files_is_as_before(database: Database) -> None:
    turns.begin(database, OWNER, turns.NewTurn("r1", "Look"), owner_process="p")
    assert list(json.loads(exported(database))) == ["format", "version", "exported_at", "conversations"]


def test_a_damaged_file_is_left_out_of_an_export_and_of_an_import(database: Database) -> None:
    question_with_files(database)
    whole = json.loads(exported(database))
    whole["files"][0]["data"] = "AAAA" + whole["files"][0]["data"][4:]
    loaded = load(database, "ben", json.dumps(whole).encode(), sleep=lambda _: None)
    assert loaded.left.reasons == ["A file: is damaged"]
    with database.write() as connection:
        connection.execute(blobs.blobs.update().where(blobs.c.owner_id == OWNER).values(data=b"x"))
    assert json.loads(exported(database))["files"] == []


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        ("text", "is not a piece of a file"),
        ({"sha256": "a", "media_type": "x", "size_bytes": 1, "at": 0, "data": "?"}, "is not a piece of a file"),
        ({"sha256": "a", "media_type": "x", "size_bytes": 10**9, "at": 0, "data": "AAAA"}, "is too large"),
        (
            {"sha256": "a", "media_type": "x", "size_bytes": 9, "at": 3, "data": "AAAA"},
            "does not follow the piece before",
        ),
        (
            {"sha256": "a", "media_type": "x", "size_bytes": 1, "at": 0, "data": "AAAA"},
            "does not follow the piece before",
        ),
    ],
)
def test_a_piece_that_does_not_fit_is_left_out(piece: Any, why: str) -> None:
    files = stored_files.ArrivingFiles(lambda data, media_type: pytest.fail("it was kept"), 1000)
    assert files.add(piece) == why


def test_the_owner_is_told_when_there_is_no_room(database: Database) -> None:
    question_with_files(database)
    loaded = load(database, "ben", exported(database), sleep=lambda _: None, keep_file=lambda *_: "there is no room")
    assert loaded.left.reasons == ["A file: there is no room"] * 2
    assert blobs.usage(database, "ben", b"")[0] == 0
