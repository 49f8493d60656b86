"""The log for DuckDB: over Parquet files, or over the database itself where DuckDB's extension for it is installed.

DuckDB runs in this process, in bounded memory, and uses a temporary folder for what is larger. A question may read the
log and nothing else: no other file, no network, no setting.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from . import LogUnavailable
from .attached import ORDER, views
from .columns import DUCKDB_TYPES, FRAMES, TIMES, Frame, arrow_schema
from .frames import Log, arrow, needs, to_pandas
from .selection import Selection

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

MEMORY_MB = 1000
NOTHING: Mapping[Frame, str] = MappingProxyType({})
PARQUET_FILES = "*.parquet"


@dataclass(frozen=True, slots=True)
class DuckBounds:
    """What DuckDB may use: `memory_mb` (10^6 bytes), then `temp_folder` (None: one of the system's); `threads`
    None: as many as there are cores."""

    memory_mb: int = MEMORY_MB
    temp_folder: str | Path | None = None
    threads: int | None = None


class DuckLog(Log):
    """The log behind DuckDB, whose views are named like the frames: calls, messages, votes, quota."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, temp_folder: Path, order: Mapping[Frame, str] = NOTHING
    ) -> None:
        """`order`: by frame, where its rows do not come in order by themselves."""
        self._connection, self._order = connection, order
        self._lock = Lock()
        self._leave = weakref.finalize(self, shutil.rmtree, temp_folder, ignore_errors=True)  # where nobody closes it

    def sql(self, question: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """The answer to one SELECT in DuckDB's SQL, whole in memory; `?` stands for a parameter. Times are UTC.

        Raises ValueError, in a sentence, for a question that DuckDB cannot answer or that is more than a question.
        """
        import duckdb

        with self._lock, _clear():
            statements = duckdb.extract_statements(question)
            if len(statements) != 1 or statements[0].type not in (
                duckdb.StatementType.SELECT,
                duckdb.StatementType.EXPLAIN,
            ):
                raise ValueError("Ask one question, beginning with SELECT, FROM or WITH: a log is only read.")
            return to_pandas(_plain(self._connection.sql(question, params=list(parameters)).to_arrow_table()))

    def tables(self, selection: Selection, rows: int) -> Iterator[pa.Table]:
        question, parameters = _question(selection)
        if order := self._order.get(selection.frame):
            question += f" ORDER BY {order}"
        pa, schema = arrow(), arrow_schema(selection.columns)
        with _clear():
            cursor = self._connection.cursor()
            try:
                for batch in cursor.sql(question, params=parameters).to_arrow_reader(rows):
                    if batch.num_rows:
                        yield pa.Table.from_batches([batch]).cast(schema)
            finally:
                cursor.close()

    def close(self) -> None:
        self._connection.close()
        self._leave()


def open_parquet(
    folder: str | Path,
    *,
    memory_mb: int = MEMORY_MB,
    temp_folder: str | Path | None = None,
    threads: int | None = None,
) -> DuckLog:
    """The log that `to_parquet` wrote into that folder. Raises LogUnavailable."""
    needs("duckdb", "log")
    arrow()
    place = Path(folder).absolute()
    if not any((place / frame).is_dir() for frame in FRAMES):
        raise LogUnavailable(
            "missing",
            f"There is no log in {place}: write one there with open_log().to_parquet(folder), or name another.",
        )
    with _opening(DuckBounds(memory_mb, temp_folder, threads)) as (log, connection):
        for frame in FRAMES:
            connection.execute(f"CREATE VIEW {frame} AS {_over_files(place / frame, frame)}")
        _restrict(connection, [place])
    return log


@contextmanager
def _opening(
    bounds: DuckBounds, order: Mapping[Frame, str] = NOTHING
) -> Iterator[tuple[DuckLog, duckdb.DuckDBPyConnection]]:
    """A log without views yet; closed where making them fails."""
    connection, temp = _connect(bounds)
    log = DuckLog(connection, temp, order)
    try:
        with _clear():
            yield log, connection
    except BaseException:
        log.close()
        raise


def _over_files(place: Path, frame: Frame) -> str:
    """The rows of all files, with a column of NULLs for one that an older program did not write."""
    columns = FRAMES[frame]
    names = ", ".join(f'"{column.name}"' for column in columns)
    typed = ", ".join(f'NULL::{DUCKDB_TYPES[column.kind]} AS "{column.name}"' for column in columns)
    none = f"SELECT {typed} LIMIT 0"
    if not any(place.glob(PARQUET_FILES)):
        return none
    files = f"read_parquet({_quoted(place / PARQUET_FILES)}, union_by_name => true)"
    return f"SELECT {names} FROM (({none}) UNION ALL BY NAME (FROM {files}))"  # noqa: S608 - names of ours


def attach(url: str | None, path: Path, **bounds: Any) -> DuckLog:
    """The log in the PostgreSQL, or in the SQLite file, read by DuckDB's extension. Raises LogUnavailable."""
    needs("duckdb", "log")
    import duckdb

    kind: Literal["sqlite", "postgres"] = "sqlite" if url is None else "postgres"
    place = _quoted(path.absolute() if url is None else _libpq(url))
    with _opening(DuckBounds(**bounds), ORDER) as (log, connection):
        try:
            connection.execute(f"LOAD {kind}")
        except duckdb.Error as error:
            raise LogUnavailable(
                "package",
                f"DuckDB {duckdb.__version__} has no extension {kind} here: run duckdb.sql('INSTALL {kind}') once, "
                "with a way to the internet, or use to_parquet and open_parquet.",
            ) from error
        try:
            connection.execute(f"ATTACH {place} AS source (TYPE {kind}, READ_ONLY)")
        except duckdb.Error:  # its words may hold the password
            raise LogUnavailable("unreachable", "DuckDB cannot open the database, though it is there.") from None
        for frame, view in views(kind).items():
            connection.execute(f"CREATE VIEW {frame} AS {view}")
        _restrict(connection, [path.absolute().parent] if url is None else [])
    return log


def _libpq(url: str) -> str:
    from ..store.backends import postgresql

    return postgresql.address(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _connect(bounds: DuckBounds) -> tuple[duckdb.DuckDBPyConnection, Path]:
    import duckdb

    if bounds.memory_mb < 50:
        raise ValueError(f"memory_mb must be at least 50, not {bounds.memory_mb}.")
    if bounds.threads is not None and bounds.threads < 1:
        raise ValueError(f"threads must be at least 1, not {bounds.threads}.")
    temp = Path(tempfile.mkdtemp(prefix="roundtable-log-", dir=bounds.temp_folder))
    options: dict[str, Any] = {
        "memory_limit": f"{bounds.memory_mb}MB",
        "temp_directory": str(temp),
        "TimeZone": "UTC",
        "autoinstall_known_extensions": False,
        "preserve_insertion_order": True,
    }
    if bounds.threads:
        options["threads"] = bounds.threads
    connection = duckdb.connect()
    for name, value in options.items():
        connection.execute(f"SET {name} = {_quoted(value) if isinstance(value, str) else value}")
    return connection, temp


def _restrict(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> None:
    """From now on no other file can be read or written, and none of this can be changed."""
    connection.execute(f"SET allowed_directories = [{', '.join(map(_quoted, folders))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _question(selection: Selection) -> tuple[str, list[Any]]:
    """The rows of a selection, as they come: of Parquet in the order of the files."""
    conditions: list[str] = []
    parameters: list[Any] = []
    time = TIMES.get(selection.frame)
    if selection.since:
        conditions.append(f"{time} >= ?" if time else "window_ends_at > ? OR window_ends_at IS NULL")
        parameters.append(selection.since)
    if selection.until:
        conditions.append(f"{time} < ?" if time else "window_starts_at < ? OR window_starts_at IS NULL")
        parameters.append(selection.until)
    if selection.owners is not None:
        conditions.append("list_contains(?::VARCHAR[], owner_id)" if len(selection.owners) != 1 else "owner_id = ?")
        parameters.append(list(selection.owners) if len(selection.owners) != 1 else selection.owners[0])
    names = ", ".join(f'"{column.name}"' for column in selection.columns)
    where = " AND ".join(f"({condition})" for condition in conditions) or "true"
    return f"SELECT {names} FROM {selection.frame} WHERE {where}", parameters  # noqa: S608 - names of ours


def _plain(table: pa.Table) -> pa.Table:
    """Times in UTC by that name. Sums of integers, which DuckDB makes wider than any column, as integers again, or as
    floats where they are too large."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz:
            column = table.column(place).cast(pa.timestamp(field.type.unit, "UTC"))
            table = table.set_column(place, field.name, column)
        if pa.types.is_decimal(field.type) and field.type.scale == 0:
            try:
                column = table.column(place).cast(pa.int64())
            except pa.ArrowInvalid:
                column = table.column(place).cast(pa.float64())
            table = table.set_column(place, field.name, column)
    return table


@contextmanager
def _clear() -> Iterator[None]:
    """DuckDB's own sentence about a question; a log that cannot be read is LogUnavailable."""
    import duckdb

    try:
        yield
    except duckdb.IOException as error:
        raise LogUnavailable("unreachable", f"The log cannot be read by DuckDB: {_first_line(error)}") from error
    except duckdb.Error as error:
        raise ValueError(f"DuckDB cannot answer: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
