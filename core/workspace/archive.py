"""What a person keeps: the list of conversations and comparisons, search, names, versions, exports and imports."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ..store import BadImport, Health, Notice, Unavailable, conversations, owners, reindex, search, settings, tree
from ..store.database import Database
from ..store.imports import load, progress
from ..store.imports.load import Loaded
from ..store.imports.progress import Status
from ..store.portable import export
from ..store.portable.load import Reading
from ..views.conversation import File, PendingQuestion
from ..views.history import Conversation, Form, Page, SearchHit
from .entry import Entry

__all__ = ["Archive", "Conversation", "Form", "Loaded", "Page", "PendingQuestion", "SearchHit", "Status"]

NEXT = "next:"
PASTED = "pasted"


class Archive:
    """One for a process, beside the `Workspace`. Every method takes the owner and raises `StoreError`, or
    `BlockedInput` for a text that is too long to be kept."""

    def __init__(self, database: Database, entry: Entry, process: str | None = None) -> None:
        self._database = database
        self._entry = entry
        self._process = process

    def health(self) -> Health:
        return self._database.health()

    def notices(self) -> tuple[Notice, ...]:
        return self._database.notices

    def knows(self, owner_id: str) -> bool | None:
        """Whether anything is kept for this owner; None while the database cannot tell."""
        try:
            found = owners.has_anything(self._database, owner_id)
        except Unavailable:
            return None
        return found or (None if self._database.kind == "memory" else False)

    def recent(self, owner_id: str, limit: int) -> Page:
        """The pinned ones, then the newest."""
        return conversations.recent(self._database, owner_id, limit=limit)

    def count(self, owner_id: str) -> int:
        """How many chats and comparisons there are."""
        return conversations.count(self._database, owner_id)

    def find(self, owner_id: str, words: str, *, limit: int = 50) -> list[SearchHit]:
        """Messages that hold every one of the words."""
        return search.find(self._database, owner_id, words, limit=limit)

    def not_searched(self) -> float | None:
        """The share of messages from an older version that search does not know yet; None when it knows all."""
        return reindex.share_left(self._database)

    def rename(self, owner_id: str, entry_id: str, title: str) -> None:
        conversations.rename(self._database, owner_id, entry_id, title)

    def pin(self, owner_id: str, entry_id: str, pinned: bool) -> None:
        conversations.pin(self._database, owner_id, entry_id, pinned)

    def remove(self, owner_id: str, entry_id: str) -> None:
        """Delete it; `restore` undoes that."""
        conversations.remove(self._database, owner_id, entry_id)

    def restore(self, owner_id: str, entry_id: str) -> None:
        conversations.restore(self._database, owner_id, entry_id)

    def configure(self, owner_id: str, conversation_id: str, **changes: Any) -> None:
        """Change a conversation's `model_id`, `system` or `settings` from the next question on."""
        self._entry.optional(changes.get("system"), "system")
        self._entry.name(changes.get("model_id") or "", "model")
        conversations.configure(self._database, owner_id, conversation_id, **changes)

    def show_version(self, owner_id: str, conversation_id: str, message_id: str) -> str:
        """Show the branch through this version of a question or an answer; the branch's last message."""
        return tree.select_branch(self._database, owner_id, conversation_id, message_id)

    def export(self, owner_id: str, form: Form, ids: Sequence[str] | None = None) -> bytes:
        """The file with these entries, or with all."""
        return "".join(export.export(self._database, owner_id, form, ids)).encode("utf-8", "replace")

    def preview(self, data: bytes) -> Loaded:
        """What `load` would bring in, if none of it is known, and what it would leave out. BadImport as there."""
        reading = Reading([(io.BytesIO(data), len(data))])
        listed = messages = 0
        for talk in reading:
            listed += talk.kind != "lane"
            messages += len(talk.messages)
        if reading.items and not listed:
            raise BadImport(f"Nothing in the file can be read. {'; '.join(reading.left.reasons[:1])}.")
        return Loaded(reading.source, listed, messages, 0, reading.left)

    def load(self, owner_id: str, data: bytes) -> Loaded:
        """Bring in what fits of a file; BadImport, and nothing, where it cannot be read."""
        return load.load(self._database, owner_id, data, process=self._process)

    def importing(self, owner_id: str) -> Status | None:
        """The newest import, and how far it is."""
        return progress.current(self._database, owner_id)

    def stop_import(self, owner_id: str) -> None:
        """End the import that runs; nothing of it is kept."""
        progress.stop(self._database, owner_id)

    def pasted(self, owner_id: str) -> list[str]:
        """Ids of the providers that the owner pasted a key for, at any time; the keys themselves are never kept."""
        value = settings.get(self._database, owner_id, PASTED)
        return [str(name) for name in value] if isinstance(value, list) else []

    def note_pasted(self, owner_id: str, provider_ids: Sequence[str]) -> None:
        settings.put(self._database, owner_id, PASTED, list(provider_ids) or None)

    def waiting(self, owner_id: str, conversation_id: str) -> PendingQuestion | None:
        """The question that waits for the running answer, if there is one."""
        try:
            value = settings.get(self._database, owner_id, NEXT + conversation_id)
        except Unavailable:
            return None
        return _waiting(value) if isinstance(value, dict) else None

    def wait(self, owner_id: str, conversation_id: str, waiting: PendingQuestion | None) -> None:
        """Let a question wait, or (None) let none wait any more."""
        if waiting:
            self._entry.prompt(waiting.prompt, [File(name, text) for name, text in waiting.files])
        value = dataclasses.asdict(waiting) if waiting else None
        settings.put(self._database, owner_id, NEXT + conversation_id, value)


def _waiting(value: Mapping[str, Any]) -> PendingQuestion:
    files = tuple((str(name), str(text)) for name, text in value.get("files", ()))
    return PendingQuestion(str(value["prompt"]), str(value["request_id"]), str(value["parent_id"]), files)
