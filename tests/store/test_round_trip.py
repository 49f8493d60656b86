"""Our own export and back again: every field of a chat and of a comparison, found by walking the records and tables.

A field or a column that is added later is filled by its type, or fails here until it has a value: it cannot be
forgotten.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.errors import Oversize, RateLimited
from core.records import Completion, Message, Part, Routing
from core.store import blobs, completion
from core.store import model_moves as _moves  # noqa: F401 - its table
from core.store import shared_links as _links  # noqa: F401 - its table
from core.store.columns import metadata
from core.store.database import Database
from core.store.imports.load import load
from core.store.opening import open_database
from core.store.portable import export
from core.store.round_tables import round_questions, rounds
from core.store.scheduled import tables as _scheduled  # noqa: F401 - its table
from core.store.tables import attachments, conversations, lanes, messages, runs
from core.store.tags import tags
from core.store.votes.tables import votes
from core.views.conversation import SAMPLING, GenerationSettings
from tests.store.conftest import OWNER

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BYTES = b"\x89PNG of the answer"
ROUTED = Routing("small", "big", ("length", "code"), 0.25, (("a/one", "resting"),))
ERROR = RateLimited(
    "Slow down.", status=429, retry_after_s=2.5, request_id="req", code="c", param="p", tries=3, event_id="e-1",
    retryable=False, origin="local", oversize=Oversize(9, 8, "input_tokens", "day", "a/one"),
)  # fmt: skip
# Columns that an import makes anew, and why.
MADE_ANEW = {
    (messages, "seq"): "numbers of the database",
    (messages, "words"): "made of the text",
    (conversations, "version"): "counts changes made here",
    (conversations, "deleted_at"): "what is deleted is not exported",
    (rounds, "request_id"): "of the click that asked",
    (tags, "created_at"): "when it came here",
}
WALKED = (conversations, messages, attachments, runs, lanes, rounds, round_questions, votes, tags)
# Tables whose rows hang on a conversation, and are no part of an export of it.
ASIDE = {
    "jobs": "an answer that is being written; its text so far is exported as the message's",
    "verdicts": "walked by test_whole_export",
    "staged": "an import on its way in",
    "scheduled": "a question that waits for a limit",
    "moved_conversations": "what was changed when a model ended",
    "shared_links": "links open what is on this server",
    "routed_answers": "walked by test_whole_export",
    "search_places": "made of the text",
}


def value_of(kind: Any, name: str) -> Any:
    """A value of this type that is nobody's default."""
    origin, inner = typing.get_origin(kind), [each for each in typing.get_args(kind) if each is not type(None)]
    if kind is Part:
        raise AssertionError("parts are filled all at once")
    if origin is typing.Literal:
        return inner[-1]
    if origin in (typing.Union, types.UnionType):
        return value_of(inner[0], name)
    if origin is tuple:
        return tuple(all_parts()) if inner[0] == Part else (value_of(inner[0], name),)
    if kind is Message:
        return Message("assistant", tuple(all_parts()))
    if dataclasses.is_dataclass(kind):
        return filled(kind)
    if name == "sha256":
        return "5" * 64
    plain = {str: f"its {name}", int: 7, float: 0.5, bool: True, bytes: b"", Decimal: Decimal("0.25"), datetime: AT}
    return plain[kind]


def filled(cls: Any, **fixed: Any) -> Any:
    hints = typing.get_type_hints(cls)
    made = {
        each.name: value_of(hints[each.name], each.name) for each in dataclasses.fields(cls) if each.name not in fixed
    }
    return cls(**made, **fixed)


def all_parts() -> Iterator[Part]:
    for cls in typing.get_args(Part):
        yield filled(cls)


def full_answer() -> Completion:
    return filled(Completion, text="The answer.", error=ERROR, routing=ROUTED, facts=None)


def test_every_field_of_an_answer_comes_back() -> None:
    answer = full_answer()
    defaults = [
        each.name
        for each in dataclasses.fields(answer)
        if each.name != "facts" and getattr(answer, each.name) == each.default
    ]
    assert not defaults
    again = completion.decode(completion.encode(answer), "The answer.")
    assert shape(again) == shape(answer)


def shape(answer: Completion) -> Any:
    """All of an answer to compare it by: errors are compared by what they say."""
    error = answer.error and {
        name: getattr(answer.error, name) for name in (*completion.ERROR_FIELDS, "message", "oversize")
    }
    return dataclasses.replace(answer, error=None), type(answer.error), error


CHAT, RUN, FIRST, SECOND = "chat", "run", "lane-1", "lane-2"


def at(hours: int) -> datetime:
    return AT + timedelta(hours=hours)


def conversation(name: str, kind: str, **more: Any) -> dict[str, Any]:
    sampling = filled(GenerationSettings).sampling()
    return {
        "id": name, "owner_id": OWNER, "kind": kind, "title": f"Title of {name}", "title_by_person": True,
        "pinned": kind != "lane", "system": "Be brief.", "settings": sampling, "model_id": "a/one",
        "leaf_id": f"{name}-a",
        "version": 3, "created_at": AT, "updated_at": at(9), "deleted_at": None, **more,
    }  # fmt: skip


def turn(of: str) -> list[dict[str, Any]]:
    """A question and its answer, and another version of the question."""
    common = {"conversation_id": of, "words": "w", "model_id": None, "state": "done", "completion": None}
    answered = {"model_id": "a/one", "state": "stopped", "completion": completion.encode(full_answer())}
    return [
        {**common, "id": f"{of}-q", "parent_id": None, "depth": 1, "role": "user", "text": "Why?", "created_at": at(1)},
        {**common, "id": f"{of}-q2", "parent_id": None, "depth": 1, "role": "user", "text": "So?", "created_at": at(2)},
        {**common, **answered, "id": f"{of}-a", "parent_id": f"{of}-q", "depth": 2, "role": "assistant",
         "text": "The answer.", "created_at": at(3)},
    ]  # fmt: skip


def rows(sha256: str) -> dict[str, list[dict[str, Any]]]:
    details = {"width": 3, "height": 2, "pages": "1-2", "page_count": 9}
    file = {"name": "a.png", "media_type": "image/png", "text": "Read.", "size_bytes": len(BYTES), "sha256": sha256}
    options = {"prompt": "Why?", "blind": False, "revealed": True}
    wishes = {"temperature": 0.5, "effort": "low"}
    questions = [
        {"run_id": RUN, "number": 1, "conversation_id": of, "question_id": f"{of}-q"} for of in (FIRST, SECOND)
    ]
    return {
        "conversations": [
            conversation(CHAT, "chat"),
            conversation(RUN, "comparison", model_id=None, leaf_id=None),
            conversation(FIRST, "lane"),
            conversation(SECOND, "lane"),
        ],
        "messages": [message for of in (CHAT, FIRST, SECOND) for message in turn(of)],
        "attachments": [
            {"message_id": f"{CHAT}-{of}", "position": 0, "details": details, **file} for of in ("q", "a")
        ],
        "runs": [{"id": RUN, "options": options}],
        "lanes": [
            {"run_id": RUN, "position": 0, "conversation_id": FIRST, "model_id": "a/one", "removed_at": None,
             "wishes": wishes},
            {"run_id": RUN, "position": 1, "conversation_id": SECOND, "model_id": "b/two", "removed_at": at(5),
             "wishes": None},
        ],
        "rounds": [{"run_id": RUN, "number": 1, "request_id": "r", "prompt": "Why?", "follows": SECOND,
                    "created_at": at(1)}],
        "round_questions": questions,
        "votes": [
            {"run_id": RUN, "turn": 1, "owner_id": OWNER, "outcome": "winner", "place": 1,
             "lanes": [[FIRST, "a/one"], [SECOND, "b/two"]], "blind": True, "topic": "facts", "at": at(6)}
        ],
        "tags": [
            {"owner_id": OWNER, "conversation_id": of, "folded": "work", "name": "Work", "created_at": AT}
            for of in (CHAT, RUN)
        ],
    }  # fmt: skip


def stored(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows of the tables of a conversation, without what an import makes anew."""
    lines_of = {}
    with database.read() as connection:
        for table in WALKED:
            columns = [column for column in table.c if (table, column.name) not in MADE_ANEW]
            lines = [dict(row._mapping) for row in connection.execute(select(*columns))]
            lines_of[table.name] = sorted(lines, key=str)
    return lines_of


def test_every_column_of_a_chat_and_a_comparison_comes_back(tmp_path: Path) -> None:
    source, back = open_database(None, tmp_path / "source"), open_database(None, tmp_path / "back")
    written = rows(blobs.put(source, OWNER, BYTES, "image/png"))
    for table in WALKED:
        for row in written[table.name]:
            lacking = {column.name for column in table.c} - row.keys() - {"seq"}
            assert not lacking, f"give a value to {table.name}: {lacking}"
        with source.write() as connection:
            connection.execute(table.insert(), written[table.name])
    loaded = load(back, OWNER, "".join(export.export(source, OWNER, "json")).encode(), sleep=lambda _: None)
    assert (loaded.left.reasons, loaded.known) == ([], 0)
    assert stored(back) == stored(source)
    with back.read() as connection:
        encoded = connection.execute(select(messages.c.completion).where(messages.c.id == f"{CHAT}-a")).scalar_one()
    assert shape(completion.decode(encoded, "The answer.")) == shape(full_answer())
    (name,) = {row["sha256"] for row in written["attachments"]}
    assert blobs.load(back, OWNER, [name]) == {name: BYTES}
    for database in (source, back):
        database.close()


def test_every_table_of_a_conversation_is_walked_or_named() -> None:
    """And every setting is walked: `sampling` has them all."""
    hanging = {"conversations"}
    for table in metadata.sorted_tables:
        if {key.column.table.name for key in table.foreign_keys} & hanging:
            hanging.add(table.name)
    assert hanging == {table.name for table in WALKED} | ASIDE.keys()
    assert filled(GenerationSettings).sampling().keys() == set(SAMPLING)
