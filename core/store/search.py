"""Full text over messages, the same in both databases: words are made here, the databases only look them up.

Scripts without spaces between words become pairs of neighbouring characters ("机器学习" -> 机器 器学 学习), and their
single characters are added, so that words of one, two or more characters are found. Other words are folded: case,
accents and width do not matter. SQLite keeps the words in FTS5, PostgreSQL in a tsvector.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from core.store.database import Database
from core.store.tables import clean, conversations, lanes, messages
from core.store.verdicts.tables import verdicts

MOST_BYTES = 500_000  # of words a message; a tsvector holds twice that at most
LONGEST = 64
DENSE = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff" \
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"  # fmt: skip
MARKS = re.compile("[\u0300-\u036f]")
WORDS = re.compile(f"([{DENSE}]+)|((?:(?![{DENSE}_])[\\w\u0591-\u05c7\u0610-\u061a\u064b-\u0670\u0900-\u0dff])+)")
ASCII = re.compile("[a-z0-9]+")
SNIPPET = 160
PIECE = 2000
LONGEST_QUERY = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found. `snippet` is (before, match, after), raw text in one line."""

    message_id: str
    conversation_id: str
    run_id: str | None
    title: str
    role: str
    snippet: tuple[str, str, str]
    created_at: datetime


def fold(text: str) -> str:
    """The text as it is compared: without case, accents and width."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())))


def index_words(text: str) -> str:
    """The words of a message, with a space between them, ready for the index."""
    folded = fold(text)
    if folded.isascii():
        joined = " ".join(dict.fromkeys(word[:LONGEST] for word in ASCII.findall(folded)))
    else:
        joined = " ".join(_all_words(folded))
    if len(joined) * 4 <= MOST_BYTES:
        return joined
    return joined.encode()[:MOST_BYTES].decode("utf-8", "ignore").rpartition(" ")[0]


def _all_words(folded: str) -> list[str]:
    """Every plain word once, all pairs in their order (phrases need it), every single character once."""
    plain_words: dict[str, None] = {}
    pairs: list[str] = []
    singles: dict[str, None] = {}
    for dense, plain in WORDS.findall(folded):
        if plain:
            plain_words[plain[:LONGEST]] = None
        else:
            pairs.extend(dense[at : at + 2] for at in range(len(dense) - 1))
            singles.update(dict.fromkeys(dense))
    return [*plain_words, *pairs, *singles]


def find(database: Database, owner_id: str, query: str, *, limit: int = 50) -> list[Hit]:
    """Messages with every word of the query: a person's own before the models', then the newest first."""
    query = clean(query.strip()[:LONGEST_QUERY])
    if not query:
        return []
    terms = [(dense or plain[:LONGEST], bool(dense)) for dense, plain in WORDS.findall(fold(query))][:32]
    with database.read() as connection:
        rows = connection.execute(_page(*_matching(connection.dialect.name, terms, query), owner_id, limit)).all()
    needles = [word for word, _ in terms] or [query]
    return [
        Hit(r.id, r.conversation_id, r.run_id, r.title, r.role, snippet(r.text, needles), r.created_at) for r in rows
    ]


def _page(source: FromClause, matches: ColumnElement[bool], owner_id: str, limit: int) -> Select[Any]:
    """The best hits with their texts. The index is asked once and first: a planner that knows a table badly would ask
    it for every conversation. Texts are read only for what is shown.
    """
    named = (messages.c.seq, messages.c.role, messages.c.conversation_id)
    found = select(*named).select_from(source).where(matches).cte("found")
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    rank = case((found.c.role == "user", 0), else_=1)
    best = (
        select(found.c.seq, rank.label("rank"), conversations.c.title)
        .join_from(found, conversations, conversations.c.id == found.c.conversation_id)
        .join(verdicts, verdicts.c.conversation_id == found.c.conversation_id, isouter=True)
        .where(conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None))
        .where(or_(verdicts.c.run_id.is_(None), found.c.role != "user"))  # it repeats what the lanes answered
        .order_by(rank, found.c.seq.desc())
        .limit(limit)
        .subquery("best")
    )
    return (
        select(messages, best.c.title, func.coalesce(lanes.c.run_id, verdicts.c.run_id).label("run_id"))
        .join_from(best, messages, messages.c.seq == best.c.seq)
        .join(lanes, lanes.c.conversation_id == messages.c.conversation_id, isouter=True)
        .join(verdicts, verdicts.c.conversation_id == messages.c.conversation_id, isouter=True)
        .order_by(best.c.rank, best.c.seq.desc())
    )


def _matching(dialect: str, terms: list[tuple[str, bool]], literal: str) -> tuple[FromClause, ColumnElement[bool]]:
    if not terms:  # only signs, which no index holds: "€", "🎉", "=>"
        return messages, messages.c.text.contains(literal, autoescape=True)
    last = len(terms) - 1
    if dialect == "sqlite":
        words = table("message_words", column("rowid"))
        parts = [_fts5(word, dense, at == last) for at, (word, dense) in enumerate(terms)]
        matches = literal_column("message_words").op("MATCH")(" AND ".join(parts))
        return words.join(messages, messages.c.seq == words.c.rowid), matches
    parts = [_tsquery(word, dense, at == last) for at, (word, dense) in enumerate(terms)]
    matches = literal_column("messages.terms").op("@@")(cast(" & ".join(parts), TSQUERY))
    phrases = [" ".join(_pairs(word)) for word, dense in terms if dense and len(word) > 2]
    return messages, and_(matches, *(messages.c.words.contains(phrase) for phrase in phrases))


def _pairs(word: str) -> list[str]:
    return [word] if len(word) == 1 else [word[at : at + 2] for at in range(len(word) - 1)]


def _fts5(word: str, dense: bool, last: bool) -> str:
    """Words hold letters, digits and marks only, so nothing in quotes can end them."""
    if dense:
        return f'"{" ".join(_pairs(word))}"'
    return f'"{word}"*' if last and len(word) > 1 else f'"{word}"'


def _tsquery(word: str, dense: bool, last: bool) -> str:
    if dense:
        return " & ".join(f"'{pair}'" for pair in _pairs(word))
    return f"'{word}':*" if last and len(word) > 1 else f"'{word}'"


def snippet(text: str, needles: list[str]) -> tuple[str, str, str]:
    """What stands around the first word found, cut at about 160 characters, in one line."""
    start, end = _first(text, needles)
    left = max(0, start - SNIPPET // 2)
    right = min(len(text), left + SNIPPET)
    before = ("…" if left else "") + text[left:start]
    after = text[end:right] + ("…" if right < len(text) else "")
    return _line(before), _line(text[start:end]), _line(after)


def _first(text: str, needles: list[str]) -> tuple[int, int]:
    """Where the first of the words stands. Long texts are folded piece by piece, up to the piece that has one."""
    for start in range(0, len(text), PIECE):
        piece = text[start : start + PIECE + LONGEST]
        folded = fold(piece)
        places = [(at, at + len(word)) for word in needles if (at := folded.find(word)) >= 0]
        if places:
            at, end = min(places)
            if len(folded) != len(piece):
                at, end = _unfold(piece, at), _unfold(piece, end)
            return start + at, start + end
    return 0, 0


def _unfold(text: str, wanted: int) -> int:
    """Where in the text its folded form reaches that length: folding may grow or shrink it."""
    length = 0
    for place, character in enumerate(text):
        if length >= wanted:
            return place
        length += len(fold(character)) if not character.isascii() else 1
    return len(text)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
