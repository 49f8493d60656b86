"""A batch as a file: CSV for a spreadsheet, a line a row with each model's columns; JSONL with everything exact.

A spreadsheet runs a cell that begins with = + - or @ as a formula. In the CSV such a cell, unless it is a plain number,
gets an apostrophe in front; JSONL leaves every character as it is.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from core.store.batches.reading import Batch, Item, Line

Form = Literal["csv", "jsonl"]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
FACTS = ("answer", "passed", "state", "error", "total_ms", "ttft_ms", "input_tokens", "output_tokens", "cost_usd")
NOTHING = Item(-1, "waiting")


def made(batch: Batch, lines: Iterable[Line], form: Form) -> bytes:
    """The file; the CSV has the mark by which spreadsheets know UTF-8."""
    if form == "jsonl":
        return "".join(f"{_object(batch, line)}\n" for line in lines).encode()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    checked = [fact for fact in FACTS if fact != "passed" or batch.rule]
    writer.writerow(["row", "prompt", "expected", *(f"{name} {fact}" for name in batch.model_ids for fact in checked)])
    for line in lines:
        cells: list[object] = [line.n, line.prompt, line.expected or ""]
        for place in range(len(batch.model_ids)):
            facts = _facts(line.items.get(place, NOTHING))
            cells += [facts[fact] for fact in checked]
        writer.writerow([harmless(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(FORMULA) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _object(batch: Batch, line: Line) -> str:
    answers = [
        {"model": name, **_facts(line.items.get(place, NOTHING))} for place, name in enumerate(batch.model_ids)
    ]  # fmt: skip
    value = {"row": line.n, "prompt": line.prompt, "expected": line.expected, "answers": answers}
    return json.dumps(value, ensure_ascii=False)


def _facts(item: Item) -> Mapping[str, Any]:
    return {
        "answer": item.text,
        "passed": item.passed,
        "state": item.state,
        "error": item.error or item.error_kind,
        "error_from": item.origin,
        "total_ms": None if item.total_ms is None else round(item.total_ms, 1),
        "ttft_ms": None if item.ttft_ms is None else round(item.ttft_ms, 1),
        "input_tokens": item.input_tokens,
        "output_tokens": item.output_tokens,
        "cost_usd": None if item.cost_usd is None else f"{item.cost_usd:f}",
        "estimated": item.estimated,
        "again": item.again,
        "finish": item.finish,
    }
