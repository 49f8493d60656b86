"""The table or tree that a block of CSV or JSON holds, for all that draws it.

    shape = of_text(text, "json")     # or of_value(value): a table where the value is rows, else a tree

A cell that a spreadsheet would run as a formula has an apostrophe in front, and text has no characters that hide or
reorder it.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .characters import cleaned
from .spreadsheet import harmless

LANGUAGES = frozenset({"csv", "tsv", "json", "jsonl", "ndjson"})
MOST_CHARS = 500_000  # of a block; a longer one stays code
MOST_ROWS, MOST_COLUMNS, MOST_CELL_CHARS = 1_000, 60, 2_000
MOST_NODES, MOST_DEPTH = 5_000, 40  # of a tree
TREE_LINES = 15  # JSON that is no table and shorter than this is read faster as it is
UNNAMED = "Column {number}"  # a column without a head
_EXACT = 2**53  # a browser rounds larger whole numbers
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_SEPARATORS = {"tsv": "\t"}


@dataclass(frozen=True, slots=True)
class DataTable:
    """`columns` have different names, and a column of numbers has only numbers and None; `total` rows in the text."""

    columns: dict[str, list[Any]]
    total: int


@dataclass(frozen=True, slots=True)
class DataTree:
    value: Any


def of_text(text: str, language: str, unnamed: str = UNNAMED) -> DataTable | DataTree | None:
    """None where the text is no such data, or where code is the better sight of it: it stays a code block. `unnamed` is
    what a column without a head is called, with "{number}" in it."""
    if language not in LANGUAGES or not text.strip() or len(text) > MOST_CHARS:
        return None
    if language in ("csv", "tsv"):
        return _of_csv(text, _SEPARATORS.get(language), unnamed)
    try:
        value = json.loads(text) if language == "json" else [json.loads(line) for line in text.splitlines() if line]
        shape = of_value(value, unnamed)
    except (ValueError, RecursionError):
        return None
    if isinstance(shape, DataTree) and (text.strip().count("\n") + 1 < TREE_LINES or not _is_drawable(value)):
        return None
    return shape


def of_value(value: Any, unnamed: str = UNNAMED) -> DataTable | DataTree:
    """A table of a list of objects or of lists of one length, also where an object holds just that; else a tree."""
    if isinstance(value, dict) and len(value) == 1:
        inner = next(iter(value.values()))
        if isinstance(inner, list) and (table := _of_rows(inner, unnamed)):
            return table
    if isinstance(value, list) and (table := _of_rows(value, unnamed)):
        return table
    return DataTree(_exact(value))


def _of_csv(text: str, separator: str | None, unnamed: str) -> DataTable | None:
    for delimiter in [separator] if separator else [",", ";", "\t"]:
        try:
            reader = csv.reader(_LINE.findall(text.strip()), delimiter=delimiter, skipinitialspace=delimiter != "\t")
            rows = [row for row in reader if row]
        except csv.Error:
            return None
        if len(rows) > 1 and len(rows[0]) > 1:
            heads, body = rows[0], rows[1:]
            if len(heads) > MOST_COLUMNS or any(len(row) > len(heads) for row in body):
                return None  # a table would lose cells
            padded = ([*row, *[""] * (len(heads) - len(row))] for row in body[:MOST_ROWS])
            cells = zip(*padded, strict=True)
            return _table(heads, [_parsed(column) for column in cells], len(body), unnamed)
    return None


def _of_rows(rows: list[Any], unnamed: str) -> DataTable | None:
    if len(rows) < 2 or not all(rows):
        return None
    if all(isinstance(row, dict) for row in rows):
        names = list(dict.fromkeys(name for row in rows for name in row))
        if len(names) > MOST_COLUMNS or len(names) > 3 * max(map(len, rows)):
            return None  # objects of different kinds
        return _table(names, [[row.get(name) for row in rows[:MOST_ROWS]] for name in names], len(rows), unnamed)
    if all(isinstance(row, list) and len(row) == len(rows[0]) > 1 for row in rows) and len(rows[0]) <= MOST_COLUMNS:
        if any(isinstance(cell, dict | list) for row in rows for cell in row):
            return None
        heads = rows[0] if all(isinstance(cell, str) for cell in rows[0]) else [""] * len(rows[0])
        body = rows if heads[0] == "" else rows[1:]
        return _table(heads, [list(column) for column in zip(*body[:MOST_ROWS], strict=True)], len(body), unnamed)
    return None


def _table(heads: Sequence[str], columns: Iterable[Sequence[Any]], total: int, unnamed: str) -> DataTable:
    named: dict[str, list[Any]] = {}
    for number, (head, cells) in enumerate(zip(heads, columns, strict=True), 1):
        name = base = str(harmless(_short(head).strip())) or unnamed.format(number=number)
        again = 2
        while name in named:
            name, again = f"{base} ({again})", again + 1
        named[name] = _of_one_kind(cells)
    return DataTable(named, total)


def _of_one_kind(cells: Sequence[Any]) -> list[Any]:
    """Numbers or booleans with gaps stay as they are; in every other column all is text, as it would be in the file."""
    filled = [cell for cell in cells if cell is not None]
    for kinds in ((bool,), (int,), (int, float)):
        if filled and all(type(cell) in kinds and abs(cell) <= _EXACT for cell in filled):
            return list(cells)
    return [None if cell is None else str(harmless(_short(_written(cell)))) for cell in cells]


def _parsed(cells: Sequence[str]) -> list[Any]:
    """A column of a CSV as numbers if every cell that is not empty is one; "007" and "+49" are not."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if filled and all(_NUMBER.fullmatch(cell) for cell in filled):
        read = float if any(re.search(r"[.eE]", cell) for cell in filled) else int
        return [read(cell) if cell.strip() else None for cell in cells]
    return [cell or None for cell in cells]


def _written(cell: object) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)


def _short(text: str) -> str:
    text = cleaned(text)[0]
    return text if len(text) <= MOST_CELL_CHARS else text[:MOST_CELL_CHARS] + "…"


def _exact(value: Any) -> Any:
    """Numbers that a browser would round, or that are no JSON, become texts."""
    if isinstance(value, dict):
        return {cleaned(str(name))[0]: _exact(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    if isinstance(value, str):
        return cleaned(value)[0]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _is_drawable(value: Any) -> bool:
    """Whether a browser draws its tree at once: an object or a list, not too many values, not too deep."""
    if not isinstance(value, dict | list):
        return False
    level, nodes = [value], 0
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        nodes += len(level)
        if not level or nodes > MOST_NODES:
            return nodes <= MOST_NODES
    return False
