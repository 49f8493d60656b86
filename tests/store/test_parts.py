"""Files and parts in the database, and the way back to the schema before them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import inspect, text

from core.records import Document, Message, Picture, Text, ToolCall, ToolResult
from core.store import blobs, migrations, tree, turns
from core.store.attachments import of_json
from core.store.database import Database
from core.views.conversation import File
from tests.store.conftest import answer

OWNER = "ana"


def test_pictures_and_pages_come_back_as_parts(database: Database) -> None:
    name = blobs.put(database, OWNER, b"png", "image/png")
    picture = File("cat.png", media_type="image/png", sha256=name, size_bytes=3, width=2, height=3)
    pages = File("a.pdf", "Three.", "application/pdf", pages="3-7", page_count=9)
    begun = turns.begin(database, OWNER, turns.NewTurn("r1", "Look", files=[picture, pages]), owner_process="p")
    steps = (Message("assistant", [ToolCall("1", "calculator")]), Message("tool", [ToolResult("1", "calculator", "2")]))
    drawn = Picture("image/png", b"png", name="drawn.png")
    turns.finish(database, OWNER, "r1", replace(answer("Two."), steps=steps, parts=(drawn,)))
    sent = tree.history(database, OWNER, begun.conversation_id, begun.answer_message_id)
    assert sent[0].parts == (
        Text("Look"),
        Picture("image/png", sha256=name, size_bytes=3, name="cat.png", width=2, height=3),
        Document("a.pdf", "Three.", "application/pdf", pages="3-7", page_count=9),
    )
    assert sent[1:3] == list(steps)
    assert sent[3].parts == (Text("Two."), drawn)
    assert tree.files(database, OWNER, begun.user_message_id or "") == [picture, pages]
    attached = tree.path(database, OWNER, begun.conversation_id).turns[0].attached
    assert [(file.width, file.pages) for file in attached] == [(2, ""), (None, "3-7")]
    assert blobs.load(database, OWNER, [name, "0" * 64]) == {name: b"png"}
    assert blobs.load(database, "ben", [name]) == {}


def test_what_an_earlier_version_left_in_the_spool_is_read() -> None:
    assert of_json(["a.txt", "text/plain", "b"]) == File("a.txt", "b")


def test_the_schema_goes_back_and_forth(database: Database) -> None:
    begun = turns.begin(database, OWNER, turns.NewTurn("r1", "Read", files=[File("a.md", "text")]), owner_process="p")
    with database.write() as connection:
        migrations.downgrade(connection, "0033")
        assert not inspect(connection).has_table("blobs")
        assert connection.execute(text("SELECT name, text FROM attachments")).all() == [("a.md", "text")]
        migrations.upgrade(connection)
    assert tree.files(database, OWNER, begun.user_message_id or "") == [File("a.md", "text")]
