"""Text of any encoding: source code, tables, notes, mails, and notebooks, which are JSON."""

from __future__ import annotations

import json
from typing import Any

from ...encodings import readable
from ..bounds import ReadingBounds
from ..kinds import fault
from . import mail, web
from .read import FoundPages, in_parts

OUTPUT_CHARS = 2_000  # of what a cell printed
PAGE_CHARS = 20_000  # of HTML that a cell showed
SHOWN = ("text/plain", "text/markdown", "text/latex")
HTML_STARTS = ("<!doctype html", "<html")


def read(name: str, data: bytes, budget: ReadingBounds) -> tuple[str, FoundPages]:
    """The kind that its text shows, and its text."""
    ending = name.rpartition(".")[2].lower()
    try:
        text = readable(data)
    except UnicodeError:
        raise fault(
            f"{name} is no text and no document that can be read: save it as PDF or text and attach that.", "kind"
        ) from None
    if not text.strip():
        raise fault(f"{name} is empty: attach a file with content.", "empty")
    start = text[:2000].lstrip().lower()
    if start.startswith(HTML_STARTS) or (ending in ("html", "htm") and "<" in start):
        return "html", web.read(name, data, budget)
    if mail.is_mail(ending, text) and (letter := mail.read(data)):
        return "mail", in_parts(letter, budget)
    if start.startswith("{") and '"cells"' in text and (cells := _cells(text)) is not None:
        return "ipynb", in_parts("\n\n".join(filter(None, map(_cell, cells))), budget)
    kind = ending if ending in ("csv", "tsv") else "text"
    return kind, in_parts(text.replace("\r\n", "\n"), budget)


def _cells(text: str) -> list[Any] | None:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return None
    cells = notebook.get("cells") if isinstance(notebook, dict) and "nbformat" in notebook else None
    return cells if isinstance(cells, list) else None


def _cell(cell: Any) -> str:
    if not isinstance(cell, dict):
        return ""
    source = _joined(cell.get("source"))
    if cell.get("cell_type") != "code":
        return source
    outputs = [_output(output) for output in cell.get("outputs") or () if isinstance(output, dict)]
    printed = "\n".join(filter(None, outputs))
    return "\n\n".join(
        filter(None, [f"```\n{source}\n```" if source else "", f"Output:\n{printed}" if printed else ""])
    )


def _output(output: dict[str, Any]) -> str:
    data = output.get("data")
    data = data if isinstance(data, dict) else {}
    shown = output.get("text") or next((data[kind] for kind in SHOWN if data.get(kind)), None)
    if not shown and data.get("text/html"):
        shown = web.markdown(_joined(data["text/html"])[:PAGE_CHARS])
    if output.get("output_type") == "error":
        shown = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    text = _joined(shown).rstrip()
    return text if len(text) <= OUTPUT_CHARS else f"{text[:OUTPUT_CHARS]}\n[cut: {len(text):,} characters]"


def _joined(lines: object) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines or "")
