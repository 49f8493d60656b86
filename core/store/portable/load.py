"""Import: our own JSON, ChatGPT's and Open WebUI's export, told apart by their shape. All of a file or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from core.store import BadImport
from core.store.conversations import title_of
from core.store.database import Database
from core.store.portable import chatgpt, openwebui, ours, rounds
from core.store.portable.checks import Said, Talk
from core.store.search import index_words
from core.store.tables import attachments, clean, conversations, derived, insert_new, lanes, messages, runs
from core.store.votes import portable as votes

MOST_BYTES = 300_000_000
BATCH = 500
Source = Literal["roundtable", "chatgpt", "openwebui"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was new in a file, and how many of its conversations were there before."""

    source: Source
    conversations: int
    messages: int
    known: int


def load(database: Database, owner_id: str, data: bytes) -> Loaded:
    """Import a file. BadImport, and nothing changed, at its first fault. A file that comes again adds nothing twice."""
    source, talks = read(data)
    return keep(database, owner_id, source, talks)


def keep(database: Database, owner_id: str, source: Source, talks: Sequence[Talk]) -> Loaded:
    """Write what was read, in one transaction."""
    with database.write() as connection:
        return _Import(connection, owner_id, source).keep(talks)


def read(data: bytes) -> tuple[Source, list[Talk]]:
    """The conversations of a file, and who wrote it."""
    content = _parse(data)
    if isinstance(content, dict) and content.get("format") == ours.FORMAT:
        return "roundtable", ours.read(content)
    items = content if isinstance(content, list) else [content]
    first = next((item for item in items if isinstance(item, dict)), {})
    if "mapping" in first:
        return "chatgpt", chatgpt.read(items)
    if "chat" in first or "history" in first:
        return "openwebui", openwebui.read(items)
    raise BadImport("The file is none of the exports that can be read: Roundtable's, ChatGPT's, Open WebUI's.")


def _parse(data: bytes) -> Any:
    if len(data) > MOST_BYTES:
        raise BadImport(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadImport(f"The file is not text in UTF-8: byte {error.start + 1}.") from None
    except json.JSONDecodeError as error:
        raise BadImport(f"The file is not JSON: line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise BadImport("The file cannot be read as JSON: a number is too long or it is nested too deep.") from None


class _Import:
    """One file on its way in, inside one transaction."""

    def __init__(self, connection: Connection, owner_id: str, source: Source) -> None:
        self._connection = connection
        self._owner_id = owner_id
        self._source = source

    def keep(self, talks: Sequence[Talk]) -> Loaded:
        ids = {talk.id: self._conversation_id(talk.id) for talk in talks}
        self._names: dict[tuple[str, str], str] = {}
        fresh = said = 0
        for talk in talks:
            is_new, added = self._talk(talk, ids[talk.id])
            fresh += is_new
            said += added
        for talk in talks:
            if talk.kind == "comparison":
                self._lanes(talk, ids)
        return Loaded(self._source, fresh, said, len(talks) - fresh)

    def _conversation_id(self, source_id: str) -> str:
        """Our own ids stay, so that an export finds its conversations again, unless another owner has them."""
        if self._source != "roundtable":
            return derived(self._owner_id, self._source, source_id)
        query = select(conversations.c.owner_id).where(conversations.c.id == source_id)
        owner = self._connection.execute(query).scalar() if len(source_id) <= 36 else "nobody"
        return source_id if owner in (None, self._owner_id) else derived(self._owner_id, "import", source_id)

    def _talk(self, talk: Talk, talk_id: str) -> tuple[bool, int]:
        names = self._message_ids(talk, talk_id)
        self._names |= {(talk.id, message): name for message, name in names.items() if talk.kind == "lane"}
        leaf = talk.leaf_id or (talk.messages[-1].id if talk.messages else None)
        first = next((message.text for message in talk.messages if message.role == "user"), "")
        row = {
            "id": talk_id,
            "owner_id": self._owner_id,
            "kind": talk.kind,
            "title": clean(talk.title)[:200] or title_of(clean(first)),
            "title_by_person": talk.title_by_person and bool(talk.title),
            "pinned": talk.pinned,
            "system": clean(talk.system),
            "settings": clean(dict(talk.settings)),
            "model_id": clean(talk.model_id),
            "leaf_id": names[leaf] if leaf else None,
            "version": 1,
            "created_at": talk.created_at,
            "updated_at": talk.updated_at,
        }
        is_new = bool(insert_new(self._connection, conversations, [row]))
        if not is_new:
            undeleted = update(conversations).where(conversations.c.id == talk_id).values(deleted_at=None)
            self._connection.execute(undeleted)
        return is_new, self._messages(talk, talk_id, names)

    def _message_ids(self, talk: Talk, talk_id: str) -> dict[str, str]:
        known: dict[str, str] = {}
        if self._source == "roundtable" and talk_id == talk.id:
            for batch in _batches([message.id for message in talk.messages]):
                query = select(messages.c.id, messages.c.conversation_id).where(messages.c.id.in_(batch))
                known |= {row.id: row.conversation_id for row in self._connection.execute(query)}
            keeps = {m.id for m in talk.messages if len(m.id) <= 36 and known.get(m.id, talk_id) == talk_id}
        else:
            keeps = set()
        return {m.id: m.id if m.id in keeps else derived(talk_id, "import", m.id) for m in talk.messages}

    def _messages(self, talk: Talk, talk_id: str, names: dict[str, str]) -> int:
        depth: dict[str | None, int] = {None: 0}
        rows, files = [], []
        for message in talk.messages:
            depth[message.id] = depth[message.parent_id] + 1
            parent = names[message.parent_id] if message.parent_id else None
            rows.append(_row(message, talk_id, names[message.id], parent, depth[message.id]))
            files += _files(message, names[message.id])
        added = sum(insert_new(self._connection, messages, batch) for batch in _batches(rows))
        for batch in _batches(files):
            insert_new(self._connection, attachments, batch)
        return added

    def _lanes(self, talk: Talk, ids: dict[str, str]) -> None:
        insert_new(self._connection, runs, [{"id": ids[talk.id], "options": clean(dict(talk.options))}])
        rows = []
        for position, (lane_id, model_id) in enumerate(talk.lanes):
            if lane_id not in ids:
                raise BadImport(f"The comparison “{talk.title[:40]}” names a lane that is not in the file.")
            rows.append(
                {
                    "run_id": ids[talk.id],
                    "position": position,
                    "conversation_id": ids[lane_id],
                    "model_id": clean(model_id),
                    "wishes": clean(dict(talk.apart[lane_id])) if lane_id in talk.apart else None,
                    "removed_at": talk.removed.get(lane_id),
                }
            )
        insert_new(self._connection, lanes, rows)
        rounds.keep(self._connection, ids[talk.id], talk.rounds, ids, self._names)
        votes.keep(self._connection, self._owner_id, ids[talk.id], talk.votes, ids)


def _row(message: Said, talk_id: str, message_id: str, parent_id: str | None, depth: int) -> dict[str, Any]:
    text = clean(message.text)
    return {
        "id": message_id,
        "conversation_id": talk_id,
        "parent_id": parent_id,
        "depth": depth,
        "role": message.role,
        "text": text,
        "words": index_words(text),
        "model_id": clean(message.model_id),
        "state": message.state,
        "completion": clean(dict(message.completion)) if message.completion else None,
        "created_at": message.created_at,
    }


def _files(message: Said, message_id: str) -> list[dict[str, Any]]:
    return [
        {
            "message_id": message_id,
            "position": position,
            "name": clean(name),
            "media_type": clean(media_type),
            "text": clean(text),
            "size_bytes": len(clean(text).encode()),
        }
        for position, (name, media_type, text) in enumerate(message.files)
    ]


def _batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), BATCH):
        yield list(items[start : start + BATCH])
