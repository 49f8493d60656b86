"""Who answered is kept: in the log, in times, through export and import, in answers given again, in batches."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from core.records import ChatRequest, Message, Note
from core.store import calls, turns
from core.store import completion as codec
from core.store.batches.tables import items
from core.store.database import Database
from core.store.latency.buckets import Metric
from core.store.latency.read import Measurements
from core.store.quota import cache
from core.store.tables import calls as call_rows
from core.views.batches import Item
from tests.store.conftest import OWNER
from tests.store.test_latency import OK, answered
from tests.store.test_portable import exported, import_

SERVED = {
    "served_model_id": "sim/slow",
    "response_model": "slow-2026-11",
    "served_by": "North",
    "system_fingerprint": "fp_1",
}
ROUTED = answered(model_id="sim/router", attempts=(replace(OK, model_id="sim/router"),), **SERVED)


def log(database: Database) -> list[dict[str, Any]]:
    with database.read() as connection:
        return [dict(row._mapping) for row in connection.execute(select(call_rows).order_by(call_rows.c.at))]


def test_the_log_keeps_who_was_asked_and_who_answered(database: Database) -> None:
    calls.add(database, OWNER, answered(), request_id="r1")
    calls.add(database, OWNER, ROUTED, request_id="r2")
    plain, routed = log(database)
    assert {name: plain[name] for name in SERVED} == dict.fromkeys(SERVED)
    assert {name: routed[name] for name in SERVED} == SERVED
    assert {(row.model_id, row.served_model_id, row.served_by) for row in calls.recent(database, OWNER)} == {
        ("sim/quick", None, None),
        ("sim/router", "sim/slow", "North"),
    }


def test_times_count_for_who_answered_and_failures_for_who_was_asked(database: Database) -> None:
    tried = replace(ROUTED.attempts[0], outcome="overloaded", model_id="sim/router")
    came = replace(ROUTED.attempts[0], n=2, model_id="sim/router")
    calls.add(database, OWNER, replace(ROUTED, attempts=(tried, came)), request_id="r1")
    measured = Measurements(database, OWNER)
    series = measured.series_of()
    assert set(measured.histograms(series, None, [Metric.TTFT])) == {"sim/slow"}
    assert measured.outcomes(series, None) == {"sim/router": {"overloaded": 1}, "sim/slow": {"ok": 1}}


def test_a_row_that_an_older_version_left_in_the_spool_has_nobody(database: Database) -> None:
    rows = calls.rows(OWNER, answered(), "r1")
    old = [{name: value for name, value in row.items() if name not in SERVED} for row in rows]
    database.save("calls", {"rows": [{**row, "conversation_id": None} for row in old]})
    (row,) = log(database)
    assert {name: row[name] for name in SERVED} == dict.fromkeys(SERVED)
    assert set(Measurements(database, OWNER).histograms(Measurements(database, OWNER).series_of(), None, [Metric.TTFT]))


def test_export_and_import_keep_it(database: Database, say: Callable[..., turns.Begun]) -> None:
    say("r1", "Why?")
    turns.finish(database, OWNER, "r1", replace(ROUTED, notes=(Note("another_model", "slow"),)))
    (row,) = [row for row in csv.DictReader(io.StringIO(exported(database, "csv"))) if row["role"] == "assistant"]
    assert (row["model_id"], row["served_model_id"], row["served_by"]) == ("sim/router", "sim/slow", "North")
    assert "### Answer · sim/router · answered by sim/slow".replace("#", "") in exported(database, "markdown")
    whole = json.loads(exported(database, "json"))
    stored = whole["conversations"][0]["messages"][1]["completion"]
    assert {name: stored[name] for name in SERVED} == SERVED
    assert import_(database, whole, owner="ben")[:2] == (1, 2)
    (copy,) = json.loads(exported(database, "json", owner="ben"))["conversations"]
    assert copy["messages"][1]["completion"] == stored
    assert import_(database, whole, owner="ben") == (0, 0, 1)
    read = codec.decode(stored, "Yes.")
    assert (read.answered_by, read.notes) == ("sim/slow", (Note("another_model", "slow"),))


def test_a_file_of_an_older_version_is_read(database: Database, say: Callable[..., turns.Begun]) -> None:
    say("r1", "Why?", "Because.")
    whole = json.loads(exported(database, "json"))
    assert not set(SERVED) & set(whole["conversations"][0]["messages"][1]["completion"])
    assert import_(database, whole, owner="ben")[:2] == (1, 2)
    row = list(csv.DictReader(io.StringIO(exported(database, "csv", owner="ben"))))[-1]
    assert (row["served_model_id"], row["served_by"]) == ("", "")


def test_an_answer_given_again_says_who_gave_it(database: Database) -> None:
    request = ChatRequest((Message("user", "Why?"),), "sim/router", reuse=True)
    assert cache.put(database, OWNER, request, replace(ROUTED, finish=ROUTED.finish))
    hit = cache.get(database, OWNER, request)
    assert hit
    assert (hit.completion.model_id, hit.completion.answered_by) == ("sim/router", "sim/slow")
    assert hit.completion.served_by == "North"


def test_a_row_of_a_batch_has_a_place_for_it() -> None:
    assert set(SERVED) <= set(items.c.keys())
    assert set(SERVED) <= set(Item.__dataclass_fields__)
