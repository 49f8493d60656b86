"""Excel: the values of each sheet as a Markdown table."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from ..bounds import ReadingBounds
from ..reading import DocumentPage
from . import packed
from .read import FoundPages


def read(name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    import openpyxl

    packed.opened(name, data).close()
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = list(book.worksheets)
    return FoundPages("sheet", _pages(sheets, budget), max(len(sheets), 1))


def _pages(sheets: list[Any], budget: ReadingBounds) -> Iterator[DocumentPage]:
    for number, sheet in enumerate(sheets, 1):
        if not budget.takes(number):
            continue
        if budget.over():
            return
        sheet.reset_dimensions()  # a file may claim a million empty rows
        yield DocumentPage(number, str(sheet.title), _table(sheet, budget))


def _table(sheet: Any, budget: ReadingBounds) -> str:
    lines: list[str] = []
    chars = 0
    for row in sheet.iter_rows(values_only=True):
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if budget.over(chars):
            break
        if not cells:
            continue
        line = f"| {' | '.join(cells)} |"
        lines.append(line)
        if len(lines) == 1:
            lines.append("|" + " --- |" * len(cells))
        chars += len(line)
    return "\n".join(lines)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    return " ".join(str(value).split()).replace("|", "\\|")
