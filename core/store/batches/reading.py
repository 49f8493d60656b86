"""Reading batches: the list, the sums by model, a page of rows, one whole row, everything for a file.

A page never reads a whole batch: sums are made in SQL, and only the rows that are shown are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, null, or_, select

from ...records import Message
from ...views.batches import Batch, BatchRow, FreeUse, Item, Rehearsal, Sum, Which
from ...views.conversation import asked_with
from .. import NotFound, attachments
from ..database import Database
from . import forms, old_answers
from .approvals import decoded
from .tables import HIDDEN, batches, items, rows

CELL = 400
PIECE = 500


def get(database: Database, owner_id: str, batch_id: str) -> Batch:
    """NotFound for another owner's."""
    with database.read() as connection:
        row = connection.execute(_batches(owner_id).where(batches.c.id == batch_id)).first()
    if row is None:
        raise NotFound("There is no such batch.")
    return _batch(row)


def recent(database: Database, owner_id: str, *, limit: int = 50) -> list[Batch]:
    """The newest first."""
    query = _batches(owner_id).order_by(batches.c.created_at.desc(), batches.c.id).limit(limit)
    with database.read() as connection:
        return [_batch(row) for row in connection.execute(query)]


def sums(database: Database, owner_id: str, batch: Batch, *, since: datetime) -> list[Sum]:
    """A sum for each model, in the order of the batch."""
    done = items.c.state == "done"
    query = (
        select(
            items.c.place,
            items.c.state,
            func.count(),
            func.sum(case((items.c.again > 0, 1), else_=0)),
            func.count(items.c.passed),
            func.sum(case((items.c.passed, 1), else_=0)),
            func.sum(items.c.input_tokens),
            func.sum(items.c.output_tokens),
            func.sum(case((items.c.estimated, 1), else_=0)),
            func.sum(items.c.cost_usd),
            func.sum(case((and_(done, items.c.cost_usd.is_(None)), 1), else_=0)),
            func.sum(case((items.c.ended_at >= since, 1), else_=0)),
        )
        .where(items.c.batch_id == _owned_id(owner_id, batch.id))
        .group_by(items.c.place, items.c.state)
    )
    with database.read() as connection:
        state_rows = connection.execute(query).all()
        answerers, free = _answered_by(connection, owner_id, batch)
        agreeing = _agreement(connection, owner_id, batch) if batch.rehearsal else {}
        formed = forms.of_places(connection, owner_id, batch) if batch.form or batch.rehearsal else {}
        times = {place: _median(connection, owner_id, batch.id, place) for place in range(len(batch.model_ids))}
    return [
        replace(
            _sum(
                place,
                model_id,
                [row for row in state_rows if row.place == place],
                times[place],
                answerers.get(place, {}),
            ),
            **agreeing.get(place, {}),
            **formed.get(place, {}),
            free=free.get(place, ()),
        )
        for place, model_id in enumerate(batch.model_ids)
    ]


def number(database: Database, owner_id: str, batch_id: str, which: Which = "all") -> int:
    """How many rows there are of that kind."""
    query = select(func.count()).select_from(_of_kind(owner_id, batch_id, which).subquery())
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


def page(
    database: Database,
    owner_id: str,
    batch_id: str,
    which: Which = "all",
    *,
    first: int = 0,
    most: int = 25,
    answer_chars: int = CELL,
) -> list[BatchRow]:
    """Rows in their order, from `first` (0 is the first of that kind); long texts are cut, answers after
    `answer_chars` characters."""
    query = _of_kind(owner_id, batch_id, which).order_by("n").offset(first).limit(most)
    with database.read() as connection:
        numbers = list(connection.execute(query).scalars())
        return _lines(connection, owner_id, batch_id, numbers, cut=CELL, answer_chars=answer_chars)


def questions(database: Database, owner_id: str, batch_id: str) -> list[tuple[Message, Mapping[str, Any] | None]]:
    """Of each row the prompt with its files, and how it is asked where that is not as the others."""
    query = select(rows.c.prompt, rows.c.files, rows.c.setup).where(rows.c.batch_id == _owned_id(owner_id, batch_id))
    with database.read() as connection:
        return [
            (asked_with(row.prompt, [attachments.of_json(file) for file in row.files or ()]), row.setup)
            for row in connection.execute(query)
        ]


def line(database: Database, owner_id: str, batch_id: str, n: int) -> BatchRow:
    """One row with whole texts. NotFound where there is none."""
    with database.read() as connection:
        lines = _lines(connection, owner_id, batch_id, [n])
    if not lines:
        raise NotFound("There is no such row.")
    return lines[0]


def answered_places(database: Database, owner_id: str, batch_id: str, places: Sequence[int]) -> list[tuple[int, int]]:
    """The (row, place) of a rehearsal's answers that stand beside an earlier one, row by row."""
    query = (
        select(items.c.n, items.c.place)
        .join_from(items, rows, and_(rows.c.batch_id == items.c.batch_id, rows.c.n == items.c.n))
        .where(
            items.c.batch_id == _owned_id(owner_id, batch_id),
            items.c.place.in_(places),
            items.c.state == "done",
            items.c.text != "",
            rows.c.reference.is_not(None),
        )
        .order_by(items.c.n, items.c.place)
    )
    with database.read() as connection:
        return [(row.n, row.place) for row in connection.execute(query)]


def everything(database: Database, owner_id: str, batch_id: str) -> Iterator[BatchRow]:
    """All rows with whole texts, some hundreds at a time."""
    last = 0
    while True:
        query = _of_kind(owner_id, batch_id, "all").where(rows.c.n > last).order_by("n").limit(PIECE)
        with database.read() as connection:
            numbers = list(connection.execute(query).scalars())
            lines = _lines(connection, owner_id, batch_id, numbers)
        if not lines:
            return
        yield from lines
        last = lines[-1].n


def _batches(owner_id: str) -> Select[Any]:
    return select(batches).where(batches.c.owner_id == owner_id, batches.c.state != HIDDEN)


def _owned_id(owner_id: str, batch_id: str) -> Any:
    """The batch's id if it is the owner's, else nothing."""
    query = select(batches.c.id).where(batches.c.id == batch_id, batches.c.owner_id == owner_id)
    return query.scalar_subquery()


def _batch(row: Row[Any]) -> Batch:
    rests = {int(place): (int(until), str(kind)) for place, (until, kind) in dict(row.rests).items()}
    return Batch(
        row.id, row.name, row.state, row.why, tuple(row.model_ids), row.system, row.settings, row.rule, row.when_spent,
        tuple(row.pasted), row.rows, row.items, row.done, row.failed, row.skipped, rests, bool(row.owner_process),
        row.created_at, row.started_at, row.ended_at, Rehearsal(**row.rehearsal) if row.rehearsal else None,
        decoded(row.approval) if row.approval else None, bool(row.file_hashes), tuple(row.fields or ()),
        bool(row.mends),
    )  # fmt: skip


def _agreement(connection: Connection, owner_id: str, batch: Batch) -> dict[int, dict[str, Any]]:
    """By place: how many answers were compared with earlier ones, the mean likeness, and how many contradict."""
    query = (
        select(
            items.c.place,
            func.count(items.c.likeness),
            func.avg(items.c.likeness),
            func.sum(case((items.c.clashes > 0, 1), else_=0)),
        )
        .where(items.c.batch_id == _owned_id(owner_id, batch.id), items.c.state == "done")
        .group_by(items.c.place)
    )
    return {
        place: {"compared": int(compared), "likeness": likeness, "clashing": int(clashing or 0)}
        for place, compared, likeness, clashing in connection.execute(query)
    }


def _answered_by(
    connection: Connection, owner_id: str, batch: Batch
) -> tuple[dict[int, dict[str, int]], dict[int, list[FreeUse]]]:
    """By place: the models that answered instead of the requested one, and how often; and the answers without a cost,
    by who answered."""
    answerer, cost, count = items.c.served_model_id, items.c.cost_usd, func.count().label("count")
    costless = or_(cost.is_(None), cost == 0)
    counts = [case((costless, column)) for column in (items.c.input_tokens, items.c.output_tokens)]
    parts = [case((costless, column)) for column in (items.c.cached_tokens, items.c.reasoning_tokens)]
    query = (
        select(
            *(items.c.place, answerer, count, func.sum(case((costless, 1), else_=0)), cost.is_(None)),
            *(func.sum(column) for column in counts),
            *(func.count(column) for column in counts),
            *(func.sum(column) for column in parts),
        )
        .where(items.c.batch_id == _owned_id(owner_id, batch.id), items.c.state == "done")
        .group_by(items.c.place, answerer, cost.is_(None))
        .order_by(count.desc(), answerer)
    )
    answerers: dict[int, dict[str, int]] = {}
    free: dict[int, list[FreeUse]] = {}
    for place, model_id, n, costing_nothing, is_unpriced, *tokens, cached, reasoned in connection.execute(query):
        asked_id = batch.model_ids[place]
        if model_id and model_id != asked_id:
            of_place = answerers.setdefault(place, {})
            of_place[model_id] = of_place.get(model_id, 0) + int(n)
        if costing_nothing:
            counts_of_all = [int(total) if number == costing_nothing else None for total, number in _pairs(tokens)]
            use = FreeUse(
                model_id or asked_id,
                int(costing_nothing),
                counts_of_all[0],
                counts_of_all[1],
                bool(is_unpriced),
                int(cached or 0),
                int(reasoned or 0),
            )
            free.setdefault(place, []).append(use)
    return answerers, free


def _pairs(tokens: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(tokens[:2], tokens[2:], strict=True)


def _sum(
    place: int, model_id: str, state_rows: Sequence[Any], median_ms: float | None, answered_by: Mapping[str, int]
) -> Sum:
    by_state = {row[1]: int(row[2]) for row in state_rows}

    def total(column: int) -> int:
        return sum(int(row[column] or 0) for row in state_rows)

    checked = [row for row in state_rows if row[1] == "done"]
    return Sum(
        place,
        model_id,
        waiting=by_state.get("waiting", 0),
        asking=by_state.get("asking", 0),
        done=by_state.get("done", 0),
        failed=by_state.get("failed", 0),
        skipped=by_state.get("skipped", 0),
        again=total(3),
        checked=sum(int(row[4]) for row in checked),
        passed=sum(int(row[5] or 0) for row in checked),
        median_ms=median_ms,
        input_tokens=total(6),
        output_tokens=total(7),
        estimated=total(8) > 0,
        cost_usd=sum((row[9] for row in state_rows if row[9] is not None), Decimal(0)),
        unpriced=total(10),
        lately=total(11),
        answered_by=answered_by,
    )


def _median(connection: Connection, owner_id: str, batch_id: str, place: int) -> float | None:
    """The median time of the whole answers; the lower one of two."""
    whole = (
        items.c.batch_id == _owned_id(owner_id, batch_id),
        items.c.place == place,
        items.c.state == "done",
        items.c.total_ms.is_not(None),
    )
    size = connection.execute(select(func.count()).where(*whole)).scalar_one()
    query = select(items.c.total_ms).where(*whole).order_by(items.c.total_ms).offset(max(size - 1, 0) // 2).limit(1)
    return connection.execute(query).scalar()


def _of_kind(owner_id: str, batch_id: str, which: Which) -> Select[Any]:
    """The numbers of the rows of a kind, each once, as a column `n`."""
    if which == "all":
        return select(rows.c.n).where(rows.c.batch_id == _owned_id(owner_id, batch_id))
    kind = {
        "failed": items.c.state.in_(("failed", "skipped")),
        "wrong": and_(items.c.state == "done", items.c.passed.is_(False)),
        "answered": items.c.state == "done",
        "clashing": and_(items.c.state == "done", items.c.clashes > 0),
        "misfit": items.c.form.in_(("invalid", "not_json")),
        "wrong_field": and_(items.c.form.is_not(None), items.c.marks.contains("0")),
    }[which]
    return select(items.c.n).where(items.c.batch_id == _owned_id(owner_id, batch_id), kind).distinct()


def _lines(
    connection: Connection,
    owner_id: str,
    batch_id: str,
    numbers: Sequence[int],
    *,
    cut: int | None = None,
    answer_chars: int | None = None,
) -> list[BatchRow]:
    """The rows of these numbers; `cut`: at most so many characters of each text, `answer_chars` of each answer."""
    if not numbers:
        return []
    names = [name for name in Item.__dataclass_fields__ if name != "text"]
    text_column = func.substr(items.c.text, 1, answer_chars) if answer_chars else items.c.text
    prompt_column = func.substr(rows.c.prompt, 1, cut) if cut else rows.c.prompt
    reference_column = func.substr(rows.c.reference, 1, cut) if cut else rows.c.reference
    setup_column = null() if cut else rows.c.setup
    within = (numbers[0], numbers[-1])
    prompts = select(
        rows.c.n,
        prompt_column.label("prompt"),
        rows.c.expected,
        reference_column.label("reference"),
        setup_column.label("setup"),
        rows.c.files,
        rows.c.expected_fields,
        rows.c.reference_check,
    ).where(rows.c.batch_id == _owned_id(owner_id, batch_id), rows.c.n.between(*within), rows.c.n.in_(numbers))
    answers = select(items.c.n, text_column.label("text"), *(items.c[name] for name in names)).where(
        items.c.batch_id == _owned_id(owner_id, batch_id), items.c.n.between(*within), items.c.n.in_(numbers)
    )
    by_row: dict[int, dict[int, Item]] = {}
    for row in connection.execute(answers):
        values = {name: getattr(row, name) for name in Item.__dataclass_fields__}
        by_row.setdefault(row.n, {})[row.place] = Item(**values)
    prompt_rows = connection.execute(prompts.order_by(rows.c.n))
    return [
        BatchRow(
            row.n,
            row.prompt,
            row.expected,
            by_row.get(row.n, {}),
            row.reference,
            row.setup,
            tuple(map(attachments.of_json, row.files or ())),
            row.expected_fields or {},
            old_answers.item_of(row.reference, row.reference_check),
        )
        for row in prompt_rows
    ]
