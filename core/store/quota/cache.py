"""The answer cache: the same owner, model, messages and settings give the same answer, free of charge.

    get(database, owner, request)               a CacheHit with the whole answer, marked cached, and its age
    put(database, owner, request, completion)   stored if it is whole; False when it may not be
    drop_old(database)                          for a timer: what is too old, and what is too much

A question that an administrator marked (`faqs`) has answers for everybody, found by nearly the same words, once they
are approved (`shared`). Failed and cut answers are not stored, nor those with creative settings unless requested.
Values are JSON. The least recently used go first when an owner's share is full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from ...records import ChatRequest, Completion
from ...reusable import SETTINGS, allows, beyond_text, is_whole
from .. import Unavailable
from .. import completion as codec
from ..columns import PICO, from_us
from ..database import Database
from ..rows import clean, dumps, insert_new
from . import cache_savings
from . import shared as sharing
from .faqs import APPROVED, PROPOSED, digest, is_marked, near
from .ledger import Now
from .meters import now_us
from .tables import cache_sizes, cached_answers

SECOND = 1_000_000
OLDEST_S = 7 * 86_400.0
LARGEST_BYTES = 200_000
SHARE_BYTES = 20_000_000
ALL_BYTES = 1_000_000_000
DROPPED_AT_ONCE = 100
c = cached_answers.c


@dataclass(frozen=True, slots=True)
class CacheHit:
    """A cached answer. `completion` is marked cached and cost nothing; `shared`: it was approved for everybody."""

    completion: Completion
    made_at: datetime
    age_s: float
    shared: bool = False


@dataclass(frozen=True, slots=True)
class CacheSize:
    """How many answers of an owner are cached now, and their size."""

    answers: int
    size_bytes: int


def key_of(owner_id: str, request: ChatRequest) -> str:
    """The key of an answer: a hash of everything that may change it, the owner first."""
    return _hash(owner_id, request, [message.text for message in request.messages])


def get(
    database: Database,
    owner_id: str,
    request: ChatRequest,
    *,
    own: bool = True,
    shared: bool = True,
    count_hit: bool = True,
    oldest_s: float = OLDEST_S,
    creative: bool = False,
    now: Now = now_us,
) -> CacheHit | None:
    """The answer cached for exactly this question (`own`), or for nearly the same one of the list (`shared`), or None.

    `count_hit` False: only checks whether there is one, which saves nothing yet.
    """
    keys = [
        *([key_of(owner_id, request)] if own else []),
        *(map(sharing.key_of, _shared_key(request)) if shared else []),
    ]
    if not (keys and request.model_id and allows(request, creative=creative)):
        return None
    try:
        with database.read() as connection:
            at_us = now(connection)
            hit = _find(connection, owner_id, keys, at_us - int(oldest_s * SECOND))
        if hit is None:
            return None
        stored = codec.decode(hit.value["completion"], hit.value["text"])
        if count_hit:
            with database.write(durable=False) as connection:
                connection.execute(HIT, {"name": hit.key, "of": owner_id, "at_us": at_us})
                question = digest(hit.question) if hit.owner_id == APPROVED else None
                cache_savings.note(connection, owner_id, stored, at_us, question)
    except Unavailable:
        return None
    answer = replace(stored, cached=True, attempts=(), cost_usd=Decimal(0))
    return CacheHit(answer, from_us(hit.made_us), max(at_us - hit.made_us, 0) / SECOND, hit.owner_id == APPROVED)


def put(
    database: Database,
    owner_id: str,
    request: ChatRequest,
    completion: Completion,
    *,
    own: bool = True,
    shared: bool = True,
    creative: bool = False,
    largest_bytes: int = LARGEST_BYTES,
    share_bytes: int = SHARE_BYTES,
    now: Now = now_us,
) -> bool:
    """Store a whole answer; False for one that may not be stored. `request` is the original one, with its model.

    `own`: for this owner; `shared`: if its question is on the list, propose it to the administrator.
    """
    if not (allows(request, creative=creative) and is_whole(completion) and request.model_id):
        return False
    value = clean({"text": completion.text, "completion": codec.encode(completion)})
    size_bytes = len(dumps(value).encode())
    if size_bytes > largest_bytes:
        return False
    row = _row(request, completion, value, size_bytes)
    try:
        with database.write(durable=False) as connection:
            at_us = now(connection)
            row |= {"made_us": at_us, "used_us": at_us}
            stored = own
            if own:
                key = key_of(owner_id, request)
                connection.execute(delete(cached_answers).where(c.key == key, c.owner_id == owner_id))
                insert_new(connection, cached_answers, [{**row, "key": key, "owner_id": owner_id}])
                _make_room(connection, owner_id, share_bytes)
            if shared and is_marked(connection, request.messages[-1].text):
                stored |= any(sharing.propose(connection, key, row) for key in _shared_key(request))
    except Unavailable:
        return False
    return stored


def drop_old(database: Database, *, oldest_s: float = OLDEST_S, most_bytes: int = ALL_BYTES, now: Now = now_us) -> int:
    """For a timer: drop what is too old, and the least recently used of what is too much; returns how many."""
    try:
        with database.write(durable=False) as connection:
            before = now(connection) - int(oldest_s * SECOND)
            old = (c.made_us <= before, c.owner_id != APPROVED)
            dropped = connection.execute(delete(cached_answers).where(*old)).rowcount
            return dropped + _make_room(connection, None, most_bytes)
    except Unavailable:
        return 0


def size_of(database: Database, owner_id: str) -> CacheSize:
    """The size of this owner's cache now."""
    query = select(cache_sizes.c.answers, cache_sizes.c.size_bytes).where(cache_sizes.c.owner_id == owner_id)
    with database.read() as connection:
        row = connection.execute(query).first()
    return CacheSize(row.answers, row.size_bytes) if row else CacheSize(0, 0)


HIT = (
    update(cached_answers)
    .where(c.key == bindparam("name"), c.owner_id.in_([bindparam("of"), APPROVED]))
    .values(hits=c.hits + 1, used_us=bindparam("at_us"))
)  # fmt: skip


def _find(connection: Connection, owner_id: str, keys: list[str], since_us: int) -> Any:
    """The owner's own answer before a shared one."""
    query = select(cached_answers).where(
        c.key.in_(keys), c.owner_id.in_([owner_id, APPROVED]), or_(c.made_us > since_us, c.owner_id == APPROVED)
    )
    rows = {row.key: row for row in connection.execute(query)}
    return next((rows[key] for key in keys if key in rows), None)


def _shared_key(request: ChatRequest) -> list[str]:
    """The key of the proposal for everybody, for a single question without a system prompt; else []."""
    alone = [message.role for message in request.messages] == ["user"] and not beyond_text(request)
    return [_hash(PROPOSED, request, [near(request.messages[0].text)])] if alone else []


def _hash(owner_id: str, request: ChatRequest, texts: list[str]) -> str:
    messages = [[message.role, text] for message, text in zip(request.messages, texts, strict=True)]
    settings: Mapping[str, Any] = {name: getattr(request, name) for name in SETTINGS}
    rest = beyond_text(request)
    return digest(dumps([owner_id, settings, messages, *([rest] if rest else [])]))


def _row(request: ChatRequest, completion: Completion, value: Any, size_bytes: int) -> dict[str, Any]:
    usage, cost = completion.usage, completion.cost_usd
    counts = [usage.input_tokens, usage.output_tokens] if usage else []
    return {
        "model_id": completion.model_id,
        "question": near(clean(request.messages[-1].text)) if request.messages else "",
        "value": value,
        "size_bytes": size_bytes,
        "hits": 0,
        "tokens": sum(count or 0 for count in counts),
        "pico_usd": int((cost or Decimal(0)) * PICO),
    }


def _make_room(connection: Connection, owner_id: str | None, share_bytes: int) -> int:
    """Drop the least recently used until the answers of an owner, or (None) of all, fit; returns how many."""
    owned = c.owner_id == owner_id if owner_id is not None else c.owner_id != APPROVED
    whose = cache_sizes.c.owner_id == owner_id if owner_id is not None else cache_sizes.c.owner_id != APPROVED
    size = connection.execute(select(func.sum(cache_sizes.c.size_bytes)).where(whose)).scalar()
    too_much, dropped = int(size or 0) - share_bytes, 0
    oldest = select(c.key, c.size_bytes).where(owned).order_by(c.used_us, c.made_us, c.key.desc())
    while too_much > 0 and (rows := connection.execute(oldest.limit(DROPPED_AT_ONCE)).all()):
        keys = []
        for key, size_bytes in rows:
            if too_much > 0:
                keys.append(key)
                too_much -= size_bytes
        dropped += connection.execute(delete(cached_answers).where(c.key.in_(keys))).rowcount
    return dropped
