"""Export of one conversation, some or all: Markdown to read, JSON to store (and import again), CSV for a
spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from ...safety import spreadsheet
from ...safety.outgoing import fenced, for_file, title_for_file
from ...views.history import Form
from .. import blobs
from ..database import Database
from . import batches, library, ours, stored_files, talks
from .talks import Talk

COLUMNS = (
    *("conversation_id", "title", "message_id", "parent_id", "role", "model_id", "served_model_id", "served_by"),
    *("state", "created_at", "text", "files"),
)
SPEAKERS = {"user": "You", "system": "System", "assistant": "Answer"}


def export(database: Database, owner_id: str, form: Form, ids: Sequence[str] | None = None) -> Iterator[str]:
    """The text of the export in pieces. `ids` None: everything that is listed; a comparison brings its lanes, in JSON
    with models' verdicts. JSON of everything has batches, prompts, line-ups, settings and checks too.

    A snapshot of the database, however long the reader takes: a slow reader should write the pieces to a file first.
    NotFound, at the first piece, for an id that is not the owner's.
    """
    with database.snapshot() as connection:
        exported = talks.read(connection, owner_id, ids, whole=form == "json")
        match form:
            case "markdown":
                yield from _markdown(exported)
            case "csv":
                yield from _csv(exported)
            case _:
                yield from _json(exported, database, connection, owner_id, everything=ids is None)


def _json(
    exported: Iterator[Talk], database: Database, connection: Connection, owner_id: str, *, everything: bool
) -> Iterator[str]:
    """The conversations, then, of an export of everything, batches and the rest, then the bytes of all files, each
    once; a damaged one is left out."""
    media_types: dict[str, str] = {}
    head = {"format": ours.FORMAT, "version": ours.VERSION, "exported_at": database.now().isoformat()}
    yield json.dumps(head)[:-1] + ', "conversations": ['
    for number, talk in enumerate(exported):
        yield (",\n" if number else "\n") + json.dumps(talk.head, ensure_ascii=False)[:-1] + ', "messages": ['
        for place, message in enumerate(talk.messages):
            yield (", " if place else "") + json.dumps(message, ensure_ascii=False)
            media_types |= {file["sha256"]: file["media_type"] for file in message.get("files", ()) if "sha256" in file}
        yield "]}"
    yield "\n]"
    if everything:
        yield from batches.pieces(connection, owner_id, media_types)
        yield from library.pieces(connection, owner_id)
    if media_types:
        yield ', "files": ['
        yield from stored_files.exported(
            media_types, lambda name: blobs.read(connection, database.blob_place, owner_id, name)
        )
        yield "\n]"
    yield "}\n"


def _markdown(exported: Iterator[Talk]) -> Iterator[str]:
    """The branch that is shown; other branches are only in the JSON."""
    for number, talk in enumerate(exported):
        head = talk.head
        level = "##" if head["kind"] == "lane" else "#"
        title = head["title"] if head["kind"] != "lane" else head["model_id"]
        yield ("\n\n" if number else "") + f"{level} {title_for_file(title)}\n\n{head['updated_at'][:10]}\n"
        if head.get("tags"):
            yield f"\nTags: {', '.join(map(title_for_file, head['tags']))}\n"
        for message in talk.messages:
            if message["id"] not in talk.branch:
                continue
            speaker = SPEAKERS[message["role"]] + (f" · {message['model_id']}" if message["model_id"] else "")
            served = _served(message, "served_model_id")
            if served not in (None, message["model_id"]):
                speaker += f" · answered by {served}"
            state = "" if message["state"] == "done" else f" · {message['state']}"
            yield f"\n{level}# {title_for_file(speaker)}{state}\n\n{for_file(message['text'])}\n"
            for file in message.get("files", ()):
                name = title_for_file(file["name"] or file["media_type"])
                yield f"\n{name}:\n\n{fenced(file['text'].rstrip())}\n" if file["text"] else f"\n[{name}]\n"


def _csv(exported: Iterator[Talk]) -> Iterator[str]:
    """One row a message. Cells that a spreadsheet would take for a formula get an apostrophe before them."""
    yield from spreadsheet.lines(COLUMNS, (row for talk in exported for row in _rows(talk)))


def _rows(talk: Talk) -> Iterator[list[object]]:
    for message in talk.messages:
        head = {"conversation_id": talk.head["id"], "title": talk.head["title"]}
        fields = {**message, **head, "message_id": message["id"]}
        fields |= {name: _served(message, name) for name in ("served_model_id", "served_by")}
        fields["files"] = ", ".join(file["name"] or file["media_type"] for file in message.get("files", ()))
        yield [fields[name] for name in COLUMNS]


def _served(message: Mapping[str, Any], name: str) -> str | None:
    """A field of an answer about the model or host that gave it."""
    value: str | None = (message["completion"] or {}).get(name)
    return value
