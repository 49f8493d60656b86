"""The form of prompts that somebody pasted: lines, a table as spreadsheets copy it, or JSONL. Pure."""

from __future__ import annotations

import csv
import json

from ..schemas.fields import PREFIX
from .table import Form

LOOKED_AT = 50  # lines
HEADINGS = {
    "prompt",
    "question",
    "input",
    "expected",
    "answer",
    "提示词",
    "问题",
    "期望",
    "答案",
    "预期答案",
    "期望答案",
}


def form_of_pasted(text: str) -> Form:
    """A table has the same number of tabs in each line, or a first row of headings; a text with commas is lines."""
    lines = [line for line in text.splitlines() if line.strip()][:LOOKED_AT]
    if not lines:
        return "lines"
    if all(map(_is_object, lines)):
        return "jsonl"
    tabs = {line.count("\t") for line in lines}
    if len(tabs) == 1 and tabs != {0}:
        return "csv"
    heads = next(csv.reader([lines[0]], delimiter=";" if ";" in lines[0] else ","), [])
    names = [head.strip().casefold() for head in heads]
    headings = [name for name in names if name in HEADINGS or name.startswith(PREFIX)]
    return "csv" if len(names) > 1 and len(lines) > 1 and len({*headings}) > 1 else "lines"


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
