"""Whether the answers of a batch fit their form, as it is stored beside them.

    of_places(connection, ...)    for each model, how many fit, and which fields are as expected
    unchecked(...), keep(...)     answers that were not checked yet: of an older version, or since repairs were wished
    wish_repairs(...)             answers that are no JSON are to be repaired before they are checked, or not any more

The sums read one index and no answer; a batch has few different `marks`, so they are counted together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from ...views.batches import Batch
from .. import NotFound
from ..database import Database
from ..rows import clean
from .tables import batches, items, rows

NOT_CHECKED = and_(items.c.state == "done", items.c.form.is_(None))


@dataclass(frozen=True, slots=True)
class Unchecked:
    """An answer that was not checked yet, with what is expected of its fields."""

    place: int
    n: int
    text: str
    expected_fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundForm:
    """What was found out about it; see `batch.form_check.FormCheck`."""

    place: int
    n: int
    form: str
    form_problem: str
    marks: str
    repaired: str


def of_places(connection: Connection, owner_id: str, batch: Batch) -> dict[int, dict[str, Any]]:
    """By place: `forms`, `repaired` and `fields` of a `Sum`."""
    kinds = (items.c.place, items.c.form, items.c.repaired, items.c.marks)
    query = (
        select(*kinds, func.count())
        .where(items.c.batch_id == _owned_id(owner_id, batch.id), items.c.form.is_not(None))
        .group_by(*kinds)
    )
    sums: dict[int, dict[str, Any]] = {}
    for place, form, repaired, marks, number in connection.execute(query):
        counted = sums.setdefault(place, {"forms": {}, "repaired": 0, "fields": {}})
        counted["forms"][form] = counted["forms"].get(form, 0) + number
        counted["repaired"] += number if repaired else 0
        for name, mark in zip(batch.fields, marks or "", strict=False):
            if mark != "-":
                right, compared = counted["fields"].get(name, (0, 0))
                counted["fields"][name] = (right + number * (mark == "1"), compared + number)
    return sums


def unchecked(database: Database, owner_id: str, batch_id: str, most: int) -> list[Unchecked]:
    query = (
        select(items.c.place, items.c.n, items.c.text, rows.c.expected_fields)
        .join_from(items, rows, and_(rows.c.batch_id == items.c.batch_id, rows.c.n == items.c.n))
        .where(items.c.batch_id == _owned_id(owner_id, batch_id), NOT_CHECKED)
        .limit(most)
    )
    with database.read() as connection:
        return [Unchecked(row.place, row.n, row.text, row.expected_fields or {}) for row in connection.execute(query)]


def keep(database: Database, owner_id: str, batch_id: str, checked: Sequence[FoundForm], *, mends: bool) -> None:
    """Nothing is written where repairs were wished, or not any more, since the answers were read."""
    still = select(batches.c.id).where(
        batches.c.id == batch_id,
        batches.c.owner_id == owner_id,
        func.coalesce(batches.c.mends, False) == mends,
    )
    change = (
        update(items)
        .where(
            items.c.batch_id == still.scalar_subquery(),
            items.c.place == bindparam("of_place"),
            items.c.n == bindparam("of_n"),
            NOT_CHECKED,
        )
        .values({name: bindparam(f"v_{name}") for name in ("form", "form_problem", "marks", "repaired")})
    )
    values = [
        {
            "of_place": each.place,
            "of_n": each.n,
            "v_form": each.form,
            "v_form_problem": clean(each.form_problem),
            "v_marks": each.marks,
            "v_repaired": each.repaired,
        }
        for each in checked
    ]
    with database.write() as connection:
        if values:
            connection.execute(change, values)


def wish_repairs(database: Database, owner_id: str, batch_id: str, *, wished: bool) -> None:
    """The answers that this concerns are checked again. NotFound for another owner's."""
    owned = (batches.c.id == batch_id, batches.c.owner_id == owner_id)
    concerned = or_(items.c.form == "not_json", items.c.repaired != "")
    with database.write() as connection:
        if not connection.execute(update(batches).where(*owned).values(mends=wished)).rowcount:
            raise NotFound("There is no such batch.")
        of_batch = items.c.batch_id == _owned_id(owner_id, batch_id)
        fresh = {"form": None, "form_problem": None, "marks": None, "repaired": None}
        connection.execute(update(items).where(of_batch, concerned).values(fresh))


def _owned_id(owner_id: str, batch_id: str) -> Any:
    """The batch's id if it is the owner's, else nothing."""
    query = select(batches.c.id).where(batches.c.id == batch_id, batches.c.owner_id == owner_id)
    return query.scalar_subquery()
