"""The log behind DuckDB: the same frames, questions in SQL, and nothing else within reach."""

from __future__ import annotations

import gc
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import open_parquet
from core.log_data import LogUnavailable, duck
from core.log_data.attached import views
from core.log_data.columns import FRAMES
from core.log_data.database import DatabaseLog
from core.log_data.duck import DuckLog
from core.log_data.frames import to_pandas

CHOICES = (
    {}, {"owner": "ana"}, {"owner": ["ana", "ben"]}, {"owner": []}, {"since": "2026-03-02", "until": "2026-07-05"},
)  # fmt: skip


@pytest.fixture
def parquet(log: DatabaseLog, tmp_path: Path) -> DuckLog:
    log.to_parquet(tmp_path / "out")
    return open_parquet(tmp_path / "out", memory_mb=200, temp_folder=tmp_path, threads=1)


def test_parquet_gives_the_frames_of_the_database(log: DatabaseLog, parquet: DuckLog) -> None:
    for frame, columns in FRAMES.items():
        for choice in CHOICES:
            pd.testing.assert_frame_equal(getattr(parquet, frame)(**choice), getattr(log, frame)(**choice))
        names = [column.name for column in reversed(columns)]
        assert list(getattr(parquet, frame)(columns=names).columns) == names
        pieces = list(parquet.portions(frame, rows=1))
        pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), getattr(log, frame)())
        pd.testing.assert_frame_equal(getattr(parquet.of("ana"), frame)(), getattr(log, frame)(owner="ana"))
    parquet.close()


def test_a_question_in_sql(parquet: DuckLog) -> None:
    answer = parquet.sql(
        "SELECT model_id, date_trunc('month', started_at) AS month, median(ttft_ms) AS ms, "
        "sum(output_tokens) AS tokens FROM calls WHERE owner_id = ? GROUP BY ALL ORDER BY month LIMIT 1",
        ["ana"],
    )
    (row,) = answer.to_dict("records")
    assert row == {"model_id": "sim/quick", "month": pd.Timestamp("2026-03-01", tz="UTC"), "ms": 100.5, "tokens": 40}
    assert [str(dtype) for dtype in answer.dtypes] == ["string", "datetime64[us, UTC]", "Float64", "Int64"]
    assert parquet.sql("SELECT sum(9223372036854775807::HUGEINT * 4) AS n").n.tolist() == [2.0**65]
    joined = "SELECT count(*) AS n FROM messages JOIN calls USING (conversation_id)"
    assert parquet.sql(joined).n.tolist() == [8]
    settings = parquet.sql("SELECT DISTINCT effort, response_format, tools FROM calls")
    assert settings.values.tolist() == [["2000", "schema", "a b"]]
    assert parquet.sql("SELECT unnest(models) AS model FROM votes").model.nunique() == 2


def test_every_column_can_be_named_without_quotes(parquet: DuckLog) -> None:
    for frame, columns in FRAMES.items():
        parquet.sql(f"SELECT {', '.join(column.name for column in columns)} FROM {frame}")
        for column in columns:
            parquet.sql(f"SELECT max({column.name}) FROM {frame} GROUP BY {column.name}")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", "Ask one question"),
        ("SELECT 1; SELECT 2", "Ask one question"),
        ("COPY calls TO 'calls.csv'", "a log is only read"),
        ("CREATE TABLE copy AS FROM calls", "a log is only read"),
        ("SET memory_limit = '9GB'", "a log is only read"),
        ("SELECT model FROM calls", "DuckDB cannot answer"),
        ("SELEC 1", "DuckDB cannot answer"),
        ("SELECT * FROM read_text('/etc/passwd')", "DuckDB cannot answer: Permission"),
        ("SELECT * FROM read_csv('https://log.invalid/a.csv')", "DuckDB cannot answer"),
    ],
)
def test_a_question_reads_the_log_and_nothing_else(parquet: DuckLog, question: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parquet.sql(question)


def test_memory_is_bounded_and_the_temporary_folder_goes(
    log: DatabaseLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.to_parquet(tmp_path / "out")
    (tmp_path / "temp").mkdir()
    with open_parquet(tmp_path / "out", memory_mb=60, temp_folder=tmp_path / "temp", threads=1) as parquet:
        settings = parquet.sql("SELECT name, value FROM duckdb_settings()").set_index("name").value
        assert settings["memory_limit"] == "57.2 MiB"
        assert len(list((tmp_path / "temp").iterdir())) == 1
        sort = "SELECT hash(range) AS h, repeat('x', 100) AS x FROM range(1500000) ORDER BY h DESC"
        assert len(parquet.sql(f"SELECT max(h) AS h FROM ({sort} LIMIT 1400000)")) == 1  # larger than the memory
    assert list((tmp_path / "temp").iterdir()) == []
    forgotten = open_parquet(tmp_path / "out", temp_folder=tmp_path / "temp")
    del forgotten
    gc.collect()
    assert list((tmp_path / "temp").iterdir()) == []
    with pytest.raises(ValueError, match="at least 50"):
        open_parquet(tmp_path / "out", memory_mb=5)


def test_files_of_an_older_program_lack_a_column(log: DatabaseLog, tmp_path: Path) -> None:
    log.to_parquet(tmp_path)
    for path in sorted((tmp_path / "calls").iterdir())[:3]:
        pq.write_table(pq.read_table(path).drop_columns(["error_id", "seed"]), path)
    with open_parquet(tmp_path) as parquet:
        read = parquet.calls()
        assert list(read.columns) == [column.name for column in FRAMES["calls"]]
        assert read.seed.isna().sum() == 7
        assert len(read) == 14


def test_a_folder_without_a_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogUnavailable, match="There is no log in") as caught:
        open_parquet(tmp_path)
    assert caught.value.cause == "missing"


def test_the_views_over_a_database_give_its_frames(log: DatabaseLog, tmp_path: Path) -> None:
    """Over a copy of its tables, as DuckDB's extension shows them: the extension itself may not be installed."""
    with closing(sqlite3.connect(tmp_path / "data" / "roundtable.db")) as source, closing(duckdb.connect()) as target:
        target.execute("SET TimeZone = 'UTC'")
        target.execute("ATTACH ':memory:' AS source")
        for name in ("calls", "messages", "conversations", "votes", "quota_meters", "quota_shares"):
            cursor = source.execute(f"SELECT * FROM {name}")
            columns = [column[0] for column in cursor.description]
            values = list(zip(*cursor.fetchall(), strict=True))
            rows = pa.table({column: pa.array(values[place]) for place, column in enumerate(columns)})
            target.register("rows", rows)
            target.execute(f"CREATE TABLE source.main.{name} AS FROM rows")
        for frame, view in views("sqlite").items():
            table = target.sql(view).to_arrow_table()
            names = [column.name for column in FRAMES[frame] if column.kind != "texts"][:7]
            seen = to_pandas(duck._plain(table)).sort_values(names, ignore_index=True)
            expected = getattr(log, frame)().sort_values(names, ignore_index=True)
            pd.testing.assert_frame_equal(seen, expected)


def test_the_database_is_attached_or_what_it_takes_is_said(log: DatabaseLog, tmp_path: Path) -> None:
    (tmp_path / "temp").mkdir()
    if not duckdb.execute("FROM duckdb_extensions() WHERE extension_name = 'sqlite_scanner' AND installed").fetchall():
        with pytest.raises(LogUnavailable, match="has no extension sqlite here") as caught:
            log.attached(temp_folder=tmp_path / "temp")
        assert caught.value.cause == "package"
        assert list((tmp_path / "temp").iterdir()) == []
        return
    with log.attached(memory_mb=200) as attached:
        for choice in CHOICES:
            pd.testing.assert_frame_equal(attached.calls(**choice), log.calls(**choice))
            pd.testing.assert_frame_equal(attached.votes(**choice), log.votes(**choice))
