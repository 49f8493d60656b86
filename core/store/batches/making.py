"""A batch for its owner: created once, paused, resumed, cancelled, failures retried, deleted.

These change the wanted state; the process that runs the batch sees it at its next step, wherever it runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, delete, literal, or_, select, update

from ...views.batches import Approval, BatchPlan, PastQuestion
from ...views.conversation import File
from .. import NotFound, attachments
from ..database import Database
from ..rows import clean, clock, derived, insert_new
from .approvals import WAITING, encoded
from .tables import batches, items, rows

FRESH = {
    "again": 0, "tries": 0, "passed": None, "ttft_ms": None, "total_ms": None, "input_tokens": None,
    "output_tokens": None, "estimated": False, "cost_usd": None, "finish": "", "error_kind": "", "error": "",
    "origin": None, "ended_at": None, "text": "", "likeness": None, "clashes": None,
    "form": None, "form_problem": None, "marks": None, "repaired": None, "cached_tokens": None,
    "reasoning_tokens": None,
}  # fmt: skip


def create(
    database: Database, owner_id: str, request_id: str, plan: BatchPlan, process: str, approval: Approval | None = None
) -> tuple[str, bool]:
    """Create a batch, once per request id, run by `process`; returns its id, and whether it is new. With an `approval`
    it waits for an administrator, and nobody runs it."""
    batch_id = derived(owner_id, request_id, "batch")
    at = database.now()
    batch = {
        "id": batch_id,
        "owner_id": owner_id,
        "name": clean(plan.name),
        "state": WAITING if approval else "running",
        "why": "",
        "model_ids": list(plan.model_ids),
        "system": clean(plan.system),
        "settings": clean(dict(plan.settings)),
        "rule": clean(dict(plan.rule)) if plan.rule else None,
        "when_spent": plan.when_spent,
        "pasted": list(plan.pasted),
        "rows": len(plan.prompts),
        "items": len(plan.prompts) * len(plan.model_ids),
        "done": 0,
        "failed": 0,
        "skipped": 0,
        "rests": {},
        "owner_process": "" if approval else process,
        "lease_until": 0,
        "created_at": at,
        "started_at": at,
        "ended_at": None,
        "rehearsal": asdict(plan.rehearsal) if plan.rehearsal else None,
        "approval": encoded(approval) if approval else None,
        "file_hashes": sorted({file.sha256 for files in plan.files for file in files if file.sha256}) or None,
        "fields": clean(list(plan.fields)) or None,
        "mends": False,
    }
    past: Sequence[PastQuestion | None] = plan.past or [None] * len(plan.prompts)
    wanted: Sequence[Mapping[str, str]] = plan.expected_fields or [{}] * len(plan.prompts)
    files_of_rows: Sequence[Sequence[File]] = plan.files or [()] * len(plan.prompts)
    prompt_rows = [
        {
            "batch_id": batch_id,
            "n": n,
            "prompt": clean(prompt),
            "expected": clean(expected),
            "files": [attachments.values(file) for file in files] or None,
            "expected_fields": clean(dict(fields)) or None,
            **_past(question),
        }
        for n, ((prompt, expected), question, files, fields) in enumerate(
            zip(plan.prompts, past, files_of_rows, wanted, strict=True), 1
        )
    ]
    with database.write() as connection:
        if not insert_new(connection, batches, [batch]):
            return batch_id, False
        _lease(connection, database, owner_id, batch_id, process)
        if prompt_rows:
            connection.execute(rows.insert(), prompt_rows)
        for place in range(len(plan.model_ids)):
            _insert_items(connection, batch_id, place)
    return batch_id, True


def _past(question: PastQuestion | None) -> dict[str, Any]:
    """What a row of a rehearsal has beside its prompt."""
    if question is None:
        return {"reference": None, "setup": None}
    return {"reference": clean(question.answer), "setup": clean(question.setup())}


def reveal(database: Database, owner_id: str, batch_id: str) -> None:
    """Show a rehearsal's answers with their models, for good. NotFound for another owner's."""
    with database.write() as connection:
        batch = _locked(connection, owner_id, batch_id)
        shown = {**(batch.rehearsal or {}), "blind": False}
        owned = (batches.c.id == batch_id, batches.c.owner_id == owner_id)
        connection.execute(update(batches).where(*owned).values(rehearsal=shown if batch.rehearsal else None))


def pause(database: Database, owner_id: str, batch_id: str) -> None:
    """Ask nothing more; answers in flight are waited for."""
    _change(database, owner_id, batch_id, ("running",), {"state": "paused", "why": ""})


def cancel(database: Database, owner_id: str, batch_id: str) -> None:
    """End it for good; answers in flight are stopped. One that waits for an administrator is withdrawn."""
    change = {"state": "cancelled", "why": "", "ended_at": database.now()}
    _change(database, owner_id, batch_id, ("running", "paused", WAITING), change)


def resume(database: Database, owner_id: str, batch_id: str, process: str, pasted: Sequence[str] = ()) -> bool:
    """Continue a paused or declined batch. True when `process` runs it from now on; else another one does, or it had
    ended."""
    return _go_on(database, owner_id, batch_id, process, ("paused", "declined"), pasted)


def retry(database: Database, owner_id: str, batch_id: str, process: str, pasted: Sequence[str] = ()) -> bool:
    """Ask again what failed or was skipped; True as for `resume`."""
    over = items.c.state.in_(("failed", "skipped"))
    with database.write() as connection:
        batch = _locked(connection, owner_id, batch_id)
        if batch.state not in ("paused", "done", "running"):
            return False
        connection.execute(
            update(items).where(items.c.batch_id == batch.id, over).values(state="waiting", **FRESH)
        )  # fmt: skip
        owned = (batches.c.id == batch_id, batches.c.owner_id == owner_id)
        connection.execute(update(batches).where(*owned).values(failed=0, skipped=0))
    return _go_on(database, owner_id, batch_id, process, ("paused", "done", "running"), pasted)


def remove(database: Database, owner_id: str, batch_id: str) -> None:
    """Delete a batch and its answers; the process that runs it notices and stops."""
    with database.write() as connection:
        connection.execute(delete(batches).where(batches.c.id == batch_id, batches.c.owner_id == owner_id))


def free() -> Any:
    """Whether no process runs a batch: it was given back, or its lease ran out."""
    return or_(batches.c.owner_process == "", batches.c.lease_until < clock())


def _go_on(
    database: Database, owner_id: str, batch_id: str, process: str, states: tuple[str, ...], pasted: Sequence[str]
) -> bool:
    owned = (batches.c.id == batch_id, batches.c.owner_id == owner_id)
    with database.write() as connection:
        batch = _locked(connection, owner_id, batch_id)
        if batch.state not in states:
            return False
        change: dict[str, Any] = {"state": "running", "why": "", "rests": {}, "ended_at": None}
        if batch.state != "running":
            change["started_at"] = database.now()
        connection.execute(update(batches).where(*owned).values(**change))
        takes = update(batches).where(*owned, free()).values(owner_process=process, pasted=list(pasted))
        if not connection.execute(takes).rowcount:
            return False
        put_back(connection, batch_id)
        _lease(connection, database, owner_id, batch_id, process)
    return True


def put_back(connection: Connection, batch_id: str) -> None:
    """Make the unanswered items of an ended process wait again; each counts that in `again`."""
    asking = and_(items.c.batch_id == batch_id, items.c.state == "asking")
    connection.execute(update(items).where(asking).values(state="waiting", again=items.c.again + 1))


def _lease(connection: Connection, database: Database, owner_id: str, batch_id: str, process: str) -> None:
    until = clock() + bindparam("lease_us", int(database.lease_s * 1_000_000), type_=BigInteger)
    owned = (batches.c.id == batch_id, batches.c.owner_id == owner_id, batches.c.owner_process == process)
    connection.execute(update(batches).where(*owned).values(lease_until=until))


def _insert_items(connection: Connection, batch_id: str, place: int) -> None:
    values = {"place": place, "state": "waiting", **FRESH}
    named = [literal(value, items.c[name].type).label(name) for name, value in values.items()]
    source = select(rows.c.batch_id, rows.c.n, *named).where(rows.c.batch_id == batch_id)
    connection.execute(items.insert().from_select(["batch_id", "n", *values], source))


def _change(
    database: Database, owner_id: str, batch_id: str, states: tuple[str, ...], values: Mapping[str, Any]
) -> None:
    owned = (batches.c.id == batch_id, batches.c.owner_id == owner_id, batches.c.state.in_(states))
    with database.write() as connection:
        _locked(connection, owner_id, batch_id)
        connection.execute(update(batches).where(*owned).values(**values))


def _locked(connection: Connection, owner_id: str, batch_id: str) -> Row[Any]:
    query = select(batches).where(batches.c.id == batch_id, batches.c.owner_id == owner_id).with_for_update()
    batch = connection.execute(query).first()
    if batch is None:
        raise NotFound("There is no such batch.")
    return batch
