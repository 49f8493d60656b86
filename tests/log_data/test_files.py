"""The log as Parquet and CSV: months, what is written again, what is left alone, and no formula in a cell."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from core import open_log, open_parquet
from core.log_data.columns import FRAMES, arrow_schema
from core.log_data.database import DatabaseLog
from core.log_data.selection import Selection
from core.store.database import Database
from core.store.opening import open_database
from core.store.tables import calls
from tests.log_data import seeded

MONTHS = ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12"]


def months(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "calls").iterdir())


def test_a_file_holds_a_month(log: DatabaseLog, tmp_path: Path) -> None:
    assert log.to_parquet(tmp_path / "out") == {"calls": 14, "messages": 4, "votes": 2, "quota": 4}
    assert months(tmp_path / "out") == MONTHS
    for frame, columns in FRAMES.items():
        paths = sorted((tmp_path / "out" / frame).iterdir())
        assert all(pq.read_schema(path).equals(arrow_schema(columns)) for path in paths)
    for path in (tmp_path / "out" / "calls").iterdir():
        assert {at.strftime("%Y-%m") for at in pd.read_parquet(path).started_at} == {path.stem}
    assert [path.name for path in (tmp_path / "out" / "quota").iterdir()] == ["now.parquet"]


def test_months_of_a_range_are_written_whole_and_others_stay(
    database: Database, log: DatabaseLog, tmp_path: Path
) -> None:
    log.to_parquet(tmp_path, frames=["calls"])
    before = {path.stem: path.stat().st_mtime_ns for path in (tmp_path / "calls").iterdir()}
    seeded.call(database, "ana", "late", seeded.START)  # saved later than the months after it
    written = log.to_parquet(tmp_path, frames=["calls"], since="2026-03-20", until="2026-04-02")
    assert written == {"calls": 7}
    after = {path.stem: path.stat().st_mtime_ns for path in (tmp_path / "calls").iterdir()}
    assert [month for month in MONTHS if before[month] != after[month]] == ["2026-03", "2026-04"]
    with open_parquet(tmp_path) as parquet:
        pd.testing.assert_frame_equal(parquet.calls(), log.calls())


def test_a_month_without_rows_any_more_goes(database: Database, log: DatabaseLog, tmp_path: Path) -> None:
    log.to_parquet(tmp_path)
    (tmp_path / "calls" / "notes.parquet").touch()  # somebody else's
    with database.write() as connection:
        connection.execute(calls.delete().where(calls.c.request_id.in_(["r1", "r8", "r9"])))
    log.to_parquet(tmp_path, since="2026-11-01")
    assert months(tmp_path) == [*MONTHS[:8], "notes"]
    log.to_parquet(tmp_path)
    assert months(tmp_path) == [MONTHS[0], *MONTHS[2:8], "notes"]


def test_what_fails_leaves_the_old_files(log: DatabaseLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.to_parquet(tmp_path)
    log.to_csv(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.[pc]*") if path.suffix in (".parquet", ".csv")}
    tables = log.tables

    def fails(selection: Selection, rows: int) -> Iterator[object]:
        yield from tables(selection, 1)
        raise OSError("the disk is full")

    monkeypatch.setattr(log, "tables", fails)
    for write in (log.to_parquet, log.to_csv):
        with pytest.raises(OSError, match="full"):
            write(tmp_path, frames=["calls", "messages"])
    assert {path: path.read_bytes() for path in before} == before
    assert not list(tmp_path.rglob("*.part"))


def test_a_spreadsheet_finds_no_formula(log: DatabaseLog, tmp_path: Path) -> None:
    assert log.to_csv(tmp_path / "csv")["messages"] == 4
    with (tmp_path / "csv" / "messages.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [column.name for column in FRAMES["messages"]]
    assert {row["text"] for row in rows} == {"Why is the sky blue?", "'=1+1", "Yes."}
    assert {row["finish"] for row in rows} == {"", "length"}
    with (tmp_path / "csv" / "votes.csv").open(encoding="utf-8-sig", newline="") as file:
        vote = next(csv.DictReader(file))
    assert (vote["models"], vote["voted_at"]) == ("sim/quick sim/steady", "2026-03-01T12:00:00+00:00")


def test_one_persons_files_hold_nothing_of_others(log: DatabaseLog, tmp_path: Path) -> None:
    log.of("ana").to_parquet(tmp_path / "parquet")
    log.of("ana").to_csv(tmp_path / "csv")
    for path in tmp_path.rglob("*.parquet"):
        if path.is_relative_to(tmp_path / "parquet"):
            assert set(pd.read_parquet(path).owner_id) == {"ana"}
    assert not any("ben" in path.read_text(encoding="utf-8") for path in (tmp_path / "csv").iterdir())


def test_an_empty_log_gives_files_that_open(tmp_path: Path) -> None:
    open_database(None, tmp_path / "data").close()
    with open_log(tmp_path / "data" / "roundtable.db") as log:
        assert set(log.to_parquet(tmp_path / "out").values()) == {0}
        log.to_csv(tmp_path / "csv")
        with open_parquet(tmp_path / "out") as parquet:
            for frame in FRAMES:
                pd.testing.assert_frame_equal(getattr(parquet, frame)(), getattr(log, frame)())
            assert parquet.sql("SELECT count(*) AS n FROM calls").n.tolist() == [0]
    assert (tmp_path / "csv" / "votes.csv").read_text(encoding="utf-8-sig").count("\n") == 1
