"""Full-text search over messages, the same in both databases: `words` makes the tokens, the databases only look them
up.

Each token has a prefix for its owner and its role in the index, so that a query reads no other owner's. SQLite keeps
the tokens in FTS5, PostgreSQL in a tsvector with a GIN index; `search_places` lists the indexed messages, newest first.
Triggers fill both from `messages.words`, whatever writes a message.

    find: of the newest thousand, those that have the words  ->  of the older ones, what the index names, newest first

A common word fills a page from the newest messages and reads no index; a rare one has few places in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
    update,
)

from ..views.history import SearchHit
from . import tags
from .database import Database
from .rows import clean
from .search_tables import search_places
from .tables import conversations, lanes, messages
from .verdict_tables import verdicts
from .words import MOST_PAIRS, Term, Wanted, fold, index_words, parse, snippet

__all__ = ["SearchHit", "find", "fold", "index_words", "retitle", "snippet", "title_words"]

NEWEST = 1000  # messages that are scanned before the index is used
AT_ONCE, MOST_AT_ONCE = 64, 512
MOST_READ = 4000  # messages read because the index names them, whether they contain the signs or not
BEYOND = 2**62
SQLITE_INDEX = text(
    "SELECT rowid FROM message_words WHERE message_words MATCH :query AND rowid < :below "
    "ORDER BY rowid DESC LIMIT :most"
)
POSTGRESQL_INDEX = text(
    "WITH found AS MATERIALIZED (SELECT seq FROM search_places WHERE terms @@ CAST(:query AS tsquery)) "
    "SELECT seq FROM found WHERE seq < :below ORDER BY seq DESC LIMIT :most"
)
RUNS = conversations.alias("runs_of_lanes")


def find(
    database: Database, owner_id: str, query: str, *, limit: int = 50, tagged: Sequence[str] = ()
) -> list[SearchHit]:
    """Messages with every word of the query: the person's own before the models', newest first. `tagged`: only in
    entries that have all these tags."""
    cleaned = clean(query.strip())
    if not cleaned:
        return []
    wanted = parse(cleaned)
    hits: list[SearchHit] = []
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # it knows little of how often a token occurs
        for role in ("q", "a"):
            code = role + owner_id[:4].encode().hex()
            matching = (
                _in_tagged(connection, role == "q", owner_id, wanted, cleaned, tagged)
                if tagged
                else _matching(connection, code, owner_id, wanted, cleaned)
            )
            for row in matching:
                hits.append(_hit(row, wanted.needles or (cleaned,)))
                if len(hits) == limit:
                    return hits
    return hits


def retitle(connection: Connection, conversation_id: str, title: str) -> None:
    """Make a conversation, or the lanes of a comparison, findable by this title: its words join the first message's."""
    of_run = select(lanes.c.conversation_id).where(lanes.c.run_id == conversation_id)
    in_scope = or_(messages.c.conversation_id == conversation_id, messages.c.conversation_id.in_(of_run))
    first = select(messages.c.seq, messages.c.text).where(
        in_scope, messages.c.parent_id.is_(None), messages.c.words != ""
    )
    for row in connection.execute(first).all():
        words = title_words(title, row.text)
        connection.execute(update(messages).where(messages.c.seq == row.seq).values(words=words))


def title_words(title: str, message_text: str) -> str:
    """The words of a conversation's first message, which can be found by the title too."""
    return index_words(f"{title}\n{message_text}")


def _matching(connection: Connection, code: str, owner_id: str, wanted: Wanted, query: str) -> Iterator[Row[Any]]:
    """Matching messages of one code, newest first, read as they are consumed."""
    sqlite = connection.dialect.name == "sqlite"
    oldest = connection.execute(OLDEST, {"code": code}).scalar()
    newest = _newest(sqlite, code, wanted, query, oldest or 0)
    for seqs in _portions(connection, newest, {}, BEYOND):
        yield from _fitting(connection, owner_id, wanted, seqs)
    if oldest is None or not wanted.terms:
        return
    named, encode = (SQLITE_INDEX, _fts5) if sqlite else (POSTGRESQL_INDEX, _tsquery)
    read = 0
    for seqs in _portions(connection, named, {"query": encode(code, wanted.terms)}, oldest):
        yield from _fitting(connection, owner_id, wanted, seqs)
        read += len(seqs)
        if wanted.literals and read > MOST_READ:
            return


def _in_tagged(
    connection: Connection, own: bool, owner_id: str, wanted: Wanted, query: str, tagged: Sequence[str]
) -> Iterator[Row[Any]]:
    """Matching messages of the tagged entries, `own` or the models', newest first: these are few, so all are read."""
    entries = tags.entries(owner_id, tagged)
    of_runs = select(lanes.c.conversation_id).where(lanes.c.run_id.in_(entries))
    statement = (
        select(messages.c.seq)
        .where(or_(messages.c.conversation_id.in_(entries), messages.c.conversation_id.in_(of_runs)))
        .where((messages.c.role == "user") if own else (messages.c.role != "user"))
        .where(*_has(connection.dialect.name == "sqlite", wanted, query))
        .where(messages.c.seq < bindparam("below", type_=BigInteger))
        .order_by(messages.c.seq.desc())
        .limit(bindparam("most", type_=BigInteger))
    )
    for seqs in _portions(connection, statement, {}, BEYOND):
        yield from _fitting(connection, owner_id, wanted, seqs)


def _portions(
    connection: Connection, statement: Executable, values: dict[str, Any], below: int
) -> Iterator[Sequence[int]]:
    """Places of messages, newest first, in growing batches."""
    most = AT_ONCE
    while True:
        seqs = connection.execute(statement, {**values, "below": below, "most": most}).scalars().all()
        yield seqs
        if len(seqs) < most:
            return
        below, most = seqs[-1], min(2 * most, MOST_AT_ONCE)


def _newest(sqlite: bool, code: str, wanted: Wanted, query: str, oldest: int) -> Select[Any]:
    """The newest messages of an author code whose words contain the terms; without terms, whose text contains the
    query."""
    return (
        select(search_places.c.seq)
        .join_from(search_places, messages, messages.c.seq == search_places.c.seq)
        .where(search_places.c.code == code, search_places.c.seq >= oldest)
        .where(search_places.c.seq < bindparam("below", type_=BigInteger))
        .where(*_has(sqlite, wanted, query))
        .order_by(search_places.c.seq.desc())
        .limit(bindparam("most", type_=BigInteger))
    )


def _has(sqlite: bool, wanted: Wanted, query: str) -> list[ColumnElement[bool]]:
    position = func.instr if sqlite else func.strpos
    words = literal(" ").concat(messages.c.words).concat(" ")
    has = [position(words, f" {' '.join(term.tokens)}{'' if term.begins else ' '}") > 0 for term in wanted.terms]
    return has or [position(messages.c.text, query) > 0]


def _fitting(connection: Connection, owner_id: str, wanted: Wanted, seqs: Sequence[int]) -> Iterator[Row[Any]]:
    """Those of these messages that are the owner's, not deleted, and contain the phrases and signs."""
    phrases = [f" {' '.join(term.tokens)} " for term in wanted.terms if len(term.tokens) > 1]
    for row in connection.execute(ROWS, {"seqs": list(seqs), "of": owner_id}) if seqs else ():
        words = f" {row.words} " if phrases else ""
        if all(phrase in words for phrase in phrases) and wanted.stands_in(f"{row.title}\n{row.text}"):
            yield row


OLDEST = (
    select(search_places.c.seq)
    .where(search_places.c.code == bindparam("code"))
    .order_by(search_places.c.seq.desc())
    .limit(1)
    .offset(NEWEST - 1)
)
ROWS = (
    select(
        messages,
        func.coalesce(RUNS.c.title, conversations.c.title).label("title"),
        func.coalesce(lanes.c.run_id, verdicts.c.run_id).label("run_id"),
    )
    .join_from(messages, conversations, conversations.c.id == messages.c.conversation_id)
    .join(lanes, lanes.c.conversation_id == messages.c.conversation_id, isouter=True)
    .join(verdicts, verdicts.c.conversation_id == messages.c.conversation_id, isouter=True)
    .join(RUNS, and_(RUNS.c.id == lanes.c.run_id, RUNS.c.owner_id == bindparam("of")), isouter=True)
    .where(messages.c.seq.in_(bindparam("seqs", expanding=True)))
    .where(conversations.c.owner_id == bindparam("of"), conversations.c.deleted_at.is_(None))
    .where(or_(verdicts.c.run_id.is_(None), messages.c.role != "user"))  # it repeats what the lanes answered
    .order_by(messages.c.seq.desc())
)


def _tokens(code: str, terms: Sequence[Term]) -> Iterator[tuple[str, bool]]:
    """The index tokens of these terms, each once. For a long phrase some pairs are enough."""
    tokens: dict[tuple[str, bool], None] = {}
    for term in terms:
        tokens.update(dict.fromkeys((f"{code}:{token}", term.begins) for token in term.tokens[:MOST_PAIRS]))
    yield from tokens


def _fts5(code: str, terms: Sequence[Term]) -> str:
    parts = ['"' + token.replace('"', '""') + '"' + "*" * begins for token, begins in _tokens(code, terms)]
    return " AND ".join(parts)


def _tsquery(code: str, terms: Sequence[Term]) -> str:
    parts = []
    for token, begins in _tokens(code, terms):
        quoted = token.replace("\\", "\\\\").replace("'", "''")
        parts.append(f"'{quoted}'" + ":*" * begins)
    return " & ".join(parts)


def _hit(row: Row[Any], needles: Sequence[str]) -> SearchHit:
    shown = snippet(row.text, needles)
    return SearchHit(row.id, row.conversation_id, row.run_id, row.title, row.role, shown, row.created_at)
