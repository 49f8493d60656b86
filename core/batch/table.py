"""Reads uploads: CSV, JSONL or pasted lines become columns and rows. Pure.

    read(b"prompt,expected\\n1+1?,2\\n", "csv")     Table(columns, rows, ...)
    prompts(table, "prompt", "expected")           [("1+1?", "2")]

A fault is a `BadTable` with a code, the row it is in (as a text editor counts lines) and a detail.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from .. import encodings
from . import documents, names, shapes

Form = Literal["csv", "jsonl", "lines"]
MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"  # one column: its cells may hold any of them
SAMPLE_CHARS = 20_000
WIDEST_TITLE = 5  # lines above the names, as reports have them
NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")  # a workbook, an old one, a PDF, a packed file
Codes = Literal[
    "too_large",
    "too_many",
    "encoding",
    "no_text",
    "empty",
    "quote",
    "cells",
    "columns",
    "json",
    "object",
    "no_prompt",
    "no_column",
    "long",
]
SHORT = 80  # characters of an expected answer, where no heading says which column has them


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

    `encoding` and `delimiter` say how it was read ("" where there was no choice); `sure` False: it was guessed.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    encoding: str = ""
    delimiter: str = ""
    named: bool = True
    sure: bool = True

    @property
    def prompt_column(self) -> str:
        """The column that looks like the prompts."""
        return names.prompt_of(self.columns) or self.columns[0]

    @property
    def expected_column(self) -> str | None:
        """The column that looks like the expected answers, if one does: by its name, or the second of two without
        names whose cells are short."""
        column = names.expected_of(self.columns)
        if not self.named and len(self.columns) == 2 and self.delimiter == "\t":
            first, second = ([len(row[place]) for row in self.rows] for place in (0, 1))
            column = self.columns[1] if max(second) <= SHORT and sum(second) < sum(first) else None
        return column if column != self.prompt_column else None

    def below(self, prompt_column: str) -> tuple[list[int], list[int]]:
        """The places of the columns that go with the prompt: texts below it, and lettered choices."""
        places = {names.plain(column): place for place, column in enumerate(self.columns)}
        texts = [places[name] for name in names.BELOW.get(names.plain(prompt_column), ()) if name in places]
        choices = [places[letter.lower()] for letter in names.CHOICES if letter.lower() in places]
        is_asked = prompt_column == names.prompt_of(self.columns)
        return texts, choices if is_asked and len(choices) > 1 else []


def form_of(file_name: str) -> Form:
    """By the extension of a file's name; "lines" for an unknown one."""
    ending = file_name.rpartition(".")[2].lower()
    return "csv" if ending in ("csv", "tsv") else "jsonl" if ending in ("jsonl", "ndjson", "json") else "lines"


def read(data: bytes | str, form: Form, *, named: bool | None = None, encoding: str | None = None) -> Table:
    """The table in a file or in pasted text.

    `named`: whether a CSV's first row names its columns; `encoding`: one of `encodings.NAMES`; None: guess.
    """
    if len(data) > MOST_BYTES:
        raise BadTable("too_large", detail=str(MOST_BYTES // 1024 // 1024))
    decoded = _decoded(data, encoding)
    text = decoded.text.replace("\x00", "")
    if not text.strip():
        raise BadTable("empty")
    made = {"csv": lambda: _csv(text, named), "jsonl": lambda: _json(text)}.get(form, lambda: _lines(text))()
    if not made.rows:
        raise BadTable("empty")
    return replace(made, encoding=decoded.encoding, sure=decoded.sure)


def prompts(
    table: Table, prompt_column: str, expected_column: str | None = None, *, most_chars: int = 200_000
) -> list[tuple[str, str | None]]:
    """The prompts with their expected answers (None where the cell is empty)."""
    prompt_place = table.columns.index(prompt_column)
    expected_place = table.columns.index(expected_column) if expected_column else None
    texts, choices = table.below(prompt_column)
    texts, choices = ([place for place in places if place != expected_place] for places in (texts, choices))
    pairs = []
    for row, line in zip(table.rows, table.lines, strict=True):
        prompt = row[prompt_place].strip()
        if not prompt:
            raise BadTable("no_prompt", line, prompt_column)
        prompt = "\n\n".join([prompt, *(text for place in texts if (text := row[place].strip()))])
        if any(row[place].strip() for place in choices):
            prompt = shapes.with_choices(prompt, [row[place].strip() for place in choices])
        expected = row[expected_place].strip() if expected_place is not None else ""
        if max(len(prompt), len(expected)) > most_chars:
            raise BadTable("long", line, f"{most_chars:,}")
        pairs.append((prompt, expected or None))
    return pairs


def _decoded(data: bytes | str, encoding: str | None) -> encodings.Decoded:
    if isinstance(data, str):
        return encodings.Decoded(data.removeprefix("\ufeff"), "", True)
    if data.startswith(NOT_TEXT):
        raise BadTable("no_text")
    try:
        return encodings.decode(data, encoding)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise BadTable("encoding", data.count(b"\n", 0, start) + 1) from None


def _lines(text: str) -> Table:
    lines = [(line.strip(), n) for n, line in enumerate(documents.LINE_END.split(text), 1) if line.strip()]
    _not_too_many(lines)
    return Table(("prompt",), tuple((line,) for line, _ in lines), tuple(n for _, n in lines), named=False)


SEP = re.compile(r'\A"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.IGNORECASE)  # Excel's first line, which names the delimiter
# How quotes are written: as the standard says, with backslashes as databases do, or anyhow.
QUOTING: tuple[dict[str, Any], ...] = (
    {"strict": True},
    {"strict": True, "escapechar": "\\", "doublequote": False},
    {"strict": False},
)


def _csv(text: str, named: bool | None) -> Table:
    csv.field_size_limit(MOST_BYTES)
    separator = SEP.match(text)
    skipped = 1 if separator else 0
    text = text[separator.end() :] if separator else text
    delimiter = separator[1] if separator else _delimiter(text)
    records = _all_records(text, delimiter, skipped)
    if not records:
        raise BadTable("empty")
    records = records[_title(records) :] if named is None else records
    first = [cell.strip() for cell in records[0][0]]
    has_names = names.look_like(_trimmed(first)) if named is None else named
    body = records[1:] if has_names else records
    width = max([len(_trimmed(first)) if has_names else 0, *(len(_trimmed(cells)) for cells, _ in body)], default=0)
    if has_names and width > len(_trimmed(first)):
        line, cells = next((line, cells) for cells, line in body if len(_trimmed(cells)) == width)
        if width > len(first):
            raise BadTable("cells", line, f"{len(_trimmed(cells))} > {len(first)}")
    if width > MOST_COLUMNS:
        raise BadTable("columns", detail=str(MOST_COLUMNS))
    columns = _unique([*first, *[""] * width][:width] if has_names else _numbered([cells for cells, _ in body], width))
    _not_too_many(body)
    rows = tuple(tuple([*cells, *[""] * width][:width]) for cells, _ in body)
    return Table(
        tuple(columns), rows, tuple(line for _, line in body), delimiter=delimiter.strip(NO_DELIMITER), named=has_names
    )


def _is_prose(text: str, delimiter: str) -> bool:
    """Whether every comma belongs to a sentence: a blank follows it."""
    return delimiter == "," and '"' not in text and not re.search(r",(?! )", text)


def _title(records: Sequence[tuple[list[str], int]]) -> int:
    """How many records precede the names of the columns: a title, a remark, each in one cell."""
    for place, (cells, _) in enumerate(records[:WIDEST_TITLE]):
        if len(_trimmed(cells)) > 1:
            return place if place and names.are_known(cells) else 0
    return 0


def _numbered(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Names for unnamed columns: MMLU's, where a letter follows a question and its choices, else numbers."""
    if width == 6 and all(row[5:6] and row[5].strip() in tuple("ABCD") for row in rows):
        return ["question", *"ABCD", "answer"]
    return [f"{n}" for n in range(1, width + 1)]


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Without the empty cells at the end, which spreadsheets write for columns that were once used."""
    end = next((place for place in range(len(cells), 0, -1) if cells[place - 1].strip()), 0)
    return list(cells[:end])


def _all_records(text: str, delimiter: str, skipped: int) -> list[tuple[list[str], int]]:
    """Every record, by the strictest quoting that fits the text."""
    faults: list[BadTable] = []
    for quoting in QUOTING:
        records: list[tuple[list[str], int]] = []
        try:
            for cells, line in _records(text, delimiter, **quoting):
                records.append((cells, line + skipped))
                if len(records) > MOST_ROWS + 1:
                    raise BadTable("too_many", detail=f"{MOST_ROWS:,}")
        except BadTable as fault:
            if fault.code != "quote":
                raise
            faults.append(fault)
            continue
        if quoting["strict"] or not _swallowed(records):
            return records
    raise BadTable("quote", faults[0].row + skipped)


def _swallowed(records: Sequence[tuple[list[str], int]]) -> bool:
    """Whether an unclosed quote has swallowed the rest of the file into one cell."""
    return any(cell.count("\n") > 1 for cell in records[-1][0][-1:]) if records else False


def _records(text: str, delimiter: str, **quoting: Any) -> Iterator[tuple[list[str], int]]:
    """Each record that is not blank, with the line on which it begins."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, **(quoting or {"strict": True})
    )
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
    """The character that splits the first records into equally many cells, and into the most."""

    def score(delimiter: str) -> tuple[int, int]:
        widths: list[int] = []
        try:
            for cells, _ in _records(text[:SAMPLE_CHARS], delimiter, strict=False):
                widths.append(len(cells))
                if len(widths) == 20:
                    break
        except BadTable:
            widths = widths[:-1]  # the sample ends within a record, or the file is wrong: reading it all will show
        usual = max(widths, key=widths.count, default=0)
        if usual < 2 or (len(set(widths)) > 1 and _is_prose(text[:SAMPLE_CHARS], delimiter)):
            return (0, 0)
        return (widths.count(usual) * 100 // len(widths), usual)

    best = max(DELIMITERS, key=score)
    if score(best)[1] > 1:
        return best
    try:
        sample = [cells for cells, _ in _records(text[:SAMPLE_CHARS], ",", strict=False)]
    except BadTable:
        return ","
    return NO_DELIMITER if any(len(_trimmed(cells)) > 1 for cells in sample) else ","


def _unique(headings: Sequence[str]) -> list[str]:
    unique: list[str] = []
    for place, name in enumerate(headings, 1):
        wanted = name or str(place)
        while wanted in unique:
            wanted += f" ({place})"
        unique.append(wanted)
    return unique


def _json(text: str) -> Table:
    """One object per line, or a whole document that holds a list of them."""
    try:
        numbered = documents.values(text)
    except documents.BadJson as bad:
        raise BadTable("json", bad.line, bad.why) from None
    records: list[tuple[dict[str, str], int]] = []
    columns: dict[str, None] = {}
    for value, number in numbered:
        record = shapes.flat(value)
        if record is None:
            raise BadTable("object", number)
        columns.update(dict.fromkeys(record))
        records.append((record, number))
    _not_too_many(records)
    if len(columns) > MOST_COLUMNS:
        raise BadTable("columns", detail=str(MOST_COLUMNS))
    rows = tuple(tuple(record.get(name, "") for name in columns) for record, _ in records)
    return Table(tuple(columns), rows, tuple(number for _, number in records))


def _not_too_many(rows: Sequence[object]) -> None:
    if len(rows) > MOST_ROWS:
        raise BadTable("too_many", detail=f"{MOST_ROWS:,}")
