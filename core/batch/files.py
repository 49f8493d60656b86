"""A batch as a file: CSV for a spreadsheet, a line a row with each model's columns; JSONL with everything exact.

In the CSV a cell that a spreadsheet would run as a formula gets an apostrophe in front (`safety.spreadsheet`); JSONL
leaves every character as it is. With a form the fields of the answers have a column each, after those of their model:
`MODEL field.total`, and `MODEL right.total` where a value was expected. A field that an answer does not have is an
empty cell, null is `null`, an empty text `""` in quotes; JSONL keeps the values as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal

from ..safety import spreadsheet
from ..schemas import fields
from ..views.batches import Batch, BatchRow, Item
from . import expected_fields, form_check
from .would_cost import Providers
from .would_cost import of_item as would_cost_of

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
    "would_cost_usd",
)
COMPARED = ("likeness", "clashes")
FORMED = ("form", "form_problem", "repaired")
OLD = ("passed", "form", "form_problem")
NOTHING = Item(-1, "waiting")
NO_PROVIDERS: Providers = MappingProxyType({})
Say = Callable[[Item], str]  # the text for a failure


def stored_error(item: Item) -> str:
    return item.error or item.error_kind


def encoded(
    batch: Batch, lines: Iterable[BatchRow], form: Form, say: Say = stored_error, providers: Providers = NO_PROVIDERS
) -> bytes:
    """The file's bytes; the CSV has the byte order mark by which spreadsheets recognise UTF-8. `providers` have the
    prices of what was free."""
    if form == "jsonl":
        return "".join(f"{_object(batch, line, say, providers)}\n" for line in lines).encode()
    facts = _names(batch)
    shown, compared = expected_fields.shown(batch), batch.fields
    names = [
        f"{name} {fact}"
        for name in batch.model_ids
        for fact in (*facts, *(f"field.{field}" for field in shown), *(f"right.{field}" for field in compared))
    ]
    rows: list[list[object]] = []
    for line in lines:
        cells: list[object] = [line.n, line.prompt, line.expected or ""]
        cells += [line.expected_fields.get(field) for field in compared]
        if batch.rehearsal:
            cells.append(line.reference or "")
            cells += [_old(line)[fact] for fact in OLD]
        if batch.has_files:
            cells.append("; ".join(file.name for file in line.files))
        for place, model_id in enumerate(batch.model_ids):
            item = line.items.get(place, NOTHING)
            of_item = _facts(batch, item, model_id, say, providers)
            values, marks = form_check.values(item, shown), form_check.marked(item, batch.fields)
            cells += [of_item[fact] for fact in facts]
            cells += [_cell(values.get(field, fields.MISSING)) for field in shown]
            cells += [marks.get(field) for field in compared]
        rows.append(cells)
    before = [f"expected.{field}" for field in compared]
    if batch.rehearsal:
        name = f"{batch.rehearsal.model_id} before"
        before += [name, *(f"{name} {fact}" for fact in OLD)]
    before += ["files"] if batch.has_files else []
    return "".join(spreadsheet.lines(["row", "prompt", "expected", *before, *names], rows)).encode()


def _old(line: BatchRow) -> Mapping[str, object]:
    """How the old answer of a rehearsal was checked."""
    old = line.old or NOTHING
    return {"passed": old.passed, "form": old.form, "form_problem": form_check.in_english(old)}


def _names(batch: Batch) -> list[str]:
    names = [fact for fact in FACTS if fact != "passed" or batch.rule]
    names += COMPARED if batch.rehearsal else ()
    return names + (list(FORMED) if _has_forms(batch) else [])


def _has_forms(batch: Batch) -> bool:
    return bool(batch.form or batch.rehearsal)


def _cell(value: Any) -> object:
    """A field in a table, where an empty text is not the same as nothing."""
    if value is fields.MISSING:
        return None
    return spreadsheet.EMPTY_TEXT if value == "" else fields.text_of(value)


def _object(batch: Batch, line: BatchRow, say: Say, providers: Providers) -> str:
    answers = [
        {"model": model_id, **_answer(batch, line.items.get(place, NOTHING), model_id, say, providers)}
        for place, model_id in enumerate(batch.model_ids)
    ]
    value: dict[str, Any] = {"row": line.n, "prompt": line.prompt, "expected": line.expected, "answers": answers}
    if batch.fields:
        value["expected_fields"] = dict(line.expected_fields)
    if batch.has_files:
        value["files"] = [file.name for file in line.files]
    if batch.rehearsal:
        before = {"model": batch.rehearsal.model_id, "answer": line.reference, **_old(line)}
        value |= {"asked_with": line.setup, "answered_before": before}
    return json.dumps(value, ensure_ascii=False)


def _answer(batch: Batch, item: Item, model_id: str, say: Say, providers: Providers) -> dict[str, Any]:
    """One answer with its fields; those that it does not have are left out."""
    facts = dict(_facts(batch, item, model_id, say, providers))
    if batch.form or batch.fields:
        values = form_check.values(item, expected_fields.shown(batch))
        facts["fields"] = {name: value for name, value in values.items() if value is not fields.MISSING}
        facts["fields_right"] = form_check.marked(item, batch.fields)
    return facts


def _facts(batch: Batch, item: Item, model_id: str, say: Say, providers: Providers) -> Mapping[str, Any]:
    likeness = None if item.likeness is None else round(item.likeness, 4)
    would_cost = would_cost_of(item, model_id, providers)
    facts = {
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
        "cached_tokens": item.cached_tokens,
        "reasoning_tokens": item.reasoning_tokens,
        "cost_usd": None if item.cost_usd is None else f"{item.cost_usd:f}",
        "would_cost_usd": None if would_cost is None else f"{would_cost:f}",
        "estimated": item.estimated,
        "again": item.again,
        "finish": item.finish,
    }
    if _has_forms(batch):
        facts |= {"form": item.form, "form_problem": form_check.in_english(item), "repaired": item.repaired or ""}
    return facts | ({"likeness": likeness, "clashes": item.clashes} if batch.rehearsal else {})
