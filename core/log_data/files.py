"""The log as files. Each is written beside its place and then put there: a reader finds the old one or the new one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..safety import spreadsheet
from .columns import TIMES, arrow_schema
from .selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

Tables = Callable[[Selection, int], "Iterator[pa.Table]"]
ROWS, GROUP = 20_000, 100_000  # read at once; in a row group, which is what a reader skips or reads
MONTH = re.compile(r"\d{4}-\d{2}\.parquet")
NOW = "now.parquet"  # of what has no history


def whole_months(selection: Selection) -> Selection:
    since, until = selection.since, selection.until
    if until and until != _month(until):
        until = _month(_month(until) + timedelta(days=32))
    return replace(selection, since=since and _month(since), until=until)


def _month(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def write_parquet(tables: Tables, selection: Selection, folder: Path) -> int:
    """The rows in files by month below `folder`, which may be read meanwhile; how many there are."""
    place = folder / selection.frame
    place.mkdir(parents=True, exist_ok=True)
    time = TIMES.get(selection.frame)
    rows = 0
    with ExitStack() as stack:
        writers: dict[str, _Writer] = {}
        for table in tables(selection, ROWS):
            rows += table.num_rows
            for name, part in _by_month(table, time) if time else [(NOW, table)]:
                if name not in writers:
                    writers[name] = stack.enter_context(_written(place / name, selection))
                writers[name].add(part)
    for path in place.glob("*.parquet"):
        if path.name not in writers and _in(selection, path):
            path.unlink()
    return rows


def _in(selection: Selection, path: Path) -> bool:
    """Whether that file was to be written, so that without rows it has become wrong."""
    if not MONTH.fullmatch(path.name):
        return path.name == NOW
    first = f"{selection.since:%Y-%m}" if selection.since else ""
    return first <= path.stem and (selection.until is None or path.stem < f"{selection.until:%Y-%m}")


def _by_month(table: pa.Table, time: str) -> Iterator[tuple[str, pa.Table]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    months = pc.strftime(table[time].cast(pa.timestamp("us")), "%Y-%m")  # without a zone it needs no table of zones
    for month in pc.unique(months).to_pylist():
        yield f"{month}.parquet", table.filter(pc.equal(months, month))


class _Writer:
    """Collects rows until they fill a row group."""

    def __init__(self, writer: Any) -> None:
        self._writer, self._rows = writer, 0
        self._tables: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        self._tables.append(table)
        self._rows += table.num_rows
        if self._rows >= GROUP:
            self.flush()

    def flush(self) -> None:
        import pyarrow as pa

        if self._tables:
            self._writer.write_table(pa.concat_tables(self._tables))
        self._tables, self._rows = [], 0


@contextmanager
def _written(path: Path, selection: Selection) -> Iterator[_Writer]:
    import pyarrow.parquet as pq

    with (
        _replacing(path) as beside,
        pq.ParquetWriter(beside, arrow_schema(selection.columns), compression="zstd") as writer,
    ):
        collected = _Writer(writer)
        yield collected
        collected.flush()


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A path to write to, put in place of the other when all went well."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_csv(tables: Tables, selection: Selection, folder: Path) -> int:
    """The rows in one file, by the only writer of CSV; how many there are. Times are ISO, in UTC."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = 0
    header = [column.name for column in selection.columns]
    with (
        _replacing(folder / f"{selection.frame}.csv") as beside,
        beside.open("w", encoding="utf-8", newline="") as file,
    ):

        def cells() -> Iterator[Iterable[object]]:
            nonlocal rows
            for table in tables(selection, ROWS):
                rows += table.num_rows
                columns = [table[name].to_pylist() for name in header]
                yield from (map(_cell, values) for values in zip(*columns, strict=True))

        file.writelines(spreadsheet.lines(header, cells()))
    return rows


def _cell(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return " ".join(value) if isinstance(value, list) else value
