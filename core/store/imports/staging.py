"""Writes an import in hidden portions, with short transactions.

Expensive work (parsing, search words) happens between the transactions; each holds the database for some tens of
milliseconds and is followed by a rest, in which others write. A comparison stays staged until the whole file is read,
since its lanes may be anywhere in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update

from ...views.conversation import File
from .. import BadImport, tags
from .. import attachments as attachment_rows
from ..conversations import title_of
from ..database import Database
from ..portable import judgements
from ..portable.messages import ImportedMessage
from ..portable.records import ImportedConversation
from ..purge import erase
from ..routed_answers import routed_answers
from ..rows import derived, insert_new
from ..search import index_words, title_words
from ..tables import ERASED, STAGED, attachments, conversations, messages
from .tables import staged

ROWS = 400  # messages that are prepared at once
CHARS = 400_000  # of their text
LEAST_ROWS = 20  # messages a transaction
HELD_S = 0.04  # how long a transaction is meant to hold the database
LONGEST_REST_S = 0.25
TRIES = 5
OF_A_COMPARISON = {"id", "kind", "title", "options", "lanes", "rounds", "votes"}
OF_A_VERDICT = {"id", "kind", "title", "created_at", "verdict"}


@dataclass(slots=True)
class Counts:
    """The numbers of new rows so far, and how many chats and comparisons existed before."""

    conversations: int = 0
    messages: int = 0
    known: int = 0


@dataclass(slots=True)
class _Portion:
    """Rows that are ready to be written."""

    conversations: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    staged: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    routed: list[dict[str, Any]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)  # deleted ones that come back: known
    known: int = 0
    again: list[tuple[str, ImportedMessage]] = field(default_factory=list)  # stored messages that come with files


class IdTaken(Exception):
    """Another writer took an id between looking and writing: look again."""


class Staging:
    """`add` conversations, `flush` at the end. `report` is called in each transaction with the progress."""

    def __init__(
        self,
        database: Database,
        owner_id: str,
        source: Callable[[], str],
        report: Callable[[Connection, Counts], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.counts = Counts()
        self._database = database
        self._owner_id = owner_id
        self._owned = conversations.c.owner_id == owner_id
        self._source = source
        self._report = report
        self._sleep = sleep
        self._talks: dict[str, ImportedConversation] = {}
        self._size = 4 * LEAST_ROWS
        self._rows = self._chars = 0

    def add(self, talk: ImportedConversation) -> None:
        if talk.id in self._talks:
            self.flush()
        self._talks[talk.id] = talk
        self._rows += len(talk.messages)
        self._chars += sum(len(message.text) for message in talk.messages)
        if self._rows >= ROWS or self._chars >= CHARS or len(self._talks) >= ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what was added."""
        if not self._talks:
            return None
        talks = list(self._talks.values())
        self._talks, self._rows, self._chars = {}, 0, 0
        for _ in range(TRIES):
            with self._database.read() as connection:
                ids = self._ids(connection, [talk.id for talk in talks])
                present = self._present(connection, ids)
                portion = self._portion(talks, ids, present, self._places(connection, talks, ids))
            if half_gone := [each for each, deleted_at in present.items() if deleted_at == ERASED]:
                erase(self._database, half_gone, sleep=self._sleep)
                continue
            try:
                return self._write(portion)
            except IdTaken:
                continue
        raise BadImport("The file uses the same ids for different conversations. Nothing was imported.")

    def _write(self, portion: _Portion) -> None:
        """Write in short transactions: fewer messages in each on a slow computer."""
        start = 0
        while start == 0 or start < len(portion.messages):
            rows = portion.messages[start : start + self._size]
            counts = Counts(self.counts.conversations, self.counts.messages, self.counts.known)
            began = time.perf_counter()
            with self._database.patient_write(self._sleep) as connection:
                if start == 0:
                    self._heads(connection, portion, counts)
                if insert_new(connection, messages, rows) != len(rows):
                    raise IdTaken
                counts.messages += len(rows)
                names = {row["id"] for row in rows}
                insert_new(connection, attachments, [row for row in portion.files if row["message_id"] in names])
                insert_new(connection, routed_answers, [row for row in portion.routed if row["message_id"] in names])
                self._report(connection, counts)
            self.counts = counts
            start += len(rows) or 1
            took = time.perf_counter() - began
            self._size = min(max(int(self._size * min(HELD_S / took, 2)), LEAST_ROWS), ROWS)
            self._sleep(min(took, LONGEST_REST_S))

    def _heads(self, connection: Connection, portion: _Portion, counts: Counts) -> None:
        """All but the messages."""
        if insert_new(connection, conversations, portion.conversations) != len(portion.conversations):
            raise IdTaken
        insert_new(connection, staged, portion.staged)
        tags.insert(connection, self._owner_id, portion.tags)
        self._hide(connection, portion.hidden)
        self._add_files(connection, portion.again)
        counts.known += portion.known
        counts.conversations += sum(row["kind"] not in (PART, "lane") for row in portion.conversations)

    def _add_files(self, connection: Connection, again: Sequence[tuple[str, ImportedMessage]]) -> None:
        """Files that an earlier import of the same messages left out, for lack of room for example."""
        c = messages.c
        for message_id, message in again:
            insert_new(connection, attachments, _files(message, message_id))
            parts = message.completion.encoded().get("parts") if message.completion else None
            row = connection.execute(select(c.completion).where(c.id == message_id)).first() if parts else None
            if row and not (row.completion or {}).get("parts"):
                completion = (row.completion or message.completion.encoded()) | {"parts": parts}  # type: ignore[union-attr]
                connection.execute(update(messages).where(c.id == message_id).values(completion=completion))

    def _hide(self, connection: Connection, ids: Sequence[str]) -> None:
        """Bring a deleted conversation back with the import, and protect it from the purge meanwhile."""
        if ids:
            change = update(conversations).where(conversations.c.id.in_(ids), self._owned)
            connection.execute(change.values(deleted_at=STAGED))

    def _portion(
        self,
        talks: Sequence[ImportedConversation],
        ids: Mapping[str, str],
        present: dict[str, Any],
        places: dict[str, str],
    ) -> _Portion:
        portion = _Portion()
        for talk in talks:
            talk_id = ids[talk.id]
            names = self._names(talk, talk_id, places)
            rows = list(_rows(talk, talk_id, names, places))
            if talk_id not in present:
                portion.conversations.append(self._conversation(talk, talk_id, names))
                portion.tags += tags.rows(self._owner_id, self._database.now(), [talk_id], tags.named(talk.tags))
                self._stage(portion, talk, talk_id, already_stored=False)
            else:
                portion.known += talk.kind != "lane"
                self._into(portion, talk, talk_id, present, rows)
            present.setdefault(talk_id, STAGED)
            new = {row["id"]: row["conversation_id"] for row in rows}
            places |= new
            portion.messages += rows
            portion.routed += judgements.routed_rows(self._owner_id, talk.messages, names)
            for message in talk.messages:
                if names[message.id] in new:
                    portion.files += _files(message, names[message.id])
                elif message.files and self._source() != "roundtable":
                    portion.again.append((names[message.id], message))
        return portion

    def _into(
        self,
        portion: _Portion,
        talk: ImportedConversation,
        talk_id: str,
        present: Mapping[str, Any],
        rows: list[dict[str, Any]],
    ) -> None:
        """Put new messages of a visible conversation into a hidden one until the end."""
        deleted_at = present[talk_id]
        if deleted_at is not None:
            if deleted_at != STAGED:
                portion.hidden.append(talk_id)
            self._stage(portion, talk, talk_id, already_stored=True)
        elif rows:
            part_id = self._part_id(talk_id)
            if part_id not in present:
                portion.conversations.append(self._conversation(talk, part_id, {}) | {"kind": PART})
                self._stage(portion, talk, part_id, already_stored=False, into_id=talk_id)
            for row in rows:
                row["conversation_id"] = part_id
        if deleted_at is None and talk.kind == "comparison":
            self._stage(portion, talk, talk_id, already_stored=True)

    def _stage(
        self,
        portion: _Portion,
        talk: ImportedConversation,
        talk_id: str,
        *,
        already_stored: bool,
        into_id: str | None = None,
    ) -> None:
        held = None
        if talk.kind == "comparison" or (talk.kind == "lane" and talk.verdict):
            held = talk.model_dump(mode="json", include=OF_A_VERDICT if talk.kind == "lane" else OF_A_COMPARISON)
        row = {"owner_id": self._owner_id, "conversation_id": talk_id, "into_id": into_id, "known": already_stored}
        portion.staged.append(row | {"comparison": held if into_id is None else None})

    def _ids(self, connection: Connection, source_ids: Sequence[str]) -> dict[str, str]:
        """Our own ids stay, so that an export meets its conversations again, unless they are another owner's."""
        if self._source() != "roundtable":
            return {each: derived(self._owner_id, self._source(), each) for each in source_ids}
        return own_ids(connection, self._owner_id, source_ids)

    def _present(self, connection: Connection, ids: Mapping[str, str]) -> dict[str, Any]:
        """Which of the conversations, and of their hidden parts, exist: when each was deleted."""
        names = [*ids.values(), *map(self._part_id, ids.values())]
        query = select(conversations.c.id, conversations.c.deleted_at).where(conversations.c.id.in_(names), self._owned)
        return {row.id: row.deleted_at for row in connection.execute(query)}

    def _part_id(self, talk_id: str) -> str:
        return derived(self._owner_id, "import", talk_id, "part")

    def _places(
        self, connection: Connection, talks: Sequence[ImportedConversation], ids: Mapping[str, str]
    ) -> dict[str, str]:
        """Which of the messages' possible ids exist, with their conversations."""
        names = [message.id for talk in talks for message in talk.messages if len(message.id) <= 36]
        names += [derived(ids[talk.id], "import", message.id) for talk in talks for message in talk.messages]
        present: dict[str, str] = {}
        for start in range(0, len(names), 1000):
            within = messages.c.id.in_(names[start : start + 1000])
            query = select(messages.c.id, messages.c.conversation_id).where(within)
            present |= {row.id: row.conversation_id for row in connection.execute(query)}
        return present

    def _names(self, talk: ImportedConversation, talk_id: str, places: Mapping[str, str]) -> dict[str, str]:
        """The id of each message: its own where that is free or this conversation's."""
        if self._source() != "roundtable" or talk_id != talk.id:
            return {message.id: derived(talk_id, "import", message.id) for message in talk.messages}
        owned = {talk_id, self._part_id(talk_id)}
        return {
            message.id: message.id
            if len(message.id) <= 36 and places.get(message.id, talk_id) in owned
            else derived(talk_id, "import", message.id)
            for message in talk.messages
        }

    def _conversation(self, talk: ImportedConversation, talk_id: str, names: Mapping[str, str]) -> dict[str, Any]:
        first = next((message.text for message in talk.messages if message.role == "user"), "")
        return {
            "id": talk_id,
            "owner_id": self._owner_id,
            "kind": talk.kind,
            "title": talk.title or title_of(first),
            "title_by_person": talk.title_by_person and bool(talk.title),
            "pinned": talk.pinned,
            "system": talk.system,
            "settings": dict(talk.settings),
            "model_id": talk.model_id,
            "leaf_id": names.get(talk.leaf_id) if talk.leaf_id else None,
            "version": 1,
            "created_at": talk.created_at,
            "updated_at": talk.updated_at,
            "deleted_at": STAGED,
        }


PART = "part"  # the kind of a conversation that holds another one's new messages until the import is shown


def own_ids(connection: Connection, owner_id: str, source_ids: Sequence[str]) -> dict[str, str]:
    """Our ids for conversations of our own format, for this owner."""
    short = [each for each in source_ids if len(each) <= 36]
    query = select(conversations.c.id).where(conversations.c.id.in_(short), conversations.c.owner_id != owner_id)
    foreign = set(connection.execute(query).scalars()) | {each for each in source_ids if len(each) > 36}
    return {each: derived(owner_id, "import", each) if each in foreign else each for each in source_ids}


def _rows(
    talk: ImportedConversation, talk_id: str, names: Mapping[str, str], places: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The messages that do not exist yet."""
    depth: dict[str | None, int] = {None: 0}
    for message in talk.messages:
        depth[message.id] = depth[message.parent_id] + 1
        if names[message.id] not in places:
            parent = names[message.parent_id] if message.parent_id else None
            row = _row(message, talk_id, names[message.id], parent, depth[message.id])
            yield row if parent else {**row, "words": title_words(talk.title, message.text)}


def _row(message: ImportedMessage, talk_id: str, message_id: str, parent_id: str | None, depth: int) -> dict[str, Any]:
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
        "completion": message.completion.encoded() if message.completion else None,
        "created_at": message.created_at,
    }


def _files(message: ImportedMessage, message_id: str) -> list[dict[str, Any]]:
    return [
        attachment_rows.row(message_id, position, File(**file.model_dump()))
        for position, file in enumerate(message.files)
    ]
