"""A batch as a file: CSV for a spreadsheet, a line a row with each model's columns; JSONL with everything exact.

In the CSV a cell that a spreadsheet would run as a formula gets an apostrophe in front (`safety.spreadsheet`); JSONL
leaves every character as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from ..safety import spreadsheet
from ..views.batches import Batch, BatchRow, Item

Form = Literal["csv", "jsonl"]
FACTS = (
    "answer",
    "served_model_id",
    "served_by",
    "passed",
    "state",
    "error",
    "total_ms",
    "ttft_ms",
    "input_tokens",
    "output_tokens",
    "cost_usd",
)
COMPARED = ("likeness", "clashes")
NOTHING = Item(-1, "waiting")
Say = Callable[[Item], str]  # the text for a failure


def stored_error(item: Item) -> str:
    return item.error or item.error_kind


def encoded(batch: Batch, lines: Iterable[BatchRow], form: Form, say: Say = stored_error) -> bytes:
    """The file's bytes; the CSV has the byte order mark by which spreadsheets recognise UTF-8."""
    if form == "jsonl":
        return "".join(f"{_object(batch, line, say)}\n" for line in lines).encode()
    checked = [fact for fact in FACTS if fact != "passed" or batch.rule]
    checked += COMPARED if batch.rehearsal else ()
    names = [f"{name} {fact}" for name in batch.model_ids for fact in checked]
    rows: list[list[object]] = []
    for line in lines:
        cells: list[object] = [line.n, line.prompt, line.expected or ""]
        if batch.rehearsal:
            cells.append(line.reference or "")
        if batch.has_files:
            cells.append("; ".join(file.name for file in line.files))
        for place in range(len(batch.model_ids)):
            facts = _facts(batch, line.items.get(place, NOTHING), say)
            cells += [facts[fact] for fact in checked]
        rows.append(cells)
    before = [f"{batch.rehearsal.model_id} before"] if batch.rehearsal else []
    before += ["files"] if batch.has_files else []
    return "".join(spreadsheet.lines(["row", "prompt", "expected", *before, *names], rows)).encode()


def _object(batch: Batch, line: BatchRow, say: Say) -> str:
    answers = [
        {"model": name, **_facts(batch, line.items.get(place, NOTHING), say)}
        for place, name in enumerate(batch.model_ids)
    ]
    value = {"row": line.n, "prompt": line.prompt, "expected": line.expected, "answers": answers}
    if batch.has_files:
        value["files"] = [file.name for file in line.files]
    if batch.rehearsal:
        before = {"model": batch.rehearsal.model_id, "answer": line.reference}
        value |= {"asked_with": line.setup, "answered_before": before}
    return json.dumps(value, ensure_ascii=False)


def _facts(batch: Batch, item: Item, say: Say) -> Mapping[str, Any]:
    likeness = None if item.likeness is None else round(item.likeness, 4)
    return {
        "answer": item.text,
        "served_model_id": item.served_model_id,
        "response_model": item.response_model,
        "served_by": item.served_by,
        "system_fingerprint": item.system_fingerprint,
        "passed": item.passed,
        "state": item.state,
        "error": say(item),
        "error_kind": item.error_kind,
        "error_from": item.origin,
        "total_ms": None if item.total_ms is None else round(item.total_ms, 1),
        "ttft_ms": None if item.ttft_ms is None else round(item.ttft_ms, 1),
        "input_tokens": item.input_tokens,
        "output_tokens": item.output_tokens,
        "cost_usd": None if item.cost_usd is None else f"{item.cost_usd:f}",
        "estimated": item.estimated,
        "again": item.again,
        "finish": item.finish,
    } | ({"likeness": likeness, "clashes": item.clashes} if batch.rehearsal else {})
