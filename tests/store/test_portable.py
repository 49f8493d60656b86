"""Export and import: what goes out comes back; foreign exports keep their branches; a bad file changes nothing."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from core.store import BadImport, NotFound, conversations, purge, runs, search, tree, turns
from core.store.database import Database
from core.store.imports.load import load
from core.store.portable.export import export
from core.views.conversation import File
from tests.store.conftest import OWNER, answer

Say = Callable[..., turns.Begun]


def exported(database: Database, form: str, ids: list[str] | None = None, owner: str = OWNER) -> str:
    return "".join(export(database, owner, form, ids))  # type: ignore[arg-type]


def import_(database: Database, data: object, owner: str = OWNER) -> tuple[int, int, int]:
    loaded = load(database, owner, json.dumps(data).encode())
    return loaded.conversations, loaded.messages, loaded.known


@pytest.fixture
def filled(database: Database, say: Say) -> Database:
    """A pinned chat with a branch and a file, a comparison of two lanes, and an answer that still runs."""
    first = say("r1", "One", "Answer *one*.")
    second = say("r2", "Two", "Answer two.", after=first)
    say("r3", None, "Answer two, better.", after=second, parent=second.user_message_id)
    conversations.pin(database, OWNER, first.conversation_id)
    turns.begin(
        database,
        OWNER,
        turns.NewTurn("r4", "=Read this", files=[File("a.md", "a ```` b", "text/markdown")]),
        owner_process="p",
    )
    _, lanes = runs.create(database, OWNER, "c1", ["a/one", "b/two"], prompt="Which?", options={"n": 1})
    for lane in lanes:
        request = f"c1-{lane.position}"
        turns.begin(
            database, OWNER, turns.NewTurn(request, "Which?", conversation_id=lane.conversation_id), owner_process="p"
        )
        turns.finish(database, OWNER, request, answer(f"Lane {lane.position}."))
    return database


def test_our_json_comes_back_as_it_was(filled: Database) -> None:
    text = exported(filled, "json")
    before = json.loads(text)
    assert len(before["conversations"]) == 5
    for entry in conversations.recent(filled, OWNER).entries:
        conversations.remove(filled, OWNER, entry.id)
    purge.purge(filled, filled.now())
    loaded = load(filled, OWNER, text.encode())
    assert (loaded.source, loaded.conversations, loaded.messages, loaded.known) == ("roundtable", 3, 11, 0)
    assert json.loads(exported(filled, "json"))["conversations"] == before["conversations"]
    assert [hit.role for hit in search.find(filled, OWNER, "better")] == ["assistant"]


def test_our_json_imported_twice_adds_nothing_and_brings_back_what_was_deleted(filled: Database) -> None:
    text = exported(filled, "json").encode()
    entry = conversations.recent(filled, OWNER).entries[0]
    conversations.remove(filled, OWNER, entry.id)
    loaded = load(filled, OWNER, text)
    assert (loaded.conversations, loaded.messages, loaded.known) == (0, 0, 3)
    assert conversations.get(filled, OWNER, entry.id).title == entry.title


def test_another_owner_gets_a_copy_and_leaves_the_first_alone(filled: Database) -> None:
    text = exported(filled, "json").encode()
    before = exported(filled, "csv")
    loaded = load(filled, "ben", text)
    assert (loaded.conversations, loaded.messages) == (3, 11)
    assert load(filled, "ben", text).conversations == 0
    assert exported(filled, "csv") == before
    entries = conversations.recent(filled, "ben").entries
    assert {entry.kind for entry in entries} == {"chat", "comparison"}
    run = next(entry for entry in entries if entry.kind == "comparison")
    lanes = runs.get(filled, "ben", run.id).lanes
    assert tree.path(filled, "ben", lanes[0].conversation_id).turns[-1].text == "Lane 0."


def test_markdown_shows_the_branch_that_is_shown(filled: Database) -> None:
    text = exported(filled, "markdown")
    assert "# One\n" in text
    assert "## You\n\nTwo\n" in text
    assert "## Answer · sim/quick\n\nAnswer two, better.\n" in text
    assert "Answer two.\n" not in text
    assert "`````\na ```` b\n`````\n" in text
    assert "## Answer · interrupted" in text
    assert "## b/two" in text


def test_csv_has_a_row_a_message_and_no_formulas(filled: Database) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(filled, "csv").removeprefix("\ufeff"))))
    assert len(rows) == 11
    assert {"'=Read this"} == {row["text"] for row in rows if "Read" in row["text"]}


def test_one_conversation_can_be_taken_out_alone_and_only_by_its_owner(filled: Database) -> None:
    pinned = conversations.recent(filled, OWNER).entries[0].id
    assert len(json.loads(exported(filled, "json", [pinned]))["conversations"]) == 1
    with pytest.raises(NotFound):
        exported(filled, "json", [pinned], owner="ben")
    assert json.loads(exported(filled, "json", owner="ben"))["conversations"] == []


def node(name: str, parent: str | None, role: str, *parts: object, **more: Any) -> dict[str, Any]:
    content = {"content_type": more.pop("kind", "text"), "parts": list(parts)}
    message = {"id": name, "author": {"role": role}, "content": content, "create_time": 1_760_000_000.5, **more}
    return {"id": name, "message": message, "parent": parent, "children": []}


PICTURE = {"content_type": "image_asset_pointer"}
DAY = "2026-01-01T00:00:00+00:00"
CHATGPT: list[dict[str, Any]] = [
    {
        "title": "Trip",
        "create_time": 1_760_000_000.25,
        "update_time": 1_760_000_100,
        "conversation_id": "c-1",
        "current_node": "a1b",
        "mapping": {
            "root": {"id": "root", "message": None, "parent": None, "children": ["sys"]},
            "sys": node("sys", "root", "system", ""),
            "q1": node("q1", "sys", "user", "Where to?"),
            "tool": node("tool", "q1", "tool", "searching"),
            "a1": node("a1", "tool", "assistant", "Rome.", metadata={"model_slug": "gpt-x"}),
            "a1b": node(
                "a1b", "tool", "assistant", {"content_type": "image_asset_pointer"}, "Oslo.", kind="multimodal_text"
            ),
            "hid": node("hid", "a1b", "user", "hidden", metadata={"is_visually_hidden_from_conversation": True}),
        },
    },
    {"title": None, "create_time": 1_760_000_200, "id": "c-2", "mapping": {"q": node("q", None, "user", "你好")}},
]
OPENWEBUI: list[dict[str, Any]] = [
    {
        "id": "w-1",
        "title": "Soup",
        "created_at": 1_760_000_000,
        "updated_at": 1_760_000_050,
        "pinned": True,
        "chat": {
            "models": ["llama3"],
            "history": {
                "currentId": "m3",
                "messages": {
                    "m1": {"id": "m1", "parentId": None, "role": "user", "content": "How?", "timestamp": 1_760_000_001},
                    "m2": {"id": "m2", "parentId": "m1", "role": "assistant", "content": "So.", "model": "llama3"},
                    "m3": {"id": "m3", "parentId": "m1", "role": "assistant", "content": "Or so.", "model": "qwen"},
                },
            },
        },
    },
    {"title": "Old", "chat": {"messages": [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]}},
]


def shown(database: Database) -> dict[str, list[tuple[str, str]]]:
    return {
        entry.title: [(turn.role, turn.text) for turn in tree.path(database, OWNER, entry.id).turns]
        for entry in conversations.recent(database, OWNER).entries
    }


def test_chatgpts_export_keeps_its_branches(database: Database) -> None:
    assert import_(database, CHATGPT) == (2, 4, 0)
    assert shown(database) == {
        "你好": [("user", "你好")],
        "Trip": [("user", "Where to?"), ("assistant", "Oslo.\n\n[picture]")],
    }
    trip = next(entry for entry in conversations.recent(database, OWNER).entries if entry.title == "Trip")
    assert trip.updated_at.timestamp() == 1_760_000_100
    branch = tree.path(database, OWNER, trip.id)
    assert len(branch.turns[-1].siblings) == 2
    assert import_(database, CHATGPT) == (0, 0, 2)
    assert import_(database, CHATGPT, owner="ben") == (2, 4, 0)


def test_a_conversation_that_went_on_brings_what_is_new(database: Database) -> None:
    import_(database, CHATGPT)
    longer = copy.deepcopy(CHATGPT)
    longer[0]["mapping"]["q2"] = node("q2", "a1b", "user", "And then?")
    assert import_(database, longer) == (0, 1, 2)


def test_open_webuis_export_keeps_its_branches(database: Database) -> None:
    assert import_(database, OPENWEBUI) == (2, 5, 0)
    assert shown(database) == {
        "Soup": [("user", "How?"), ("assistant", "Or so.")],
        "Old": [("user", "A"), ("assistant", "B")],
    }
    soup = conversations.recent(database, OWNER).entries[0]
    assert (soup.pinned, soup.model_id) == (True, "openwebui/llama3")
    assert import_(database, OPENWEBUI) == (0, 0, 2)


def spoiled(data: object, *path: object, value: object = None) -> object:
    changed = copy.deepcopy(data)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


OURS: dict[str, Any] = {
    "format": "roundtable",
    "version": 1,
    "conversations": [
        {
            "id": "k1",
            "title": "T",
            "created_at": DAY,
            "updated_at": DAY,
            "messages": [
                {"id": "k1m1", "parent_id": None, "role": "user", "text": "Q", "created_at": DAY},
                {
                    "id": "k1m2",
                    "parent_id": "k1m1",
                    "role": "assistant",
                    "text": "A",
                    "created_at": DAY,
                },
            ],
        }
    ],
}
MESSAGES = ("conversations", 0, "messages")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (spoiled(OURS, "version", value=2), "The file is of a newer version"),
        (spoiled(OURS, "version", value=True), "The file: “version” is not a number"),
        (spoiled(OURS, "conversations", value={}), "The file: “conversations” is not a list"),
        (spoiled(OURS, "conversations", 0, "messages", value="x"), "Conversation 1 (“T”): “messages” is not a list"),
        ([{"mapping": {}, "title": "T", "id": ["x"]}], "Conversation 1 (“T”): “id” is not text"),
        ([{"hello": 1}], "The file is not a supported export"),
        ({}, "The file is not a supported export"),
        ([], "The file is not a supported export"),
    ],
)
def test_a_file_of_which_nothing_fits_changes_nothing(database: Database, data: object, fault: str) -> None:
    with pytest.raises(BadImport) as caught:
        import_(database, data)
    assert fault in str(caught.value)
    assert conversations.count(database, OWNER) == 0


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "not JSON: line 1, column 1"),
        (b'[{"a": 1},\n  oops]', "not JSON: line 2, column 3"),
        (b'["\xff"]', "not text in UTF-8: byte 3"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b"[" + b"9" * 5000 + b"]", "cannot be read as JSON"),
    ],
)
def test_bytes_that_are_no_json_are_named(data: bytes, fault: str) -> None:
    from core.store.opening import memory_database

    with pytest.raises(BadImport, match=fault):
        load(memory_database(), OWNER, data)
