"""What was checks out about the old answers of a rehearsal, checked as its new ones are.

    sum_of(database, ...)       how many are as expected and fit their form, as a `Sum` at no place
    unchecked(...), keep(...)   those that were not checked yet

A rehearsal has a hundred rows at most, so they are counted one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select, update

from ...views.batches import Batch, Item, Sum
from ..database import Database
from ..rows import clean
from .tables import batches, rows

NO_PLACE = -1
CHECKED = ("passed", "form", "form_problem", "marks")
OPEN = and_(rows.c.reference.is_not(None), rows.c.reference_check.is_(None))


@dataclass(frozen=True, slots=True)
class OldAnswer:
    """An old answer that was not checked yet, with how its question was asked and what is expected."""

    n: int
    text: str
    setup: Mapping[str, Any]
    expected: str | None
    expected_fields: Mapping[str, str]


def sum_of(database: Database, owner_id: str, batch: Batch) -> Sum | None:
    """None where the batch rehearses nothing, or no answer is checked yet."""
    if batch.rehearsal is None:
        return None
    with database.read() as connection:
        return _sum(connection, owner_id, batch)


def number_unchecked(database: Database, owner_id: str, batch: Batch) -> int:
    if batch.rehearsal is None:
        return 0
    query = select(func.count()).where(rows.c.batch_id == _owned_id(owner_id, batch.id), OPEN)
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


def _sum(connection: Connection, owner_id: str, batch: Batch) -> Sum | None:
    assert batch.rehearsal
    query = select(rows.c.reference_check).where(
        rows.c.batch_id == _owned_id(owner_id, batch.id), rows.c.reference_check.is_not(None)
    )
    checks = list(connection.execute(query).scalars())
    if not checks:
        return None
    fields: dict[str, tuple[int, int]] = {}
    for each in checks:
        for name, mark in zip(batch.fields, each.get("marks") or "", strict=False):
            if mark != "-":
                right, compared = fields.get(name, (0, 0))
                fields[name] = (right + (mark == "1"), compared + 1)
    return Sum(
        NO_PLACE,
        batch.rehearsal.model_id,
        checked=sum(each.get("passed") is not None for each in checks),
        passed=sum(each.get("passed") is True for each in checks),
        forms=Counter(each["form"] for each in checks if each.get("form")),
        fields=fields,
    )


def item_of(text: str | None, checks: Mapping[str, Any] | None) -> Item | None:
    """An old answer as the new ones are read; None where there is none, or it is not checked yet."""
    if text is None or checks is None:
        return None
    checked: dict[str, Any] = {name: checks.get(name) for name in CHECKED}
    return Item(NO_PLACE, "done", text, **checked)


def unchecked(database: Database, owner_id: str, batch_id: str) -> list[OldAnswer]:
    columns = (rows.c.n, rows.c.reference, rows.c.setup, rows.c.expected, rows.c.expected_fields)
    query = select(*columns).where(rows.c.batch_id == _owned_id(owner_id, batch_id), OPEN).order_by(rows.c.n)
    with database.read() as connection:
        return [
            OldAnswer(row.n, row.reference, row.setup or {}, row.expected, row.expected_fields or {})
            for row in connection.execute(query)
        ]


def keep(database: Database, owner_id: str, batch_id: str, checks: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """What was checks out, by row: values of CHECKED."""
    change = (
        update(rows)
        .where(rows.c.batch_id == _owned_id(owner_id, batch_id), rows.c.n == bindparam("of_n"), OPEN)
        .values(reference_check=bindparam("v_check", type_=rows.c.reference_check.type))
    )
    values = [{"of_n": n, "v_check": clean(dict(each))} for n, each in checks]
    with database.write() as connection:
        if values:
            connection.execute(change, values)


def _owned_id(owner_id: str, batch_id: str) -> Any:
    """The batch's id if it is the owner's, else nothing."""
    query = select(batches.c.id).where(batches.c.id == batch_id, batches.c.owner_id == owner_id)
    return query.scalar_subquery()
