"""What rows are written with: values that both databases accept, derived ids, the database's clock, and an insert that
leaves existing rows as they are."""

from __future__ import annotations

import json
import math
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import BigInteger, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement

ROOT = uuid5(NAMESPACE_URL, "roundtable")


def clean(value: Any) -> Any:
    """Text and JSON that both databases accept: without NUL, lone surrogates, NaN and infinity."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict):
        return {_clean_text(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _clean_text(value: str) -> str:
    if "\x00" in value:
        value = value.replace("\x00", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def derived(owner_id: str, *parts: str) -> str:
    """A deterministic id of the parts, different for every owner."""
    return str(uuid5(ROOT, "\n".join((owner_id, *parts))))


class clock(FunctionElement[int]):  # noqa: N801 - it reads as a function in SQL
    """The database's clock in microseconds, the only one that leases are compared with."""

    inherit_cache = True
    type = BigInteger()


@compiles(clock, "sqlite")
def _clock_sqlite(element: ColumnElement[int], compiler: Any, **_: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000"


@compiles(clock, "postgresql")
def _clock_postgresql(element: ColumnElement[int], compiler: Any, **_: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]], **computed: Any) -> int:
    """Insert the rows whose keys are new; returns how many were. All rows name the same columns.

    `computed` are columns whose value the database computes, with the same expression in every call for a table.
    """
    if not rows:
        return 0
    names = tuple(name for name in rows[0] if name in table.c)
    dialect = connection.dialect.name
    key = (dialect, table.name, names)
    if key not in _INSERTS:
        _INSERTS[key] = _insert(dialect, table, names, computed)
    return connection.execute(_INSERTS[key], rows[0] if len(rows) == 1 else rows).rowcount


_INSERTS: dict[tuple[str, str, tuple[str, ...]], sqlite.Insert | postgresql.Insert] = {}


def _insert(dialect: str, table: Table, names: tuple[str, ...], computed: dict[str, Any]) -> Any:
    columns = {name: bindparam(name, type_=table.c[name].type) for name in names} | computed
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return insert.values(columns).on_conflict_do_nothing().inline().execution_options(preserve_rowcount=True)
