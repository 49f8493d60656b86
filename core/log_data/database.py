"""The log in the app's own database, SQLite or PostgreSQL: read, never written, never migrated."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import Cause, LogUnavailable
from .columns import Kind, arrow_schema
from .frames import PORTION, Log, arrow, needs
from .selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Engine

    from .duck import DuckLog


class DatabaseLog(Log):
    """The log of one database; `open_database_log` makes it."""

    def __init__(self, engine: Engine, url: str | None, path: Path) -> None:
        self._engine, self._url, self._path = engine, url, path

    def tables(self, selection: Selection, rows: int) -> Iterator[pa.Table]:
        from ..store import log_rows

        names = [column.name for column in selection.columns]
        with _clear(self._url, self._path):
            for portion in log_rows.portions(
                self._engine,
                selection.frame,
                names,
                since=selection.since,
                until=selection.until,
                owners=selection.owners,
                rows=min(rows, PORTION),
            ):
                if portion:
                    yield _table(selection, portion)

    def attached(self, **bounds: Any) -> DuckLog:
        """The same rows for questions in SQL, read by DuckDB; `bounds` as of `open_parquet`.

        Needs DuckDB's extension for this database, sqlite or postgres. Raises LogUnavailable where it is not installed.
        """
        from .duck import attach

        return attach(self._url, self._path, **bounds)

    def close(self) -> None:
        self._engine.dispose()


def open_database_log(url: str | None, path: Path) -> DatabaseLog:
    """The log at the URL of a PostgreSQL, or in the SQLite file. Raises LogUnavailable."""
    needs("sqlalchemy", "log")
    arrow()
    from ..store import log_rows

    if url is None and not path.is_file():
        raise LogUnavailable("missing", f"There is no database {path}: start the app once, or name another file.")
    with _clear(url, path):
        engine = log_rows.connect(url, path)
        try:
            log_rows.check(engine)
        except BaseException:
            engine.dispose()
            raise
    return DatabaseLog(engine, url, path)


@contextmanager
def _clear(url: str | None, path: Path) -> Iterator[None]:
    """Failures of a database as LogUnavailable: one sentence, without an address or a password."""
    from sqlalchemy import exc

    from ..store import NewerSchema, Refused
    from ..store.backends import faults
    from ..store.log_rows import OlderSchema

    place = "The PostgreSQL database" if url else f"The database {path.name}"
    try:
        yield
    except NewerSchema as error:
        says = f"{place} is newer than this program, so nothing was read: update Roundtable."
        raise LogUnavailable("newer", says) from error
    except OlderSchema as error:
        says = f"{place} is older than this program. {error} Start the app once, which brings it up to date."
        raise LogUnavailable("older", says) from error
    except Refused as error:
        raise LogUnavailable("foreign", f"{place} cannot be read as Roundtable's. {error}") from error
    except (exc.DBAPIError, exc.TimeoutError, sqlite3.Error) as error:
        health = faults.diagnose(error)
        if health is None:
            raise
        cause, says = SENTENCES.get(health.code, SENTENCES["unreachable"])
        raise LogUnavailable(cause, f"{place} {says}") from error


SENTENCES: dict[str, tuple[Cause, str]] = {
    "unreachable": ("unreachable", "cannot be reached: see whether it runs, its address, and who may open it."),
    "locked": ("locked", "is being used by another program for long: try again when that has ended."),
    "broken": ("damaged", "is damaged or no database: restore a backup (scripts/backup), or name another one."),
}


def _table(selection: Selection, portion: Sequence[Sequence[Any]]) -> pa.Table:
    pa = arrow()
    values = zip(*portion, strict=True)
    arrays = [ARRAYS[column.kind](pa, next(values)) for column in selection.columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(selection.columns))


def _models(lanes: Any) -> list[str] | None:
    return None if lanes is None else [model_id for _, model_id in lanes]


ARRAYS: dict[Kind, Callable[[Any, Sequence[Any]], Any]] = {
    "text": lambda pa, values: pa.array(values, pa.string()),
    "texts": lambda pa, values: pa.array(map(_models, values), pa.list_(pa.string())),
    "int": lambda pa, values: pa.array(values, pa.int64()),
    "float": lambda pa, values: pa.array(values, pa.float64()),
    "bool": lambda pa, values: pa.array(values, pa.int8()).cast(pa.bool_()),
    "time": lambda pa, values: pa.array(values, pa.int64()).cast(pa.timestamp("us", "UTC")),
}
