"""Import: our own JSON, ChatGPT's and Open WebUI's export, told apart by their shape. What does not fit is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from core.store import BadImport
from core.store.conversations import title_of
from core.store.database import Database
from core.store.portable import chatgpt, openwebui, ours, rounds
from core.store.portable.intake import MOST_CHARS, LeftOut, Place
from core.store.portable.records import Conversation, Message, conversation
from core.store.search import index_words
from core.store.tables import attachments, conversations, derived, insert_new, lanes, messages, runs
from core.store.votes import portable as votes

MOST_BYTES = 300_000_000
BATCH = 500
Source = Literal["roundtable", "chatgpt", "openwebui"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was new in a file, how many of its conversations were there before, and what of it was left out."""

    source: Source
    conversations: int
    messages: int
    known: int
    left: LeftOut = field(default_factory=LeftOut)


def load(database: Database, owner_id: str, data: bytes, *, most_chars: int = MOST_CHARS) -> Loaded:
    """Import a file: all of it that fits, in one transaction. A file that comes again adds nothing twice.

    BadImport, and nothing changed, for a file that cannot be read or of which nothing fits.
    """
    source, talks, left = read(data, most_chars=most_chars)
    with database.write() as connection:
        return _Import(connection, owner_id, source, left).keep(talks)


def read(data: bytes, *, most_chars: int = MOST_CHARS) -> tuple[Source, list[Conversation], LeftOut]:
    """Who wrote a file, its conversations, and what of it is left out."""
    source, items = _items(_parse(data))
    left = LeftOut()
    found = [
        talk
        for number, item in enumerate(items, 1)
        if (talk := conversation(told(source, item, number), Place(f"Conversation {number}", left, most_chars)))
    ]
    talks = together(found, left)
    if items and not talks:
        raise BadImport(f"Nothing in the file can be read. {'; '.join(left.reasons[:1])}. Nothing was imported.")
    return source, talks, left


def told(source: Source, item: Any, number: int) -> Any:
    """A conversation of that source in the shape of our own JSON, for `records.conversation`."""
    match source:
        case "chatgpt":
            return chatgpt.told(item)
        case "openwebui":
            return openwebui.told(item, number)
        case _:
            return item


def together(found: Sequence[Conversation], left: LeftOut) -> list[Conversation]:
    """Comparisons with the lanes that are there, and without those that are not; a lane of none becomes a chat."""
    there = {talk.id for talk in found if talk.kind == "lane"}
    talks, used = [], set()
    for talk in found:
        if talk.kind == "comparison":
            columns = tuple(lane for lane in talk.lanes if lane.conversation_id in there)
            if len(columns) < len(talk.lanes):
                missing = len(talk.lanes) - len(columns)
                left.add("detail", f"“{talk.title[:40]}”: a lane of it is not in the file", missing)
            if not columns:
                left.add("conversation", f"“{talk.title[:40]}”: no lane of it is in the file")
                continue
            used |= {lane.conversation_id for lane in columns}
            talk = talk.model_copy(update={"lanes": columns})
        talks.append(talk)
    return [
        talk.model_copy(update={"kind": "chat"}) if talk.kind == "lane" and talk.id not in used else talk
        for talk in talks
    ]


def _items(content: Any) -> tuple[Source, list[Any]]:
    if isinstance(content, dict) and content.get("format") == ours.FORMAT:
        return "roundtable", ours.conversations(content)
    items = content if isinstance(content, list) else [content]
    for item in items:
        if isinstance(item, dict) and "mapping" in item:
            return "chatgpt", items
        if isinstance(item, dict) and ("chat" in item or "history" in item):
            return "openwebui", items
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

    def __init__(self, connection: Connection, owner_id: str, source: Source, left: LeftOut) -> None:
        self._connection = connection
        self._owner_id = owner_id
        self._source = source
        self._left = left

    def keep(self, talks: Sequence[Conversation]) -> Loaded:
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
        return Loaded(self._source, fresh, said, len(talks) - fresh, self._left)

    def _conversation_id(self, source_id: str) -> str:
        """Our own ids stay, so that an export finds its conversations again, unless another owner has them."""
        if self._source != "roundtable":
            return derived(self._owner_id, self._source, source_id)
        query = select(conversations.c.owner_id).where(conversations.c.id == source_id)
        owner = self._connection.execute(query).scalar() if len(source_id) <= 36 else "nobody"
        return source_id if owner in (None, self._owner_id) else derived(self._owner_id, "import", source_id)

    def _talk(self, talk: Conversation, talk_id: str) -> tuple[bool, int]:
        names = self._message_ids(talk, talk_id)
        self._names |= {(talk.id, message): name for message, name in names.items() if talk.kind == "lane"}
        first = next((message.text for message in talk.messages if message.role == "user"), "")
        row = {
            "id": talk_id,
            "owner_id": self._owner_id,
            "kind": talk.kind,
            "title": talk.title or title_of(first),
            "title_by_person": talk.title_by_person and bool(talk.title),
            "pinned": talk.pinned,
            "system": talk.system,
            "settings": dict(talk.settings),
            "model_id": talk.model_id,
            "leaf_id": names[talk.leaf_id] if talk.leaf_id else None,
            "version": 1,
            "created_at": talk.created_at,
            "updated_at": talk.updated_at,
        }
        is_new = bool(insert_new(self._connection, conversations, [row]))
        if not is_new:
            undeleted = update(conversations).where(conversations.c.id == talk_id).values(deleted_at=None)
            self._connection.execute(undeleted)
        return is_new, self._messages(talk, talk_id, names)

    def _message_ids(self, talk: Conversation, talk_id: str) -> dict[str, str]:
        known: dict[str, str] = {}
        if self._source == "roundtable" and talk_id == talk.id:
            for batch in _batches([message.id for message in talk.messages]):
                query = select(messages.c.id, messages.c.conversation_id).where(messages.c.id.in_(batch))
                known |= {row.id: row.conversation_id for row in self._connection.execute(query)}
            keeps = {m.id for m in talk.messages if len(m.id) <= 36 and known.get(m.id, talk_id) == talk_id}
        else:
            keeps = set()
        return {m.id: m.id if m.id in keeps else derived(talk_id, "import", m.id) for m in talk.messages}

    def _messages(self, talk: Conversation, talk_id: str, names: dict[str, str]) -> int:
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

    def _lanes(self, talk: Conversation, ids: dict[str, str]) -> None:
        insert_new(self._connection, runs, [{"id": ids[talk.id], "options": dict(talk.options)}])
        rows = [
            {
                "run_id": ids[talk.id],
                "position": position,
                "conversation_id": ids[lane.conversation_id],
                "model_id": lane.model_id,
                "wishes": dict(lane.wishes) or None,
                "removed_at": lane.removed_at,
            }
            for position, lane in enumerate(talk.lanes)
        ]
        insert_new(self._connection, lanes, rows)
        rounds.keep(self._connection, ids[talk.id], talk.rounds, ids, self._names, self._left)
        votes.keep(self._connection, self._owner_id, ids[talk.id], talk.votes, ids)


def _row(message: Message, talk_id: str, message_id: str, parent_id: str | None, depth: int) -> dict[str, Any]:
    return {
        "id": message_id,
        "conversation_id": talk_id,
        "parent_id": parent_id,
        "depth": depth,
        "role": message.role,
        "text": message.text,
        "words": index_words(message.text),
        "model_id": message.model_id,
        "state": message.state,
        "completion": message.completion.kept() if message.completion else None,
        "created_at": message.created_at,
    }


def _files(message: Message, message_id: str) -> list[dict[str, Any]]:
    return [
        {
            "message_id": message_id,
            "position": position,
            "name": file.name,
            "media_type": file.media_type,
            "text": file.text,
            "size_bytes": len(file.text.encode()),
        }
        for position, file in enumerate(message.files)
    ]


def _batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), BATCH):
        yield list(items[start : start + BATCH])
