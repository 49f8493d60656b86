"""Imported batches: written hidden, in short transactions, and shown at the end of the file, or deleted.

What a batch says of itself is counted again from the rows that came. None runs on by itself: one with unanswered
questions is paused, and whether it needs an administrator is decided when its owner resumes it.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, literal, select, update

from ...views.conversation import File
from ...views.imports import LeftOut, Thing
from .. import attachments
from ..batches.making import FRESH
from ..batches.tables import HIDDEN, batches, items, rows
from ..database import Database
from ..portable.batch_records import ImportedBatch, ImportedRow, plain, plain_setup
from ..rows import derived, insert_new

ROWS = 400  # that are prepared at once
CHARS = 2_000_000  # of their prompts and answers
LEAST_ROWS = 20  # a transaction
HELD_S = 0.04  # how long a transaction is meant to hold the database
LONGEST_REST_S = 0.25
ENDED = ("done", "cancelled")
MOST_ROWS = 100_000  # of one batch
MOST_ITEMS = 10_000_000  # of one file
Things = Counter[Thing]


class BatchStaging:
    """`add_head`, then `add_row` of any of them, `flush` at the end. `report` is called in each transaction; `things`
    are new, `known` were here before."""

    def __init__(self, database: Database, owner_id: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self.report: Callable[[Connection], None] = lambda connection: None
        self.things: Things = Counter()
        self.known: Things = Counter()
        self._database = database
        self._owner_id = owner_id
        self._sleep = sleep
        self._ids: dict[str, str | None] = {}  # of the file -> ours; None: it was here before
        self._models: dict[str, int] = {}  # how many, by the file's ids
        self._rows_of: Counter[str] = Counter()
        self._number_of_items = 0
        self._waiting: list[ImportedRow] = []
        self._chars = 0
        self._size = 4 * LEAST_ROWS

    def add_head(self, head: ImportedBatch) -> str:
        """Begin a batch; why it is left out, "" where it is not."""
        if head.id in self._ids:
            return "has the id of another one"
        with self._database.patient_write(self._sleep) as connection:
            self.report(connection)
            batch_id = self._free_id(connection, head.id)
            is_new = insert_new(connection, batches, [self._head(head, batch_id)]) == 1
        self._ids[head.id] = batch_id if is_new else None
        self._models[head.id] = len(head.model_ids)
        (self.things if is_new else self.known)["batch"] += 1
        return ""

    def add_row(self, row: ImportedRow) -> str:
        """Take a row; why it is left out, "" where it is not."""
        if row.batch_id not in self._ids:
            return "is of a batch that is not in the file"
        if self._ids[row.batch_id] is None:
            self.known["batch_row"] += 1
            return ""
        self._rows_of[row.batch_id] += 1
        self._number_of_items += self._models[row.batch_id]
        if self._rows_of[row.batch_id] > MOST_ROWS or self._number_of_items > MOST_ITEMS:
            return "is one too many"
        self._waiting.append(row)
        self._chars += len(row.prompt) + sum(len(item.text) for item in row.answers)
        if len(self._waiting) >= ROWS or self._chars >= CHARS:
            self.flush()
        return ""

    def flush(self) -> None:
        """Write what was added."""
        waiting, self._waiting, self._chars = self._waiting, [], 0
        while waiting:
            now, waiting = waiting[: self._size], waiting[self._size :]
            began = time.perf_counter()
            with self._database.patient_write(self._sleep) as connection:
                self.report(connection)
                new = insert_new(connection, rows, [self._row(row) for row in now])
                insert_new(connection, items, [item for row in now for item in self._items(row)])
            self.things["batch_row"] += new
            took = time.perf_counter() - began
            self._size = min(max(int(self._size * min(HELD_S / took, 2)), LEAST_ROWS), ROWS)
            self._sleep(min(took, LONGEST_REST_S))

    def _free_id(self, connection: Connection, name: str) -> str:
        """Its own id, unless it is another owner's."""
        of_another = select(batches.c.id).where(batches.c.id == name[:36], batches.c.owner_id != self._owner_id)
        is_free = len(name) <= 36 and connection.execute(of_another).first() is None
        return name if is_free else derived(self._owner_id, "import", name)

    def _head(self, head: ImportedBatch, batch_id: str) -> dict[str, Any]:
        return {
            "id": batch_id,
            "owner_id": self._owner_id,
            "name": head.name,
            "state": HIDDEN,
            "why": head.state,  # what it was, until it is shown
            "model_ids": list(head.model_ids),
            "system": head.system,
            "settings": dict(head.settings),
            "rule": plain(head.rule),
            "when_spent": head.when_spent,
            "pasted": [],
            **dict.fromkeys(("rows", "items", "done", "failed", "skipped", "lease_until"), 0),
            "rests": {},
            "owner_process": "",
            "created_at": head.created_at,
            "started_at": head.started_at or head.created_at,
            "ended_at": head.ended_at,
            "rehearsal": plain(head.rehearsal),
            "approval": None,
            "file_hashes": None,
            "fields": head.fields or None,
            "mends": head.mends,
        }

    def _row(self, row: ImportedRow) -> dict[str, Any]:
        files = [attachments.values(File(**file.model_dump())) for file in row.files]
        return {
            "batch_id": self._ids[row.batch_id],
            "n": row.n,
            "prompt": row.prompt,
            "expected": row.expected,
            "reference": row.reference,
            "setup": plain_setup(row.setup),
            "files": files or None,
            "expected_fields": row.expected_fields or None,
        }

    def _items(self, row: ImportedRow) -> list[dict[str, Any]]:
        by_place = {item.place: item for item in row.answers if item.place < self._models[row.batch_id]}
        return [{"batch_id": self._ids[row.batch_id], "n": row.n, **item.model_dump()} for item in by_place.values()]


def show(
    database: Database, owner_id: str, left: LeftOut, sign: Callable[[], None], sleep: Callable[[float], None]
) -> int:
    """Show all hidden batches of an owner; returns how many have no row, and are deleted instead."""
    empty = 0
    while hidden := _some(database, owner_id):
        batch = hidden[0]
        for place in range(len(batch.model_ids)):
            with database.patient_write(sleep) as connection:
                _ask_again(connection, batch.id, place)
            sign()
        with database.patient_write(sleep) as connection:
            empty += not _show(connection, owner_id, batch, left)
    return empty


def drop(
    database: Database, owner_id: str, is_over: Callable[[Connection], bool], sleep: Callable[[float], None]
) -> None:
    """Delete the hidden batches of an import that has ended, unless another one has begun meanwhile."""
    while hidden := _some(database, owner_id):
        with database.patient_write(sleep) as connection:
            if not is_over(connection):
                return
            connection.execute(delete(batches).where(batches.c.id == hidden[0].id, *_hidden(owner_id)))


def are_hidden(owner_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether an owner has hidden batches."""
    return exists().where(*_hidden(owner_id))


def _hidden(owner_id: Any) -> tuple[ColumnElement[bool], ...]:
    return batches.c.owner_id == owner_id, batches.c.state == HIDDEN


def _some(database: Database, owner_id: str) -> Sequence[Row[Any]]:
    with database.read() as connection:
        return connection.execute(select(batches).where(*_hidden(owner_id)).limit(1)).all()


def _show(connection: Connection, owner_id: str, batch: Row[Any], left: LeftOut) -> bool:
    """Count a batch and show it; False, and it is deleted, where it has no row."""
    owned = (batches.c.id == batch.id, *_hidden(owner_id))
    number = connection.execute(select(func.count()).where(rows.c.batch_id == batch.id)).scalar_one()
    if not number:
        left.add("batch", f"“{batch.name[:40]}”: no row of it is in the file")
        connection.execute(delete(batches).where(*owned))
        return False
    by_state: dict[str, int] = defaultdict(int)
    states = select(items.c.state, func.count()).where(items.c.batch_id == batch.id).group_by(items.c.state)
    by_state |= {row[0]: row[1] for row in connection.execute(states)}
    state = batch.why if batch.why in ENDED else "paused"
    if state != "cancelled":
        state = "paused" if by_state["waiting"] else "done"
    held = select(rows.c.files).where(rows.c.batch_id == batch.id, rows.c.files.is_not(None))
    hashes = {file["sha256"] for files in connection.execute(held).scalars() for file in files if file.get("sha256")}
    counts = {name: by_state[name] for name in ("done", "failed", "skipped")}
    ended_at = None if state == "paused" else batch.ended_at or batch.created_at
    values = {"state": state, "why": "", "rows": number, "items": number * len(batch.model_ids), "ended_at": ended_at}
    values |= {**counts, "file_hashes": sorted(hashes) or None}
    connection.execute(update(batches).where(*owned).values(**values))
    return True


def _ask_again(connection: Connection, batch_id: str, place: int) -> None:
    """Give every row without an answer of this model a question that waits."""
    values = {"place": place, "state": "waiting", **FRESH}
    named = [literal(value, items.c[name].type).label(name) for name, value in values.items()]
    answered = exists().where(and_(items.c.batch_id == rows.c.batch_id, items.c.n == rows.c.n, items.c.place == place))
    source = select(rows.c.batch_id, rows.c.n, *named).where(rows.c.batch_id == batch_id, ~answered)
    connection.execute(items.insert().from_select(["batch_id", "n", *values], source))
