"""A damaged file: what fits of it is taken, what does not is left out and counted, and every page can draw the rest."""

from __future__ import annotations

import copy
import io
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from core.records import Note
from core.store import completion as codec
from core.store import conversations, runs, tree, turns
from core.store.database import Database
from core.store.imports.load import load
from core.store.opening import memory_database
from core.store.portable.export import export
from core.store.portable.intake import RecordPlace
from core.store.portable.load import Reading
from core.store.portable.records import ImportedConversation, conversation
from core.views.imports import LeftOut, Loaded
from tests.store.conftest import OWNER, answer

DAY = "2026-01-01T00:00:00+00:00"
HUGE = 10**400
OURS: dict[str, Any] = {
    "id": "k1",
    "title": "T",
    "created_at": DAY,
    "updated_at": DAY,
    "settings": {"temperature": 0.5, "later": "kept"},
    "messages": [
        {"id": "q1", "parent_id": None, "role": "user", "text": "One", "created_at": DAY},
        {"id": "a1", "parent_id": "q1", "role": "assistant", "text": "First.", "created_at": DAY},
        {"id": "q2", "parent_id": "a1", "role": "user", "text": "Two", "created_at": DAY},
        {"id": "a2", "parent_id": "q2", "role": "assistant", "text": "Second.", "created_at": DAY},
    ],
}
COMPLETION = codec.encode(answer("Second."))


def own_export(*talks: Any) -> bytes:
    return json.dumps({"format": "roundtable", "version": 1, "conversations": list(talks)}).encode()


def spoiled(data: Any, *path: Any, value: Any) -> Any:
    changed = copy.deepcopy(data)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def checked(value: Any) -> tuple[ImportedConversation | None, LeftOut]:
    left = LeftOut()
    return conversation(value, RecordPlace("Conversation 1", left)), left


def texts(talk: ImportedConversation | None) -> list[str]:
    """Along the branch that is shown, from its end to its beginning and back."""
    assert talk is not None
    by_id = {message.id: message for message in talk.messages}
    message, branch = by_id.get(talk.leaf_id or ""), []
    while message:
        branch.append(message.text)
        message = by_id.get(message.parent_id or "")
    return branch[::-1]


def brought(data: bytes) -> tuple[Database, Loaded]:
    database = memory_database()
    return database, load(database, OWNER, data)


def read(data: bytes) -> tuple[str, list[ImportedConversation], LeftOut]:
    reading = Reading([(io.BytesIO(data), len(data))])
    talks = list(reading)
    return reading.source, talks, reading.left


UNFIT: list[Any] = [5, HUGE, 1.5, [], {}, True]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((field, value) for field in ("id", "role", "text", "parent_id") for value in UNFIT),
        *((field, None) for field in ("id", "role", "text")),
        *(("role", value) for value in ("", "tool")),
        ("id", ""),
        ("id", "x" * 201),
        ("text", "x" * 2_000_001),
    ],
)
def test_a_damaged_message_is_left_out_and_the_rest_is_taken(field: str, value: object) -> None:
    talk, left = checked(spoiled(OURS, "messages", 2, field, value=value))
    assert left.counts == {"message": 1}
    assert left.reasons[0].startswith("Conversation 1 (“T”), message 3: “" + field)
    assert texts(talk) == ["One", "First.", "Second."]


@pytest.mark.parametrize(
    "value",
    [HUGE, -1, [], {}, True, "soon", "2026-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-09:00"],
    ids=str,
)
@pytest.mark.parametrize("place", [("messages", 2, "created_at"), ("created_at",), ("updated_at",)], ids=len)
def test_a_damaged_date_is_replaced_by_its_neighbours(place: tuple[Any, ...], value: object) -> None:
    talk, left = checked(spoiled(OURS, *place, value=value))
    assert left.counts == {"detail": 1}
    assert talk is not None
    assert {talk.created_at, talk.updated_at, talk.messages[2].created_at} == {datetime.fromisoformat(DAY)}
    assert len(texts(talk)) == 4


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *((("usage",), value) for value in ("abc", 5, [], True)),
        *((("usage", "input_tokens"), value) for value in ("abc", HUGE, -1, 1.5, True, [])),
        *((("usage", "cost_usd"), value) for value in ("abc", HUGE, "1e999999", "NaN", "-1", [], True)),
        *((("cost_usd",), value) for value in ("abc", HUGE, "Infinity", {}, "9" * 100)),
        *((("reasoning",), value) for value in (5, [], {}, "x" * 2_000_001)),
        *((("timing", "total_ms"), value) for value in ("abc", HUGE, [], -5, True)),
        *((("timing", "chunks"), value) for value in ("abc", HUGE, 1.5)),
        *((("timing", "waited_ms"), value) for value in ("abc", None, HUGE)),
        *((("timing", "started_at"), value) for value in ("abc", 10**30, "0001-01-01T00:00:00+00:00", None)),
        *((("finish",), value) for value in ("stop", 5, {"reason": "bored"}, {"reason": 5})),
        *((("finish", "raw"), value) for value in (5, {}, "x" * 5000)),
        *((("attempts",), value) for value in ("abc", {}, 5)),
        *((("attempts",), [value]) for value in ("abc", None, {"n": 1})),
        *((("notes",), [{"kind": kind, "detail": "soon"}]) for kind in ("cached", "difficulty", "turns_left_out")),
        *((("notes",), [value]) for value in ("abc", {"kind": 5}, {"kind": "x", "detail": 5})),
        *((("error",), value) for value in ("abc", {}, {"kind": 5, "message": "m"}, {"kind": "auth", "message": 5})),
        (("error",), {"kind": "auth", "message": "m", "status": "401"}),
        (("cached",), "yes"),
        (("model_id",), 5),
    ],
    ids=str,
)
def test_a_damaged_number_of_an_answer_is_left_out_and_its_text_is_taken(path: tuple[str, ...], value: object) -> None:
    completion = spoiled(COMPLETION, *path, value=value)
    talk, left = checked(spoiled(OURS, "messages", 3, "completion", value=completion))
    assert left.counts == {"detail": 1}
    assert texts(talk)[-1] == "Second."
    assert talk is not None
    numbers = talk.messages[-1].completion
    assert numbers is None or codec.encode(codec.decode(numbers.encoded(), "")) == numbers.encoded()


@pytest.mark.parametrize("notes", [(), (Note("cached", "12.5"), Note("parameter_dropped", "seed"))])
def test_an_undamaged_answer_comes_back_as_it_was(notes: tuple[Note, ...]) -> None:
    whole = replace(answer("Second."), notes=notes)
    talk, left = checked(spoiled(OURS, "messages", 3, "completion", value=codec.encode(whole)))
    assert talk is not None
    assert not left
    numbers = talk.messages[-1].completion
    assert numbers is not None
    assert codec.decode(numbers.encoded(), whole.text) == whole


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("temperature", value) for value in ("abc", HUGE, -1, True, [])),
        *(("seed", value) for value in ("abc", HUGE, 0.5)),
        ("max_output_tokens", 0),
        ("never_substitute", "yes"),
        ("later", [[]]),
        ("later", HUGE),
    ],
    ids=str,
)
def test_a_damaged_setting_is_left_out_and_the_others_are_taken(name: str, value: object) -> None:
    talk, left = checked(spoiled(OURS, "settings", name, value=value))
    assert talk is not None
    assert left.counts == {"detail": 1}
    assert talk.settings == {key: setting for key, setting in OURS["settings"].items() if key != name}


@pytest.mark.parametrize(
    "field", ["pinned", "title_by_person", "system", "settings", "model_id", "leaf_id", "options", "rounds", "votes"]
)
def test_a_damaged_detail_of_a_conversation_is_left_out_and_the_rest_is_taken(field: str) -> None:
    talk, left = checked(spoiled(OURS, field, value=5))
    assert left.counts == {"detail": 1}
    assert len(texts(talk)) == 4


@pytest.mark.parametrize("talk", ["x", 5, None, [], {}, {**OURS, "id": 5}, {**OURS, "kind": "x"}], ids=str)
def test_a_damaged_conversation_is_left_out_and_the_others_are_taken(talk: object) -> None:
    source, talks, left = read(own_export(talk, OURS))
    assert (source, len(talks), left.counts) == ("roundtable", 1, {"conversation": 1})
    assert len(texts(talks[0])) == 4


def test_a_conversation_that_is_nested_too_deep_is_left_out() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    talk, left = checked({**OURS, "settings": {"x": deep}})
    assert talk is None
    assert left.counts == {"conversation": 1}


def test_messages_that_follow_nothing_or_each_other() -> None:
    """A parent that is not there: the message before it stands in. Two of one id, and circles, are left out."""
    talk, left = checked(spoiled(OURS, "messages", 2, "parent_id", value="gone"))
    assert (len(texts(talk)), left.counts) == (4, {})
    talk, left = checked(spoiled(OURS, "messages", 2, "parent_id", value="a2"))
    assert (len(texts(talk)), left.counts) == (2, {"message": 2})
    talk, left = checked(spoiled(OURS, "messages", 3, "id", value="q2"))
    assert (len(texts(talk)), left.counts) == (3, {"message": 1})


def a_comparison() -> tuple[list[dict[str, Any]], str]:
    """The conversations of a file with one comparison of two lanes: itself first."""
    database = memory_database()
    run_id, made = runs.create(database, OWNER, "c1", ["a/one", "b/two"], prompt="Which?")
    for lane in made:
        name = f"c1-{lane.position}"
        turns.begin(
            database, OWNER, turns.NewTurn(name, "Which?", conversation_id=lane.conversation_id), owner_process="p"
        )
        turns.finish(database, OWNER, name, answer(f"Lane {lane.position}."))
    talks = json.loads("".join(export(database, OWNER, "json")))["conversations"]
    return sorted(talks, key=lambda talk: str(talk["kind"])), run_id


def test_a_comparison_keeps_the_lanes_that_are_there() -> None:
    talks, run_id = a_comparison()
    database, loaded = brought(own_export(*spoiled(talks, 0, "lanes", 0, "conversation_id", value="gone")))
    assert loaded.left.counts == {"detail": 1}
    assert [lane.model_id for lane in runs.get(database, OWNER, run_id).lanes] == ["b/two"]
    assert {entry.kind for entry in conversations.recent(database, OWNER).entries} == {"comparison", "chat"}


def test_lanes_without_their_comparison_become_chats() -> None:
    talks, _ = a_comparison()
    database, loaded = brought(own_export(5, *talks[1:]))
    assert loaded.left.counts == {"conversation": 1}
    assert [entry.kind for entry in conversations.recent(database, OWNER).entries] == ["chat", "chat"]


@pytest.mark.parametrize("lane", [0, 1])
@pytest.mark.parametrize("fault", [{"prompt": 5}, {"created_at": HUGE}, {"questions": 5}, {"questions": [5]}], ids=str)
def test_a_damaged_round_is_left_out(fault: dict[str, Any], lane: int) -> None:
    talks, run_id = a_comparison()
    question = {"conversation_id": talks[1 + lane]["id"], "message_id": talks[1 + lane]["messages"][0]["id"]}
    whole = {"prompt": "Which?", "created_at": DAY, "follows": None, "questions": [question]}
    database, loaded = brought(own_export(*spoiled(talks, 0, "rounds", value=[whole | fault, whole])))
    assert loaded.left.counts == {"detail": 1}
    assert len(runs.get(database, OWNER, run_id).lanes) == 2


CHATGPT: dict[str, Any] = {
    "id": "c-1",
    "title": "T",
    "create_time": 1_760_000_000,
    "current_node": "a",
    "mapping": {
        name: {
            "message": {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}},
            "parent": parent,
        }
        for name, role, text, parent in [
            ("q", "user", "One", None),
            ("m", "assistant", "First.", "q"),
            ("n", "user", "Two", "m"),
            ("a", "assistant", "Second.", "n"),
        ]
    },
}
OPENWEBUI: dict[str, Any] = {
    "id": "w-1",
    "title": "T",
    "chat": {
        "history": {
            "currentId": "a",
            "messages": {
                name: {"role": role, "content": text, "parentId": parent, "timestamp": 1_760_000_000}
                for name, role, text, parent in [
                    ("q", "user", "One", None),
                    ("m", "assistant", "First.", "q"),
                    ("n", "user", "Two", "m"),
                    ("a", "assistant", "Second.", "n"),
                ]
            },
        }
    },
}
NODE = ("mapping", "n", "message")
SAID = ("chat", "history", "messages", "n")


@pytest.mark.parametrize(
    ("talk", "path", "value", "left"),
    [
        (CHATGPT, (*NODE, "author"), 5, "message"),
        (CHATGPT, (*NODE, "author", "role"), HUGE, "message"),
        (CHATGPT, (*NODE, "content"), "x", None),
        (CHATGPT, (*NODE, "content", "parts"), 5, "message"),
        (CHATGPT, (*NODE, "create_time"), HUGE, "detail"),
        (CHATGPT, (*NODE, "create_time"), "abc", "detail"),
        (CHATGPT, (*NODE, "create_time"), -62_000_000_000, "detail"),
        (CHATGPT, (*NODE, "metadata"), [], None),
        (CHATGPT, NODE, "x", "message"),
        (CHATGPT, ("mapping", "n"), [5], "message"),
        (CHATGPT, ("mapping", "n", "parent"), 5, None),
        (CHATGPT, ("create_time",), HUGE, "detail"),
        (CHATGPT, ("title",), 5, "detail"),
        (CHATGPT, ("current_node",), {}, None),
        (OPENWEBUI, (*SAID, "role"), 1, "message"),
        (OPENWEBUI, (*SAID, "content"), 5, "message"),
        (OPENWEBUI, (*SAID, "content"), [5, {"text": HUGE // 10**390}], None),
        (OPENWEBUI, (*SAID, "timestamp"), HUGE, "detail"),
        (OPENWEBUI, (*SAID, "parentId"), 5, "message"),
        (OPENWEBUI, SAID, 5, "message"),
        (OPENWEBUI, ("chat", "history", "currentId"), 5, "detail"),
        (OPENWEBUI, ("chat", "system"), 5, "detail"),
        (OPENWEBUI, ("chat", "models"), 5, None),
        (OPENWEBUI, ("created_at",), "abc", "detail"),
        (OPENWEBUI, ("pinned",), "abc", None),
    ],
)
def test_foreign_exports_are_read_the_same_way(
    talk: dict[str, Any], path: tuple[str, ...], value: object, left: str | None
) -> None:
    _, talks, left_out = read(json.dumps([spoiled(talk, *path, value=value)]).encode())
    assert left_out.counts == ({left: 1} if left else {})
    assert len(talks[0].messages) == (3 if left == "message" else 4)


def test_only_the_first_reasons_are_kept_and_no_value_is_repeated() -> None:
    damaged = [{"id": f"m{number}", "role": "user", "text": 5, "secret": "sk-secret"} for number in range(50)]
    talk, left = checked({**OURS, "messages": [*damaged, *OURS["messages"]]})
    assert len(texts(talk)) == 4
    assert (left.counts["message"], len(left.reasons)) == (50, 5)
    assert "sk-secret" not in "".join(left.reasons)


def test_what_was_taken_is_in_the_database_and_can_be_drawn() -> None:
    damaged = spoiled(OURS, "messages", 3, "completion", value=spoiled(COMPLETION, "usage", value="abc"))
    database, loaded = brought(own_export(5, spoiled(damaged, "messages", 1, "text", value=HUGE)))
    assert (loaded.conversations, loaded.messages) == (1, 3)
    assert loaded.left.counts == {"conversation": 1, "message": 1, "detail": 1}
    entry = conversations.recent(database, OWNER).entries[0]
    turns_shown = tree.path(database, OWNER, entry.id).turns
    assert [turn.text for turn in turns_shown] == ["One", "Two", "Second."]
    assert turns_shown[-1].completion is not None
    assert turns_shown[-1].completion.usage is None
