"""A page's queries of the histograms. Values come back as (middle of a bucket, count), the smallest first.

    series_of()                            the models that were measured, and with which flags
    histograms(chosen, since, metrics)     model -> metric -> values
    bands(chosen, since, metric, now)      model -> slot -> values: a line over time
    week(chosen, since, metric)            hour of the week (UTC, from Monday) -> values: a heat map
    outcomes(chosen, since)                model -> outcome -> attempts
    week_outcomes(chosen, since)           hour of the week -> outcome -> attempts: when limits are hit
    newest(chosen, since, most)            model -> single answers: dots

`since` is an hour since 1970 (`buckets.hour_of`), None for all time. Whole days are read as days and whole weeks as
weeks, so that a query's cost depends on the length of its result, not on the number of calls. Every query names the
owner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nlargest

from sqlalchemy import ColumnElement, Connection, String, Table, cast, func, select

from ...views.latency import Bands, LoggedAnswer, Series, Values
from ..columns import from_us, to_us
from ..database import Database
from ..tables import calls
from . import tables
from .buckets import (
    EVER,
    HOUR_US,
    Metric,
    Span,
    first_day,
    hour_of,
    hour_of_week,
    slots_of,
    value_of,
)
from .tables import counts, series

SIX_HOURS = 6
WEEK_HOURS = 7 * 24
FEW_WEEKS = 13


class Measurements:
    """The times of one owner's answers. Methods raise `StoreError`."""

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    def series_of(self) -> list[Series]:
        """Everything of this owner that was ever counted, by provider and model."""
        c = series.c
        query = select(c.id, c.provider_id, c.model_id, c.marks).where(c.owner_id == self._owner_id)
        with self._database.read() as connection:
            return [Series(*row) for row in connection.execute(query.order_by(c.provider_id, c.model_id, c.marks))]

    def histograms(
        self, chosen: Sequence[Series], since: int | None, metrics: Iterable[Metric]
    ) -> dict[str, dict[Metric, Values]]:
        totals: dict[str, dict[Metric, Counter[int]]] = {}
        models = {entry.id: entry.name for entry in chosen}
        with self._database.read() as connection:
            for metric in metrics:
                for where in _slots(counts, since):
                    for series_id, bucket, n in _buckets(connection, self._owner_id, chosen, metric, where):
                        totals.setdefault(models[series_id], {}).setdefault(metric, Counter())[bucket] += n
        return {model: {metric: _values(held) for metric, held in owned.items()} for model, owned in totals.items()}

    def bands(self, chosen: Sequence[Series], since: int | None, metric: Metric, now: datetime) -> Bands:
        """By the hour for a day, six hours for a week, the day for a quarter, the week beyond."""
        models = {entry.id: entry.name for entry in chosen}
        totals: dict[str, dict[int, Counter[int]]] = {}
        with self._database.read() as connection:
            span, first, hours = _step(connection, self._owner_id, chosen, since, now)
            for series_id, slot, held in _slots_of(connection, self._owner_id, chosen, metric, span, first):
                place = slot // hours if span is Span.HOUR else slot
                _add(totals.setdefault(models[series_id], {}).setdefault(place, Counter()), held)

        def begins(place: int) -> datetime:
            return from_us((first_day(place) * 24 if span is Span.WEEK else place * hours) * HOUR_US)

        by_model = {
            model: {begins(place): _values(owned[place]) for place in sorted(owned)} for model, owned in totals.items()
        }
        return Bands(hours, by_model)

    def week(self, chosen: Sequence[Series], since: int | None, metric: Metric) -> dict[int, Values]:
        by_hour: dict[int, Counter[int]] = {}
        span, first = (Span.HOUR_OF_WEEK, 0) if since is None else (Span.HOUR, since)
        with self._database.read() as connection:
            for _, slot, held in _slots_of(connection, self._owner_id, chosen, metric, span, first):
                _add(by_hour.setdefault(_hour_of_week(span, slot), Counter()), held)
        return {place: _values(held) for place, held in by_hour.items()}

    def outcomes(self, chosen: Sequence[Series], since: int | None) -> dict[str, dict[str, int]]:
        """All attempts that were sent, answered ones as "ok"."""
        table, models = tables.outcomes, {entry.id: entry.name for entry in chosen}
        totals: dict[str, Counter[str]] = {}
        with self._database.read() as connection:
            for where in _slots(table, since):
                query = select(table.c.series_id, table.c.outcome, func.sum(table.c.n))
                query = query.where(_owned(table, self._owner_id, chosen), table.c.outcome != tables.UNSENT, *where)
                query = query.group_by(table.c.series_id, table.c.outcome)
                for series_id, outcome, n in connection.execute(query):
                    totals.setdefault(models[series_id], Counter())[outcome] += int(n)
        return {model: dict(held) for model, held in totals.items()}

    def unsent(self, chosen: Sequence[Series], since: int | None) -> int:
        """How many attempts we refused ourselves, before sending."""
        table, total = tables.outcomes, 0
        with self._database.read() as connection:
            for where in _slots(table, since):
                query = select(func.sum(table.c.n)).where(
                    _owned(table, self._owner_id, chosen), table.c.outcome == tables.UNSENT
                )
                total += int(connection.execute(query.where(*where)).scalar() or 0)
        return total

    def week_outcomes(self, chosen: Sequence[Series], since: int | None) -> dict[int, dict[str, int]]:
        """All attempts that were sent by hour of the week (UTC, from Monday), answered ones as "ok"."""
        c = tables.outcomes.c
        span, first = (Span.HOUR_OF_WEEK, 0) if since is None else (Span.HOUR, since)
        query = select(c.slot, c.outcome, func.sum(c.n)).where(
            _owned(tables.outcomes, self._owner_id, chosen), c.outcome != tables.UNSENT, c.span == span, c.slot >= first
        )
        by_hour: dict[int, Counter[str]] = {}
        with self._database.read() as connection:
            for slot, outcome, n in connection.execute(query.group_by(c.slot, c.outcome)):
                by_hour.setdefault(_hour_of_week(span, slot), Counter())[outcome] += int(n)
        return {place: dict(held) for place, held in by_hour.items()}

    def newest(self, chosen: Sequence[Series], since: int | None, most: int) -> dict[str, list[LoggedAnswer]]:
        """At most `most` of each model, the newest first."""
        c = calls.c
        times = (c.ms, c.ttft_ms, c.first_answer_ms, c.last_ms, c.waited_ms)
        columns = (c.at, *times, c.output_tokens, c.reasoning_tokens, c.estimated, c.chunks)
        by_model: dict[str, list[LoggedAnswer]] = {}
        with self._database.read() as connection:
            for entry in chosen:
                query = select(*columns).where(c.series_id == entry.id, c.owner_id == self._owner_id)
                if since is not None:
                    query = query.where(c.at >= from_us(since * HOUR_US))
                for at, *rest in connection.execute(query.order_by(c.at.desc()).limit(most)):
                    by_model.setdefault(entry.name, []).append(LoggedAnswer(at, entry.flags, *rest))
        return {model: nlargest(most, answers, key=lambda answer: answer.at) for model, answers in by_model.items()}


def _owned(table: Table, owner_id: str, chosen: Sequence[Series]) -> ColumnElement[bool]:
    ids = [entry.id for entry in chosen]
    return table.c.series_id.in_(select(series.c.id).where(series.c.owner_id == owner_id, series.c.id.in_(ids)))


def _slots(table: Table, since: int | None) -> list[list[ColumnElement[bool]]]:
    """The slots that make up a range: the hours to its first midnight, then whole days."""
    if since is None:
        return [[table.c.span == Span.EVER, table.c.slot == EVER]]
    midnight = -(-since // 24)
    days = [table.c.span == Span.DAY, table.c.slot >= midnight]
    hours = [table.c.span == Span.HOUR, table.c.slot >= since, table.c.slot < midnight * 24]
    return [hours, days] if since % 24 else [days]


def _buckets(
    connection: Connection,
    owner_id: str,
    chosen: Sequence[Series],
    metric: Metric,
    where: Sequence[ColumnElement[bool]],
) -> list[tuple[int, int, int]]:
    """(series, bucket, how often)."""
    keys = [counts.c.series_id, counts.c.bucket]
    query = select(*keys, func.sum(counts.c.n)).where(
        _owned(counts, owner_id, chosen), counts.c.metric == metric, *where
    )
    return [(row[0], row[1], int(row[2])) for row in connection.execute(query.group_by(*keys))]


def _slots_of(
    connection: Connection, owner_id: str, chosen: Sequence[Series], metric: Metric, span: Span, first: int
) -> list[tuple[int, int, str]]:
    """(series, slot, its buckets as "37:2 38:1"): one row per slot, in the order of the key, so that nothing is sorted.

    One row per bucket costs four times as much to group and to transfer, with a hundred times as many answers.
    """
    c = counts.c
    held = func.aggregate_strings(cast(c.bucket, String) + ":" + cast(c.n, String), " ")
    where = (_owned(counts, owner_id, chosen), c.metric == metric, c.span == span, c.slot >= first)
    query = select(c.series_id, c.slot, held).where(*where).group_by(c.series_id, c.metric, c.span, c.slot)
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _add(totals: Counter[int], held: str) -> None:
    for pair in held.split(" "):
        bucket, _, n = pair.partition(":")
        totals[int(bucket)] += int(n)


def _hour_of_week(span: Span, slot: int) -> int:
    return slot if span is Span.HOUR_OF_WEEK else hour_of_week(slot)


def _step(
    connection: Connection, owner_id: str, chosen: Sequence[Series], since: int | None, now: datetime
) -> tuple[Span, int, int]:
    """The span whose slots are read, its first slot, and the hours per point."""
    at_us = to_us(now)
    if since is not None:
        length = hour_of(at_us) - since
        if length <= WEEK_HOURS:
            return Span.HOUR, since, 1 if length <= 48 else SIX_HOURS
        return Span.DAY, -(-since // 24), 24
    query = select(func.min(counts.c.slot)).where(
        _owned(counts, owner_id, chosen), counts.c.metric == Metric.TTFT, counts.c.span == Span.WEEK
    )
    first = connection.execute(query).scalar()
    weeks = slots_of(at_us)[Span.WEEK] - (first or 0)
    return (Span.DAY, 0, 24) if first is None or weeks < FEW_WEEKS else (Span.WEEK, 0, WEEK_HOURS)


def _values(held: Counter[int]) -> Values:
    return [(value_of(bucket), held[bucket]) for bucket in sorted(held)]
