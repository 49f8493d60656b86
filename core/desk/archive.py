"""What a person keeps: the list of conversations and comparisons, search, names, versions, exports and imports."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.desk.sheet import Sheet
from core.store import Health, Notice, Unavailable, conversations, owners, reindex, search, settings, tree
from core.store.conversations import Conversation, Page
from core.store.database import Database
from core.store.portable import export, load
from core.store.portable.export import Form
from core.store.portable.load import Loaded
from core.store.search import Hit

__all__ = ["Archive", "Conversation", "Form", "Hit", "Loaded", "Page", "Waiting"]

NEXT = "next:"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question sent while an answer was running; it follows `parent_id` as soon as that answer has ended."""

    prompt: str
    request_id: str
    parent_id: str
    files: tuple[tuple[str, str], ...] = ()


class Archive:
    """One for a process, beside the `Desk`. Every method takes the owner and raises `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[tuple[str, str], Waiting] = {}  # while the database cannot hold them

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
        return conversations.count(self._database, owner_id)

    def find(self, owner_id: str, words: str, *, limit: int = 50) -> list[Hit]:
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
        conversations.configure(self._database, owner_id, conversation_id, **changes)

    def show_version(self, owner_id: str, conversation_id: str, message_id: str) -> str:
        """Show the branch through this version of a question or an answer; the branch's last message."""
        return tree.select_branch(self._database, owner_id, conversation_id, message_id)

    def export(self, owner_id: str, form: Form, ids: Sequence[str] | None = None) -> bytes:
        """The file with these entries, or with all."""
        return "".join(export.export(self._database, owner_id, form, ids)).encode("utf-8", "replace")

    def preview(self, data: bytes) -> Loaded:
        """What `load` would bring in, if none of it is known, and what it would leave out. BadImport as there."""
        source, talks, left = load.read(data)
        listed = [talk for talk in talks if talk.kind != "lane"]
        return Loaded(source, len(listed), sum(len(talk.messages) for talk in talks), 0, left)

    def load(self, owner_id: str, data: bytes) -> Loaded:
        """Bring in what fits of a file; BadImport, and nothing, where it cannot be read."""
        return load.load(self._database, owner_id, data)

    def waiting(self, owner_id: str, conversation_id: str) -> Waiting | None:
        """The question that waits for the running answer, if there is one."""
        held = self._waiting.get((owner_id, conversation_id))
        if held:
            return held
        try:
            value = settings.get(self._database, owner_id, NEXT + conversation_id)
        except Unavailable:
            return None
        return _waiting(value) if isinstance(value, dict) else None

    def wait(self, owner_id: str, conversation_id: str, waiting: Waiting | None) -> None:
        """Let a question wait, or (None) let none wait any more."""
        self._waiting.pop((owner_id, conversation_id), None)
        value = dataclasses.asdict(waiting) if waiting else None
        try:
            settings.put(self._database, owner_id, NEXT + conversation_id, value)
        except Unavailable:
            if waiting:
                self._waiting[owner_id, conversation_id] = waiting


def _waiting(value: Mapping[str, Any]) -> Waiting:
    files = tuple((str(name), str(text)) for name, text in value.get("files", ()))
    return Waiting(str(value["prompt"]), str(value["request_id"]), str(value["parent_id"]), files)


def written(sheets: Sequence[Sheet]) -> str:
    """Conversations as Markdown, as they are shown: what can be taken along while no database can be asked."""
    parts: list[str] = []
    for sheet in sheets:
        parts.append(f"# {sheet.title or 'Conversation'}\n")
        for turn in sheet.turns:
            parts.append(f"## You\n\n{turn.prompt.strip()}\n")
            if turn.completion:
                parts.append(f"## Answer · {turn.model_id}\n\n{turn.completion.text.strip()}\n")
    return "\n".join(parts)
