"""Excel: the values of each sheet as a Markdown table, and the comments at its cells below it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from ..bounds import ReadingBounds
from ..reading import DocumentPage
from . import packed
from .read import FoundPages


def read(name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    import openpyxl

    members = packed.opened(name, data)
    with _formulas():
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = list(book.worksheets)
    return FoundPages("sheet", _pages(members, sheets, budget), max(len(sheets), 1))


def _pages(members: zipfile.ZipFile, sheets: list[Any], budget: ReadingBounds) -> Iterator[DocumentPage]:
    for number, sheet in enumerate(sheets, 1):
        if not budget.takes(number):
            continue
        if budget.over():
            return
        sheet.reset_dimensions()  # a file may claim a million empty rows
        with _formulas():
            table = _table(sheet, budget)
        comments = () if budget.left_out else _comments(members, str(sheet._worksheet_path))
        hidden = " (hidden)" if sheet.sheet_state != "visible" else ""
        yield DocumentPage(number, f"{sheet.title}{hidden}", "\n".join([table, *comments]))


@contextmanager
def _formulas() -> Iterator[None]:
    """A formula that no program has calculated has no value: the formula stands in its place, as `=SUM(A1:A9)`. Cells
    of a row may be in any order."""
    from openpyxl.worksheet import _read_only
    from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

    class WithFormulas(WorkSheetParser):
        def parse_cell(self, element: Any) -> dict[str, Any]:
            cell: dict[str, Any] = super().parse_cell(element)
            formula = element.find(FORMULA_TAG) if cell["value"] is None else None
            if formula is not None and element.find(VALUE_TAG) is None:
                cell["value"] = f"={formula.text or '…'}"
            return cell

        def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:
            number, cells = super().parse_row(row)
            return number, sorted(cells, key=lambda cell: cell["column"])  # the last one says how long the row is

    read_only: Any = _read_only
    read_only.WorkSheetParser = WithFormulas
    try:
        yield
    finally:
        read_only.WorkSheetParser = WorkSheetParser


def _comments(members: zipfile.ZipFile, path: str) -> Iterator[str]:
    """The notes at the cells of a sheet."""
    for kind, target in packed.links(members, path):
        if kind != "comments":
            continue
        from defusedxml.ElementTree import fromstring

        with suppress(Exception):  # a damaged part leaves the sheet readable
            for element in fromstring(members.read(target)).iter():
                if str(element.tag).endswith("}comment"):
                    text = " ".join("".join(element.itertext()).split())
                    yield f"Comment at {element.get('ref')}: {text}"


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
        case timedelta():
            seconds = round(value.total_seconds())
            return f"{'-' * (seconds < 0)}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    return " ".join(str(value).split()).replace("|", "\\|")
