"""The one question of a conversation that is sent when the running answer has ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ..views.conversation import File, PendingQuestion
from . import Unavailable, settings
from .database import Database

KEY = "next:"  # of its setting; the conversation's id follows


def read(database: Database, owner_id: str, conversation_id: str) -> PendingQuestion | None:
    """None where there is none, and while the database is unavailable."""
    try:
        value = settings.get(database, owner_id, KEY + conversation_id)
    except Unavailable:
        return None
    return _question(value) if isinstance(value, dict) else None


def write(database: Database, owner_id: str, conversation_id: str, waiting: PendingQuestion | None) -> None:
    settings.put(database, owner_id, KEY + conversation_id, dataclasses.asdict(waiting) if waiting else None)


def _question(value: Mapping[str, Any]) -> PendingQuestion:
    files = tuple(map(_file, value.get("files", ())))
    return PendingQuestion(str(value["prompt"]), str(value["request_id"]), str(value["parent_id"]), files)


def _file(value: Mapping[str, Any] | Sequence[str]) -> File:
    """A file that waits: its fields, or name and text as earlier versions stored it."""
    if not isinstance(value, Mapping):
        name, text = value
        return File(str(name), str(text))
    return File(**{entry.name: value[entry.name] for entry in dataclasses.fields(File) if entry.name in value})
