"""The columns `expected.FIELD` of a table: what each row expects of the fields of its answer.

A cell that is empty expects nothing; `""` expects an empty text and `null` none. In JSONL, `{"expected": {"total": 3}}`
and `{"expected.total": 3}` say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..records import ResponseFormat
from ..schemas import fields
from ..schemas.faults import BadSchema
from ..schemas.reading import parsed
from ..views.batches import Batch
from .table import Table


@dataclass(frozen=True, slots=True)
class ExpectedFields:
    """`names` in the order of the columns; `rows`: by field, what each row expects."""

    names: tuple[str, ...] = ()
    rows: tuple[dict[str, str], ...] = ()

    @property
    def expecting(self) -> int:
        """How many rows expect something."""
        return sum(map(bool, self.rows))


def of_table(table: Table) -> ExpectedFields:
    by_column = fields.expected_in(table.columns)
    if not by_column:
        return ExpectedFields()
    places = {table.columns.index(column): name for column, name in by_column.items()}
    rows = tuple({name: cell for place, name in places.items() if (cell := row[place].strip())} for row in table.rows)
    return ExpectedFields(tuple(dict.fromkeys(places.values())), rows)


def unknown(names: Sequence[str], form: ResponseFormat | None) -> list[str]:
    """Those that are no field of the schema; none where the answer is any JSON."""
    if form is None or form.kind != "schema":
        return []
    try:
        schema = parsed(form.schema_json)
    except BadSchema:
        return []
    return [name for name in names if not fields.may_be_in(schema, name)]


def of_schema(form: ResponseFormat | None) -> tuple[str, ...]:
    """The fields of the answers, a column each; () where there is no schema."""
    if form is None or form.kind != "schema":
        return ()
    return _names(form.schema_json)


@lru_cache(maxsize=32)
def _names(schema_json: str) -> tuple[str, ...]:
    try:
        return fields.names(parsed(schema_json))
    except BadSchema:
        return ()


def shown(batch: Batch) -> tuple[str, ...]:
    """The fields that have a column in the results: those of the schema, and others that are compared."""
    return tuple(dict.fromkeys((*of_schema(batch.form), *batch.fields)))
