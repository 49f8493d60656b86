"""Reading what a person hands in: CSV, JSONL or pasted lines become columns and rows. Pure.

    read(b"prompt,expected\\n1+1?,2\\n", "csv")     Table(columns, rows, ...)
    prompts(table, "prompt", "expected")           [("1+1?", "2")]

A fault is a `BadTable` with a code, the row it is in (as a text editor counts lines) and a detail.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from core import encodings
from core.batch import shapes

Form = Literal["csv", "jsonl", "lines"]
MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"  # one column: its cells may hold any of them
SAMPLE_CHARS = 20_000
PROMPT_NAMES = (
    *("prompt", "question", "instruction", "input", "user input", "query", "problem", "task", "text"),
    *("提示词", "提示", "问题", "题目", "指令", "输入", "問題", "題目", "提示詞", "質問", "질문", "프롬프트"),
    *("inputs", "frage", "pregunta", "pergunta", "domanda", "вопрос", "goal"),
)
EXPECTED_NAMES = (
    *("expected", "expected output", "expectedoutput", "expected answer", "answer", "ideal", "target", "label"),
    *(
        "ground truth",
        "reference",
        "reference answer",
        "best answer",
        "correct answer",
        "answerkey",
        "gold",
        "solution",
    ),
    *("output", "response", "completion", "canonical solution"),
    *("targets", "answers", "chosen", "antwort", "respuesta", "resposta", "réponse", "reponse", "risposta", "ответ"),
    *(
        "期望",
        "答案",
        "参考答案",
        "标准答案",
        "正确答案",
        "输出",
        "參考答案",
        "標準答案",
        "答え",
        "回答",
        "正解",
        "정답",
        "답변",
    ),
)
# What belongs below a prompt in this column, where the table has it: Alpaca's input, Dolly's context.
BELOW = {"instruction": ("input", "context"), "question": ("context", "passage"), "指令": ("输入",)}
CHOICES = "ABCDEFGH"  # columns that hold the choices of a question, as MMLU and C-Eval have them
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
        return self._like(PROMPT_NAMES) or self.columns[0]

    @property
    def expected_column(self) -> str | None:
        """The column that looks like the expected answers, if one does."""
        found = self._like(EXPECTED_NAMES)
        return found if found != self.prompt_column else None

    def _like(self, names: Sequence[str]) -> str | None:
        known = {_plain_name(column): column for column in reversed(self.columns)}
        return next((known[name] for name in names if name in known), None)

    def below(self, prompt_column: str) -> tuple[list[int], list[int]]:
        """The places of the columns that go with the prompt: texts below it, and lettered choices."""
        known = {_plain_name(column): place for place, column in enumerate(self.columns)}
        texts = [known[name] for name in BELOW.get(_plain_name(prompt_column), ()) if name in known]
        choices = [known[letter.lower()] for letter in CHOICES if letter.lower() in known]
        is_asked = _plain_name(prompt_column) in PROMPT_NAMES
        return texts, choices if is_asked and len(choices) > 1 else []


def _plain_name(column: str) -> str:
    return re.sub(r"[\s_-]+", " ", column).strip().casefold()


def form_of(file_name: str) -> Form:
    """By the ending of a file's name; what has no known one is lines."""
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
    """The prompts with what is expected of their answers (None where the cell is empty)."""
    asked = table.columns.index(prompt_column)
    wanted = table.columns.index(expected_column) if expected_column else None
    texts, choices = table.below(prompt_column)
    texts, choices = ([place for place in places if place != wanted] for places in (texts, choices))
    made = []
    for row, line in zip(table.rows, table.lines, strict=True):
        prompt = row[asked].strip()
        if not prompt:
            raise BadTable("no_prompt", line, prompt_column)
        prompt = "\n\n".join([prompt, *(text for place in texts if (text := row[place].strip()))])
        if any(row[place].strip() for place in choices):
            prompt = shapes.with_choices(prompt, [row[place].strip() for place in choices])
        expected = row[wanted].strip() if wanted is not None else ""
        if max(len(prompt), len(expected)) > most_chars:
            raise BadTable("long", line, f"{most_chars:,}")
        made.append((prompt, expected or None))
    return made


def _decoded(data: bytes | str, encoding: str | None) -> encodings.Decoded:
    if isinstance(data, str):
        return encodings.Decoded(data.removeprefix("\ufeff"), "", True)
    try:
        return encodings.decode(data, encoding)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise BadTable("encoding", data.count(b"\n", 0, start) + 1) from None


def _lines(text: str) -> Table:
    found = [(line.strip(), n) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    _not_too_many(found)
    return Table(("prompt",), tuple((line,) for line, _ in found), tuple(n for _, n in found), named=False)


SEP = re.compile(r'\A"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.IGNORECASE)  # Excel's first line, which names the delimiter
# How quotes are written: as the standard says, with backslashes as databases do, or anyhow.
QUOTING: tuple[dict[str, Any], ...] = (
    {"strict": True},
    {"strict": True, "escapechar": "\\", "doublequote": False},
    {"strict": False},
)


def _csv(text: str, named: bool | None) -> Table:
    csv.field_size_limit(MOST_BYTES)
    told = SEP.match(text)
    skipped = 1 if told else 0
    text = text[told.end() :] if told else text
    delimiter = told[1] if told else _delimiter(text)
    records = _all_records(text, delimiter, skipped)
    if not records:
        raise BadTable("empty")
    first = [cell.strip() for cell in records[0][0]]
    has_names = _are_names(_trimmed(first)) if named is None else named
    body = records[1:] if has_names else records
    width = max([len(_trimmed(first)) if has_names else 0, *(len(_trimmed(cells)) for cells, _ in body)], default=0)
    if has_names and width > len(_trimmed(first)):
        line, cells = next((line, cells) for cells, line in body if len(_trimmed(cells)) == width)
        if width > len(first):
            raise BadTable("cells", line, f"{len(_trimmed(cells))} > {len(first)}")
    if width > MOST_COLUMNS:
        raise BadTable("columns", detail=str(MOST_COLUMNS))
    columns = _unique([*first, *[""] * width][:width] if has_names else [f"{n}" for n in range(1, width + 1)])
    _not_too_many(body)
    rows = tuple(tuple([*cells, *[""] * width][:width]) for cells, _ in body)
    return Table(
        tuple(columns), rows, tuple(line for _, line in body), delimiter=delimiter.strip(NO_DELIMITER), named=has_names
    )


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Without the empty cells at the end, which spreadsheets write for columns that somebody once touched."""
    end = next((place for place in range(len(cells), 0, -1) if cells[place - 1].strip()), 0)
    return list(cells[:end])


def _all_records(text: str, delimiter: str, skipped: int) -> list[tuple[list[str], int]]:
    """Every record, by the strictest way of quoting that the text obeys."""
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
    """Whether a quote that is never closed has taken the rest of the file into one cell."""
    return any(cell.count("\n") > 1 for cell in records[-1][0][-1:]) if records else False


def _records(text: str, delimiter: str, **quoting: Any) -> Iterator[tuple[list[str], int]]:
    """Each record that holds anything, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **(quoting or {"strict": True}))
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
            for cells, _ in _records(text[:SAMPLE_CHARS], delimiter, strict=False):
                widths.append(len(cells))
                if len(widths) == 20:
                    break
        except BadTable:
            widths = widths[:-1]  # where the sample was cut, or the file is wrong: reading it will tell
        if not widths or widths[0] < 2:
            return (0, 0)
        return (sum(width == widths[0] for width in widths) * 100 // len(widths), widths[0])

    best = max(DELIMITERS, key=score)
    if score(best)[1] > 1:
        return best
    try:
        sample = [cells for cells, _ in _records(text[:SAMPLE_CHARS], ",", strict=False)]
    except BadTable:
        return ","
    return NO_DELIMITER if any(len(_trimmed(cells)) > 1 for cells in sample) else ","


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


def _json(text: str) -> Table:
    """One object a line, or a whole document that holds a list of them."""
    numbered: Iterable[tuple[Any, int]]
    whole = _whole(text)
    numbered = _each_line(text) if whole is None else ((record, number) for number, record in enumerate(whole, 1))
    found: list[tuple[dict[str, str], int]] = []
    columns: dict[str, None] = {}
    for value, number in numbered:
        record = shapes.flat(value)
        if record is None:
            raise BadTable("object", number)
        columns.update(dict.fromkeys(record))
        found.append((record, number))
    _not_too_many(found)
    if len(columns) > MOST_COLUMNS:
        raise BadTable("columns", detail=str(MOST_COLUMNS))
    rows = tuple(tuple(record.get(name, "") for name in columns) for record, _ in found)
    return Table(tuple(columns), rows, tuple(number for _, number in found))


def _whole(text: str) -> list[Any] | None:
    """The records of a text that is one JSON document; None where it is one object a line, or broken."""
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        return shapes.records(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _each_line(text: str) -> Iterator[tuple[Any, int]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield json.loads(line), number
            except (ValueError, RecursionError) as error:
                raise BadTable("json", number, getattr(error, "msg", "")) from None


def _not_too_many(found: Sequence[object]) -> None:
    if len(found) > MOST_ROWS:
        raise BadTable("too_many", detail=f"{MOST_ROWS:,}")
