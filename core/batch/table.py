"""Reading what a person hands in: CSV, JSONL or pasted lines become columns and rows. Pure.

    read(b"prompt,expected\\n1+1?,2\\n", "csv")     Table(columns, rows, ...)
    prompts(table, "prompt", "expected")           [("1+1?", "2")]

A fault is a `BadTable` with a code, the row it is in (as a text editor counts lines) and a detail.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Form = Literal["csv", "jsonl", "lines"]
MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")
SAMPLE_CHARS = 20_000
PROMPT_NAMES = ("prompt", "question", "input", "query", "instruction", "text", "提示词", "提示", "问题", "题目", "输入")
EXPECTED_NAMES = (
    "expected",
    "answer",
    "target",
    "label",
    "reference",
    "output",
    "期望",
    "答案",
    "参考答案",
    "标准答案",
)
Codes = Literal[
    "too_large", "too_many", "encoding", "empty", "quote", "cells", "columns", "json", "object", "no_prompt", "long"
]


class BadTable(ValueError):
    """A file that cannot be used. `row` is the line of the file, 0 for the file as a whole."""

    def __init__(self, code: Codes, row: int = 0, detail: str = "") -> None:
        super().__init__(f"{code} in row {row}: {detail}")
        self.code = code
        self.row = row
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are as long as `columns`; `lines` tells where in the file each begins. `named`: the file
    named the columns.

    `encoding` and `delimiter` say how it was read ("" where there was no choice).
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    encoding: str = ""
    delimiter: str = ""
    named: bool = True

    @property
    def prompt_column(self) -> str:
        """The column that looks like the prompts."""
        return self._like(PROMPT_NAMES) or self.columns[0]

    @property
    def expected_column(self) -> str | None:
        """The column that looks like the expected answers, if one does."""
        found = self._like(EXPECTED_NAMES)
        return found if found != self.prompt_column else None

    def _like(self, names: Sequence[str]) -> str | None:
        known = {column.strip().casefold(): column for column in reversed(self.columns)}
        return next((known[name] for name in names if name in known), None)


def form_of(file_name: str) -> Form:
    """By the ending of a file's name; what has no known one is lines."""
    ending = file_name.rpartition(".")[2].lower()
    return "csv" if ending in ("csv", "tsv") else "jsonl" if ending in ("jsonl", "ndjson") else "lines"


def read(data: bytes | str, form: Form, *, named: bool | None = None) -> Table:
    """The table in a file or in pasted text. `named`: whether a CSV's first row names its columns; None: guess."""
    if len(data) > MOST_BYTES:
        raise BadTable("too_large", detail=str(MOST_BYTES // 1024 // 1024))
    text, encoding = (data.removeprefix("\ufeff"), "") if isinstance(data, str) else _decoded(data)
    text = text.replace("\x00", "")
    if not text.strip():
        raise BadTable("empty")
    table = {"csv": lambda: _csv(text, encoding, named), "jsonl": lambda: _jsonl(text, encoding)}.get(
        form, lambda: _lines(text, encoding)
    )()
    if not table.rows:
        raise BadTable("empty")
    return table


def prompts(
    table: Table, prompt_column: str, expected_column: str | None = None, *, most_chars: int = 200_000
) -> list[tuple[str, str | None]]:
    """The prompts with what is expected of their answers (None where the cell is empty)."""
    asked = table.columns.index(prompt_column)
    wanted = table.columns.index(expected_column) if expected_column else None
    made = []
    for row, line in zip(table.rows, table.lines, strict=True):
        prompt = row[asked].strip()
        if not prompt:
            raise BadTable("no_prompt", line, prompt_column)
        expected = row[wanted].strip() if wanted is not None else ""
        if max(len(prompt), len(expected)) > most_chars:
            raise BadTable("long", line, f"{most_chars:,}")
        made.append((prompt, expected or None))
    return made


def _decoded(data: bytes) -> tuple[str, str]:
    """UTF-8 with or without a mark, UTF-16 with one, else GBK; the name of the one that it was."""
    tries: tuple[tuple[str, str], ...]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries = (("utf-16", "UTF-16"),)
    elif data.startswith(b"\xef\xbb\xbf"):
        tries = (("utf-8-sig", "UTF-8"),)
    else:
        tries = (("utf-8", "UTF-8"), ("gb18030", "GBK"))
    line = 0
    for codec, name in tries:
        try:
            return data.decode(codec), name
        except UnicodeDecodeError as error:
            line = line or data.count(b"\n", 0, error.start) + 1
    raise BadTable("encoding", line)


def _lines(text: str, encoding: str) -> Table:
    found = [(line.strip(), n) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    _not_too_many(found)
    return Table(("prompt",), tuple((line,) for line, _ in found), tuple(n for _, n in found), encoding, named=False)


def _csv(text: str, encoding: str, named: bool | None) -> Table:
    csv.field_size_limit(MOST_BYTES)
    delimiter = _delimiter(text)
    records: list[tuple[list[str], int]] = []
    for record in _records(text, delimiter):
        records.append(record)
        if len(records) > MOST_ROWS + 1:
            raise BadTable("too_many", detail=f"{MOST_ROWS:,}")
    if not records:
        raise BadTable("empty")
    first = [cell.strip() for cell in records[0][0]]
    has_names = _are_names(first) if named is None else named
    width = len(first) if has_names else max(len(cells) for cells, _ in records)
    if width > MOST_COLUMNS:
        raise BadTable("columns", detail=str(MOST_COLUMNS))
    columns = _unique(first if has_names else [f"{n}" for n in range(1, width + 1)])
    body = records[1:] if has_names else records
    _not_too_many(body)
    for cells, line in body:
        if len(cells) > width:
            raise BadTable("cells", line, f"{len(cells)} > {width}")
    rows = tuple((*cells, *[""] * (width - len(cells))) for cells, _ in body)
    return Table(tuple(columns), rows, tuple(line for _, line in body), encoding, delimiter, has_names)


def _records(text: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Each record that holds anything, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BadTable("quote", begins) from None
        if any(cell.strip() for cell in cells):
            yield cells, begins
        begins = reader.line_num + 1


def _delimiter(text: str) -> str:
    """The sign that splits the first records into the same number of cells, and into the most."""

    def score(delimiter: str) -> tuple[int, int]:
        widths: list[int] = []
        try:
            for cells, _ in _records(text[:SAMPLE_CHARS], delimiter):
                widths.append(len(cells))
                if len(widths) == 20:
                    break
        except BadTable:
            widths = widths[:-1]  # where the sample was cut, or the file is wrong: reading it will tell
        if not widths or widths[0] < 2:
            return (0, 0)
        return (sum(width == widths[0] for width in widths) * 100 // len(widths), widths[0])

    best = max(DELIMITERS, key=score)
    return best if score(best)[1] > 1 else ","


def _are_names(cells: Sequence[str]) -> bool:
    """Whether a first row names the columns: a name that is known, or several short words and no number."""
    known = {cell.casefold() for cell in cells} & {*PROMPT_NAMES, *EXPECTED_NAMES}
    words = all(cell and len(cell) <= 40 and not cell[0].isdigit() and cell[-1] not in ".?!。？！" for cell in cells)
    return bool(known) or (len(cells) > 1 and words)


def _unique(names: Sequence[str]) -> list[str]:
    made: list[str] = []
    for place, name in enumerate(names, 1):
        wanted = name or str(place)
        while wanted in made:
            wanted += f" ({place})"
        made.append(wanted)
    return made


def _jsonl(text: str, encoding: str) -> Table:
    found: list[tuple[dict[str, str], int]] = []
    columns: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            record = _object(line, number)
            columns.update(dict.fromkeys(record))
            found.append((record, number))
    _not_too_many(found)
    if len(columns) > MOST_COLUMNS:
        raise BadTable("columns", detail=str(MOST_COLUMNS))
    rows = tuple(tuple(record.get(name, "") for name in columns) for record, _ in found)
    return Table(tuple(columns), rows, tuple(number for _, number in found), encoding)


def _object(line: str, number: int) -> dict[str, str]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadTable("json", number, getattr(error, "msg", "")) from None
    if isinstance(value, str):
        return {"prompt": value}
    if not isinstance(value, dict) or not value:
        raise BadTable("object", number)
    return {str(name): _cell(cell) for name, cell in value.items()}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _not_too_many(found: Sequence[object]) -> None:
    if len(found) > MOST_ROWS:
        raise BadTable("too_many", detail=f"{MOST_ROWS:,}")
