"""Histograms are what the log says, once; what cannot be trusted is marked or not counted; nobody sees another's."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from core.records import AnswerRound, Attempt, Completion, Finish, Note, Timing, Usage
from core.store import calls, turns
from core.store.columns import to_us
from core.store.database import Database
from core.store.latency import buckets
from core.store.latency.buckets import ERROR, AnswerFlag, Metric, Span
from core.store.latency.read import Measurements
from core.store.latency.tables import counts
from tests.store.conftest import OWNER, START

OK = Attempt("sim", "sim/quick", 1, "ok", 2010.0, cold=False, simulated=True)
TIMING = Timing(START, 400.0, 900.0, 2000.0, 2010.0, 0.0, 120, 120, True)


def answered(**changes: Any) -> Completion:
    made = Completion("sim/quick", "Yes.", "hm", Usage(10, 80, 20), Finish("stop"), TIMING, attempts=(OK,))
    return replace(made, **changes)


def keep(database: Database, completion: Completion, name: str = "r1", owner: str = OWNER) -> None:
    assert calls.add(database, owner, completion, request_id=name)


def medians(database: Database, since: int | None = None, owner: str = OWNER) -> dict[str, dict[Metric, float]]:
    series = Measurements(database, owner).series_of()
    histograms = Measurements(database, owner).histograms(series, since, list(Metric))
    return {
        model: {metric: held[0][0] for metric, held in by_metric.items()} for model, by_metric in histograms.items()
    }


def flags(database: Database) -> list[int]:
    return sorted(row.flags for row in Measurements(database, OWNER).series_of())


def test_an_answer_is_counted_in_the_transaction_of_its_row(database: Database) -> None:
    keep(database, answered())
    (medians_ms,) = medians(database).values()
    wanted = {Metric.TTFT: 400, Metric.ANSWER: 900, Metric.SPEED: 80 / 1.6, Metric.TOTAL: 2010}
    assert medians_ms == pytest.approx(wanted, rel=ERROR)
    assert flags(database) == [AnswerFlag.SIMULATED]
    (row,) = calls.recent(database, OWNER)
    assert row.ttft_ms == 400.0


def test_the_same_answer_twice_is_one(database: Database, say: Callable[..., turns.Begun]) -> None:
    say("r1", "Why?")
    for _ in range(2):
        turns.finish(database, OWNER, "r1", answered())
        keep(database, answered())
    assert medians_n(database) == 1


def medians_n(database: Database) -> int:
    with database.read() as connection:
        query = select(func.sum(counts.c.n)).where(counts.c.metric == Metric.TTFT, counts.c.span == Span.EVER)
        return int(connection.execute(query).scalar() or 0)


def test_nobody_sees_anothers_times(database: Database) -> None:
    keep(database, answered())
    series = Measurements(database, OWNER).series_of()
    assert Measurements(database, "ben").series_of() == []
    since = buckets.since(START, 24)
    assert Measurements(database, "ben").histograms(series, None, list(Metric)) == {}
    assert Measurements(database, "ben").bands(series, since, Metric.TTFT, START).by_model == {}
    assert Measurements(database, "ben").week(series, None, Metric.TTFT) == {}
    assert Measurements(database, "ben").outcomes(series, None) == {}
    assert Measurements(database, "ben").newest(series, None, 10) == {}


def test_what_is_odd_is_marked(database: Database) -> None:
    odd: list[tuple[dict[str, Any], int]] = [
        ({"attempts": (replace(OK, outcome="overloaded"), replace(OK, n=2))}, AnswerFlag.RETRIED),
        ({"attempts": (replace(OK, model_id="sim/flaky", outcome="server"), replace(OK, n=2))}, 0),
        ({"notes": (Note("failed_over", "sim/flaky"),)}, AnswerFlag.FAILED_OVER),
        ({"attempts": (replace(OK, cold=True),)}, AnswerFlag.COLD),
        ({"timing": replace(TIMING, arrivals=1)}, AnswerFlag.BUFFERED),
    ]
    for place, (changes, mark) in enumerate(odd):
        owner = f"owner-{place}"
        keep(database, answered(**changes), f"r{place}", owner)
        quick = [row for row in Measurements(database, owner).series_of() if row.model_id == "sim/quick"]
        histograms = Measurements(database, owner).histograms(quick, None, [Metric.TTFT])
        assert list(histograms) == ["sim/quick"]
        assert mark | AnswerFlag.SIMULATED in [row.flags for row in quick]
        assert sum(row.flags == mark | AnswerFlag.SIMULATED for row in quick) == 1


def test_an_answer_that_called_tools_is_a_series_of_its_own_and_each_of_its_requests_a_row(database: Database) -> None:
    rounds = (
        AnswerRound(Usage(10, 5), Decimal("0.01"), 400.0, 500.0),
        AnswerRound(Usage(30, 75, 20), Decimal("0.02"), 300.0, 900.0),
    )
    keep(database, answered(attempts=(OK, OK), rounds=rounds, cost_usd=Decimal("0.03"), usage=Usage(40, 80, 20)))
    (medians_ms,) = medians(database).values()
    wanted = {Metric.TTFT: 400, Metric.ANSWER: 900, Metric.TOTAL: TIMING.last_ms}
    assert medians_ms == pytest.approx(wanted, rel=ERROR)
    assert set(flags(database)) == {AnswerFlag.SIMULATED | AnswerFlag.TOOL_ROUNDS}
    last, first = calls.recent(database, OWNER)
    assert (first.n, first.input_tokens, first.output_tokens, first.cost_usd) == (1, 10, 5, Decimal("0.01"))
    assert (last.n, last.input_tokens, last.output_tokens, last.cost_usd) == (2, 30, 75, Decimal("0.02"))
    assert (first.ttft_ms, last.ttft_ms) == (None, 400.0)


def test_the_effort_and_the_flags_share_one_number() -> None:
    both = buckets.effort_mark("budget") | AnswerFlag.TOOL_ROUNDS | AnswerFlag.NIGHTLY
    assert buckets.effort_of(both) == "budget"
    assert buckets.effort_of(AnswerFlag.TOOL_ROUNDS) == ""
    assert both & AnswerFlag.TOOL_ROUNDS


def test_a_kept_answer_is_in_the_log_and_in_no_histogram(database: Database) -> None:
    keep(database, answered(cached=True, attempts=(), timing=Timing(START, 2.0, 2.0, 2.0, 2.0, chunks=1, arrivals=1)))
    (row,) = calls.recent(database, OWNER)
    assert (row.cached, row.outcome, row.output_tokens) == (True, "ok", None)
    assert medians(database) == {}
    assert flags(database) == [AnswerFlag.CACHED]


@pytest.mark.parametrize(
    "row",
    [
        {"chunks": 1},
        {"estimated": True},
        {"output_tokens": None},
        {"last_ms": 400.0},
        {"last_ms": None},
    ],
)
def test_there_is_no_speed_where_it_cannot_be_known(row: dict[str, Any]) -> None:
    timings = {"output_tokens": 80, "reasoning_tokens": 20, "estimated": False, "ttft_ms": 400.0}
    timings |= {"first_answer_ms": 900.0, "last_ms": 2000.0, "chunks": 9}
    assert buckets.decode_speed(timings) == 50.0
    assert buckets.decode_speed(timings | row) is None


def test_tokens_thought_in_silence_do_not_make_an_answer_fast(database: Database) -> None:
    silent = replace(TIMING, ttft_ms=900.0)  # the first that was heard is the answer
    keep(database, answered(timing=silent))
    assert medians(database)["sim/quick"][Metric.SPEED] == pytest.approx(60 / 1.1, rel=ERROR)


def test_failures_are_counted_by_kind_and_have_no_times(database: Database) -> None:
    failed = answered(attempts=(replace(OK, outcome="timeout"),), text="", usage=None)
    keep(database, failed)
    keep(database, answered(), "r2")
    series = Measurements(database, OWNER).series_of()
    assert Measurements(database, OWNER).outcomes(series, None) == {"sim/quick": {"timeout": 1, "ok": 1}}
    assert medians_n(database) == 1


def test_an_old_row_from_the_spool_is_kept_and_not_counted(database: Database) -> None:
    row = calls.rows(OWNER, answered(), "r1")[0]
    old = {name: row[name] for name in row if name not in ("cold", "simulated", "probe", "streamed", "retried")}
    assert database.save("calls", {"rows": [{**old, "conversation_id": None}]}).result == 1
    assert len(calls.recent(database, OWNER)) == 1
    assert Measurements(database, OWNER).series_of() == []


def spread(database: Database, hours: int) -> list[tuple[datetime, float]]:
    """An answer every eleven hours up to START, two models in turn."""
    chance, made = Random(3), []
    for place, ago in enumerate(range(0, hours, 11)):
        at, ttft = START - timedelta(hours=ago), chance.lognormvariate(6, 0.5)
        timing = replace(TIMING, started_at=at, ttft_ms=ttft, first_answer_ms=ttft, last_ms=ttft + 1000)
        model = "sim/quick" if place % 2 else "sim/slow"
        keep(database, answered(timing=timing, attempts=(replace(OK, model_id=model),)), f"r{place}")
        made.append((at, ttft))
    return made


def test_every_range_holds_what_lies_in_it(database: Database) -> None:
    made = spread(database, 24 * 40)
    series = Measurements(database, OWNER).series_of()
    for hours in (24, 7 * 24, 30 * 24, None):
        since = None if hours is None else buckets.since(START, hours)
        inside = [ttft for at, ttft in made if since is None or to_us(at) // buckets.HOUR_US >= since]
        histograms = Measurements(database, OWNER).histograms(series, since, [Metric.TTFT])
        assert set(histograms) == {"sim/quick", "sim/slow"}
        values = [value for by_metric in histograms.values() for value, n in by_metric[Metric.TTFT] for _ in range(n)]
        assert sorted(values) == pytest.approx(sorted(inside), rel=ERROR)
        week = Measurements(database, OWNER).week(series, since, Metric.TTFT)
        assert sum(n for values in week.values() for _, n in values) == len(inside)
        tried = Measurements(database, OWNER).week_outcomes(series, since)
        assert tried == {place: {"ok": sum(n for _, n in values)} for place, values in week.items()}
        newest = Measurements(database, OWNER).newest(series, since, 3)
        assert [len(by_metric) for by_metric in newest.values()] == [
            min(3, len(by_metric)) for by_metric in newest.values()
        ]


def test_a_line_over_time_has_a_point_where_somebody_asked(database: Database) -> None:
    made = spread(database, 24 * 40)
    series = Measurements(database, OWNER).series_of()
    day = Measurements(database, OWNER).bands(series, buckets.since(START, 24), Metric.TTFT, START)
    points = {at: values for points_of_model in day.by_model.values() for at, values in points_of_model.items()}
    assert day.hours == 1
    assert points == {at: [(pytest.approx(ttft, rel=ERROR), 1)] for at, ttft in made[:3]}
    for hours, step in ((7 * 24, 6), (30 * 24, 24), (None, 24)):
        since = None if hours is None else buckets.since(START, hours)
        bands = Measurements(database, OWNER).bands(series, since, Metric.TTFT, START)
        assert bands.hours == step
        assert {
            at.hour % step if step < 24 else at.hour
            for points_of_model in bands.by_model.values()
            for at in points_of_model
        } == {0}
    far = Measurements(database, OWNER).bands(series, None, Metric.TTFT, START + timedelta(days=200))
    assert far.hours == 168
    assert {at.weekday() for points_of_model in far.by_model.values() for at in points_of_model} == {0}
    total = [n for points_of_model in far.by_model.values() for values in points_of_model.values() for _, n in values]
    assert sum(total) == len(made)


def test_the_newest_answers_come_with_their_times(database: Database) -> None:
    made = spread(database, 60)
    newest = Measurements(database, OWNER).newest(Measurements(database, OWNER).series_of(), None, 100)
    ttft_by_time = {answer.at: answer.ttft_ms for answers in newest.values() for answer in answers}
    assert ttft_by_time == dict(made)
    assert [answer.at for answer in newest["sim/slow"]] == sorted(
        (answer.at for answer in newest["sim/slow"]), reverse=True
    )


def test_monday_midnight_is_the_first_hour_of_the_week() -> None:
    monday = datetime(2026, 3, 2, tzinfo=START.tzinfo)
    slots = buckets.slots_of(to_us(monday))
    assert slots[Span.HOUR_OF_WEEK] == 0
    before = buckets.slots_of(to_us(monday) - 1)
    assert before[Span.HOUR_OF_WEEK] == 167
    assert slots[Span.WEEK] == before[Span.WEEK] + 1
    assert buckets.first_day(slots[Span.WEEK]) == slots[Span.DAY]


def test_routing_learns_nothing_from_a_kept_answer(database: Database) -> None:
    keep(database, answered(cached=True, attempts=(), timing=Timing(START, 2.0, 2.0, 2.0, 2.0)))
    keep(database, answered(), "r2")
    speeds = calls.speeds(database, since=START - timedelta(days=1))
    assert list(speeds.values()) == [statistics.median([80 * 1000 / 2010])]
