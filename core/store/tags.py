"""Tags: a person's own words for chats and comparisons, many to an entry. Two that differ in case, accents or width
alone are one, spelt as it was first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    delete,
    func,
    select,
)

from ..views.history import Tag
from . import NotFound
from .columns import ID, NAME, Instant, metadata
from .database import Database
from .rows import clean, insert_new
from .tables import LISTED, conversations
from .words import fold

LONGEST = 40
MOST = 50  # of one import's entry, and of one change
_IN_QUERY = re.compile(
    r"(?<!\S)(?:tag|标签|標籤)[:：](?:\"(?P<quoted>[^\"]*)\"|[“「](?P<curly>[^”」]*)[”」]|(?P<word>\S+))", re.IGNORECASE
)

tags = Table(
    "tags",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("folded", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("conversation_id", "folded"),
    Index("tags_owner", "owner_id", "folded", "conversation_id"),
)
c = tags.c


def named(words: Iterable[str]) -> dict[str, str]:
    """The tags that these words make, by what they are compared by: one line of at most 40 characters each."""
    by_folded: dict[str, str] = {}
    for word in words:
        name = " ".join(str(clean(word)).replace('"', " ").split()).lstrip("#").strip()[:LONGEST].strip()
        if fold(name):
            by_folded.setdefault(fold(name), name)
    return dict(list(by_folded.items())[:MOST])


def read_query(query: str) -> tuple[str, list[str]]:
    """What was typed into a search box: the words to look for, and the tags named by `tag:work` or `tag:"to do"`."""
    names = [match[match.lastgroup or 0] for match in _IN_QUERY.finditer(query)]
    return " ".join(_IN_QUERY.sub(" ", query).split()), list(named(names).values())


def entries(owner_id: str, names: Iterable[str]) -> Select[Any]:
    """The ids of the owner's entries that have all these tags, as a subquery."""
    wanted = list(named(names))
    return (
        select(c.conversation_id)
        .where(c.owner_id == owner_id, c.folded.in_(wanted))
        .group_by(c.conversation_id)
        .having(func.count() == len(wanted))
    )


def all_of(database: Database, owner_id: str) -> list[Tag]:
    """The owner's tags and how many entries have each, by name."""
    query = (
        select(func.min(c.name).label("name"), func.count().label("entries"))
        .join(conversations, (conversations.c.id == c.conversation_id) & (conversations.c.owner_id == c.owner_id))
        .where(c.owner_id == owner_id, LISTED)
        .group_by(c.folded)
        .order_by(c.folded)
    )
    with database.read() as connection:
        return [Tag(row.name, row.entries) for row in connection.execute(query)]


def of(database: Database, owner_id: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The tags of each of these entries that has any."""
    with database.read() as connection:
        return held(connection, owner_id, ids)


def held(connection: Connection, owner_id: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`of`, inside a transaction."""
    query = (
        select(c.conversation_id, c.name)
        .where(c.owner_id == owner_id, c.conversation_id.in_(ids))
        .order_by(c.conversation_id, c.folded)
    )
    by_entry: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query):
        by_entry[row.conversation_id].append(row.name)
    return {entry_id: tuple(names) for entry_id, names in by_entry.items()}


def replace(database: Database, owner_id: str, conversation_id: str, words: Iterable[str]) -> None:
    """Give an entry these tags and no others. NotFound for another owner's entry, Unavailable."""
    wanted = named(words)
    with database.write() as connection:
        _check(connection, owner_id, [conversation_id])
        others = (c.owner_id == owner_id, c.conversation_id == conversation_id, c.folded.not_in(list(wanted)))
        connection.execute(delete(tags).where(*others))
        insert(connection, owner_id, rows(owner_id, database.now(), [conversation_id], wanted))


def add(database: Database, owner_id: str, ids: Sequence[str], words: Iterable[str]) -> None:
    """Give all these entries these tags, beside those that they have. NotFound if one is another owner's."""
    with database.write() as connection:
        _check(connection, owner_id, ids)
        insert(connection, owner_id, rows(owner_id, database.now(), ids, named(words)))


def take(database: Database, owner_id: str, ids: Sequence[str], words: Iterable[str]) -> None:
    """Take these tags from all these entries. NotFound if one is another owner's."""
    these = (c.owner_id == owner_id, c.conversation_id.in_(ids), c.folded.in_(list(named(words))))
    with database.write() as connection:
        _check(connection, owner_id, ids)
        connection.execute(delete(tags).where(*these))


def insert(connection: Connection, owner_id: str, rows: list[dict[str, object]]) -> None:
    """Add rows that are not there, inside a transaction, in the spelling that the owner's other entries have."""
    wanted = {str(row["folded"]) for row in rows}
    query = select(c.folded, c.name).where(c.owner_id == owner_id, c.folded.in_(wanted)).distinct()
    spelt = {row.folded: row.name for row in connection.execute(query)} if wanted else {}
    insert_new(connection, tags, [{**row, "name": spelt.get(row["folded"], row["name"])} for row in rows])


def rows(owner_id: str, now: datetime, ids: Sequence[str], wanted: Mapping[str, str]) -> list[dict[str, object]]:
    """The rows that these entries get, for `insert`."""
    return [
        {"owner_id": owner_id, "conversation_id": each, "folded": folded, "name": name, "created_at": now}
        for each in dict.fromkeys(ids)
        for folded, name in wanted.items()
    ]


def _check(connection: Connection, owner_id: str, ids: Sequence[str]) -> None:
    query = select(func.count()).where(conversations.c.id.in_(ids), conversations.c.owner_id == owner_id, LISTED)
    if connection.execute(query).scalar_one() != len(set(ids)):
        raise NotFound("There is no such conversation.")
