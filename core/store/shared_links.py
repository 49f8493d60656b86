"""Read-only links: who has the token may read one conversation of somebody else, within what its owner chose.

    create(database, owner_id, ...)      a link and its token, which is nowhere but in the link
    target(database, token)              what the token stands for
    target_of(database, link_id)         the same for whoever has read what the link shows

Everywhere else the owner's id says whose rows are meant; here it is the token, so `target` is the only statement of
the store that begins with one. It reads one row, by the hash of the token, and gives the owner's id, with which
everything that the link shows is then read as if its owner asked. Nothing can be changed with a token.

The database holds SHA-256 of the token alone, which is enough for 192 random bits. A link that has ended stays for
a month, so that who opens it again is not taken for somebody who guesses.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from ..views.sharing import LinkTarget, SharedLink
from . import NotFound, Unavailable
from .columns import ID, NAME, Instant, Json, metadata
from .conversations import find
from .database import Database
from .people.tables import people
from .rows import clean
from .tables import attachments, conversations, lanes, messages

BYTES = 24
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
REMEMBERED = timedelta(days=30)

shared_links = Table(
    "shared_links",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("title", Text, nullable=False),  # as it was: a later one may not be for others
    Column("with_files", Boolean, nullable=False),
    Column("snapshot", Json),  # what there was when it was made; NULL: later turns are shown too
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("opened", Integer, nullable=False),
    Column("opened_at", Instant),
    UniqueConstraint("token_hash", name="shared_links_token"),
    Index("shared_links_owner", "owner_id", "created_at"),
    Index("shared_links_conversation", "conversation_id"),
)
c = shared_links.c
OF_LINK = and_(conversations.c.id == c.conversation_id, conversations.c.owner_id == c.owner_id)


def create(
    database: Database,
    owner_id: str,
    conversation_id: str,
    *,
    expires_at: datetime | None,
    with_files: bool = False,
    snapshot: Mapping[str, Any] | None = None,
) -> tuple[SharedLink, str]:
    """A new link and its token. NotFound for another owner's conversation, and for a lane."""
    token = token_urlsafe(BYTES)
    with database.write() as connection:
        conversation = find(connection, owner_id, conversation_id)
        if conversation.kind not in ("chat", "comparison"):
            raise NotFound("A part of a comparison is not shared alone.")
        row = {
            "id": str(uuid4()),
            "owner_id": owner_id,
            "token_hash": _hash(token),
            "conversation_id": conversation_id,
            "title": conversation.title,
            "with_files": with_files,
            "snapshot": None if snapshot is None else clean(dict(snapshot)),
            "created_at": database.now(),
            "expires_at": expires_at,
            "opened": 0,
        }
        connection.execute(shared_links.insert(), row)
    link = SharedLink(
        row["id"], conversation_id, conversation.kind, row["title"], row["created_at"], expires_at, with_files,
        snapshot is None,
    )  # fmt: skip
    return link, token


def of_owner(database: Database, owner_id: str, conversation_id: str | None = None) -> list[SharedLink]:
    """The links that work, of one conversation or of all, the newest first."""
    query = (
        select(shared_links, conversations.c.kind)
        .join(conversations, OF_LINK)
        .where(c.owner_id == owner_id, _works(database.now()), conversations.c.deleted_at.is_(None))
        .order_by(c.created_at.desc(), c.id)
    )
    if conversation_id:
        query = query.where(c.conversation_id == conversation_id)
    with database.read() as connection:
        return [_link(row) for row in connection.execute(query)]


def revoke(database: Database, owner_id: str, link_id: str | None = None) -> int:
    """End a link, or all of the owner's, for all replicas at once; returns how many ended."""
    these = (c.owner_id == owner_id, c.revoked_at.is_(None))
    change = update(shared_links).where(*these, *((c.id == link_id,) if link_id else ()))
    with database.write() as connection:
        return connection.execute(change.values(revoked_at=database.now())).rowcount


def target(database: Database, token: str) -> LinkTarget | None:
    """What this token stands for; None for one that no link has."""
    if not TOKEN.fullmatch(token):
        return None
    with database.read() as connection:
        row = connection.execute(_targets().where(c.token_hash == _hash(token))).first()
    if row is None or not hmac.compare_digest(row.token_hash, _hash(token)):
        return None
    return _target(database, row)


def target_of(database: Database, link_id: str) -> LinkTarget | None:
    """The same by the link's id, which tells nobody its token; None where there is none."""
    with database.read() as connection:
        row = connection.execute(_targets().where(c.id == link_id)).first()
    return _target(database, row) if row else None


def _targets() -> Select[Any]:
    return (
        select(shared_links, conversations.c.kind, conversations.c.deleted_at, people.c.role)
        .join(conversations, OF_LINK)
        .outerjoin(people, people.c.owner_id == c.owner_id)
    )


def _target(database: Database, row: Row[Any]) -> LinkTarget:
    expired = row.expires_at is not None and row.expires_at <= database.now()
    ended = expired or row.revoked_at is not None or row.deleted_at is not None or row.role == "blocked"
    return LinkTarget(
        row.id, row.owner_id, row.conversation_id, row.kind, row.title, row.with_files, row.snapshot, row.created_at,
        row.expires_at, ended,
    )  # fmt: skip


def file_names(database: Database, owner_id: str, conversation_id: str) -> list[str]:
    """The names of all files in a chat, or in the columns of a comparison."""
    columns = select(lanes.c.conversation_id).where(lanes.c.run_id == conversation_id)
    query = (
        select(attachments.c.name)
        .distinct()
        .join(messages, messages.c.id == attachments.c.message_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.owner_id == owner_id)
        .where(or_(conversations.c.id == conversation_id, conversations.c.id.in_(columns)))
    )
    with database.read() as connection:
        return list(connection.execute(query).scalars())


def count_opening(database: Database, owner_id: str, link_id: str) -> None:
    """Somebody opened it."""
    change = update(shared_links).where(c.owner_id == owner_id, c.id == link_id)
    with database.write(durable=False) as connection:
        connection.execute(change.values(opened=c.opened + 1, opened_at=database.now()))


def drop_ended(database: Database) -> None:
    """For a timer: delete what ended a month ago, of all owners; nothing while the database is unreachable."""
    long_ago = func.coalesce(c.revoked_at, c.expires_at) < database.now() - REMEMBERED
    try:
        with database.read() as connection:  # nearly always there is nothing, seen without a writer's turn
            if connection.execute(select(c.id).where(long_ago).limit(1)).first() is None:
                return
        with database.write(durable=False) as connection:
            connection.execute(delete(shared_links).where(long_ago))
    except Unavailable:
        return


def _works(now: datetime) -> ColumnElement[bool]:
    return and_(c.revoked_at.is_(None), or_(c.expires_at.is_(None), c.expires_at > now))


def _link(row: Row[Any]) -> SharedLink:
    return SharedLink(
        row.id, row.conversation_id, row.kind, row.title, row.created_at, row.expires_at, row.with_files,
        row.snapshot is None, row.opened, row.opened_at,
    )  # fmt: skip


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
