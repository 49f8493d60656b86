"""Answers for everybody: proposed by the first to ask a marked question, returned once an administrator approved them.

    propose(connection, key, row)             from `cache.put`; the first answer of a key stays until it is judged
    proposed(database), approved(database)    the lists for the administrator
    approve(database, name, text)             return this text from now on; an approved one is changed the same way
    reject(database, name)                    drop it, proposed or approved

An approved answer stays until it, or its question, is removed: age and lack of room do not end it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, func, select

from ...records import Completion, Note
from ...views.faq import SharedAnswer
from .. import NotFound
from .. import completion as codec
from ..columns import from_us
from ..database import Database
from ..rows import clean, dumps, insert_new
from .faqs import APPROVED, PROPOSED, digest
from .ledger import Now
from .meters import now_us
from .tables import cached_answers

MOST_FOR_A_QUESTION = 5
c = cached_answers.c
OURS = c.owner_id.in_([PROPOSED, APPROVED])


def key_of(proposal: str) -> str:
    """The key under which an approved answer is found."""
    return digest(f"{APPROVED}\n{proposal}")


def propose(connection: Connection, key: str, row: Mapping[str, Any]) -> bool:
    """Propose an answer to the administrator; False where there is one, or enough for that question."""
    existing = select(func.count()).where(c.key.in_([key, key_of(key)]), OURS)
    waiting = select(func.count()).where(c.owner_id == PROPOSED, c.question == row["question"])
    if connection.execute(existing).scalar_one() or connection.execute(waiting).scalar_one() >= MOST_FOR_A_QUESTION:
        return False
    return bool(insert_new(connection, cached_answers, [{**row, "key": key, "owner_id": PROPOSED}]))


def proposed(database: Database) -> list[SharedAnswer]:
    """Answers that wait for approval, the oldest first."""
    return _of(database, PROPOSED)


def approved(database: Database) -> list[SharedAnswer]:
    return _of(database, APPROVED)


def approve(database: Database, name: str, text: str, *, now: Now = now_us) -> None:
    """Return this text to everybody who asks the question. Raises NotFound if the answer no longer exists."""
    with database.write() as connection:
        row = _locked(connection, name)
        stored = codec.decode(row.value["completion"], row.value["text"])
        answer = _as_approved(stored, clean(text))
        value = clean({"text": answer.text, "completion": codec.encode(answer)})
        connection.execute(delete(cached_answers).where(c.key == name, OURS))
        row_values = {
            **row._mapping,
            "value": value,
            "size_bytes": len(dumps(value).encode()),
            "used_us": now(connection),
        }
        key = name if row.owner_id == APPROVED else key_of(name)
        connection.execute(delete(cached_answers).where(c.key == key, OURS))
        insert_new(connection, cached_answers, [{**row_values, "key": key, "owner_id": APPROVED}])


def reject(database: Database, name: str) -> None:
    with database.write() as connection:
        connection.execute(delete(cached_answers).where(c.key == _locked(connection, name).key, OURS))


def _as_approved(stored: Completion, text: str) -> Completion:
    """The answer as the administrator read it, without anything that was not shown."""
    edited = text != stored.text or any(note.kind == "edited" for note in stored.notes)
    notes = (Note("edited"),) if edited else ()
    return replace(stored, text=text, reasoning="", attempts=(), notes=notes, error=None)


def _of(database: Database, owner_id: str) -> list[SharedAnswer]:
    query = select(cached_answers).where(c.owner_id == owner_id).order_by(c.made_us, c.key)
    with database.read() as connection:
        return [_shared(row) for row in connection.execute(query)]


def _shared(row: Any) -> SharedAnswer:
    edited = any(note.get("kind") == "edited" for note in row.value["completion"].get("notes") or ())
    return SharedAnswer(row.key, row.question, row.model_id, row.value["text"], from_us(row.made_us), row.hits, edited)


def _locked(connection: Connection, name: str) -> Any:
    row = connection.execute(select(cached_answers).where(c.key == name, OURS).with_for_update()).first()
    if row is None:
        raise NotFound("This answer is not there any more.")
    return row
