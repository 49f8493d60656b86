"""The records of imported batches, typed: a head, and rows with their answers; what does not fit is left out."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, field_validator

from ..rows import clean
from .answers import Small
from .fields import Flag, Id, MaybeMoment, MaybeName, Moment, Ms, Name, Record, Share, Title, Usd, Written, each, maybe
from .intake import RecordPlace
from .messages import ImportedFile
from .records import Settings

MOST_MODELS = 20
MOST_FIELDS = 200
Word = Annotated[str, StringConstraints(max_length=24)]
Marks = Annotated[str, StringConstraints(pattern=r"^[01-]{0,200}$")]
Repaired = Annotated[
    str, StringConstraints(pattern=r"^((fence|around|comments|commas)(,(fence|around|comments|commas)){0,3})?$")
]
FieldName = Annotated[str, StringConstraints(max_length=1000)]


def _problem(value: Any) -> str | None:
    """Where an answer breaks its schema, as `batch.form_check` stores it, or the line that is no JSON."""
    try:
        held = json.loads(value) if isinstance(value, str) and value else {}
    except (ValueError, RecursionError):
        raise ValueError("is not a problem of an answer") from None
    path = held.get("path") if isinstance(held, dict) else None
    texts = [held.get(name) for name in ("keyword", "wanted", "found")] if isinstance(path, list) else []
    is_problem = bool(texts) and all(isinstance(text, str) for text in texts)
    is_problem = is_problem and all(isinstance(step, str | int) for step in path or ())
    is_line = isinstance(held, dict) and isinstance(held.get("message"), str)
    is_line = is_line and isinstance(held.get("line"), int | None)
    if held and not (is_problem or is_line):
        raise ValueError("is not a problem of an answer")
    return str(value) if value is not None else None


def _tolerance(value: Any) -> str:
    try:
        amount = Decimal(str(value)[:60])
    except InvalidOperation:
        raise ValueError("is not a number") from None
    if not amount.is_finite() or not 0 <= amount <= 10**12:
        raise ValueError("is not a number")
    return str(value)


class ImportedRule(Record):
    kind: Literal["contains", "equals", "regex", "number"]
    ignore_case: Flag = True
    tolerance: Annotated[str, BeforeValidator(_tolerance)] = "0"


class ImportedSetup(Record):
    """How a rehearsed question was asked before."""

    above: list[tuple[Literal["user", "assistant", "system"], Written]] = Field(default_factory=list)
    system: Written = ""
    settings: Settings = Field(default_factory=dict)
    rule: Annotated[ImportedRule | None, maybe()] = None

    @field_validator("above", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        return [tuple(pair) if isinstance(pair, list) else pair for pair in value] if isinstance(value, list) else value


class ImportedRehearsal(Record):
    model_id: Name
    blind: Flag = False


class ImportedItem(Record):
    """One model's answer to one row, or why there is none."""

    place: Annotated[int, Field(ge=0, lt=MOST_MODELS)]
    state: Literal["done", "failed", "skipped"]
    again: Annotated[Small, maybe()] = 0
    tries: Annotated[Small, maybe()] = 0
    passed: Annotated[bool | None, maybe()] = None
    ttft_ms: Annotated[Ms | None, maybe()] = None
    total_ms: Annotated[Ms | None, maybe()] = None
    input_tokens: Annotated[Small | None, maybe()] = None
    output_tokens: Annotated[Small | None, maybe()] = None
    estimated: Flag = False
    cost_usd: Annotated[Usd | None, maybe()] = None
    finish: Annotated[Word, maybe()] = ""
    error_kind: Annotated[Word, maybe()] = ""
    error: Annotated[Written, maybe()] = ""
    origin: Annotated[Literal["local", "provider", "network"] | None, maybe()] = None
    ended_at: MaybeMoment = None
    text: Written = ""
    likeness: Annotated[Share | None, maybe()] = None
    clashes: Annotated[Small | None, maybe()] = None
    served_model_id: MaybeName = None
    response_model: MaybeName = None
    served_by: MaybeName = None
    system_fingerprint: MaybeName = None
    form: Annotated[Literal["valid", "invalid", "not_json", "unchecked"] | None, maybe()] = None
    form_problem: Annotated[str | None, BeforeValidator(_problem), maybe()] = None
    marks: Annotated[Marks | None, maybe()] = None
    repaired: Annotated[Repaired | None, maybe()] = None
    cached_tokens: Annotated[Small | None, maybe()] = None
    reasoning_tokens: Annotated[Small | None, maybe()] = None


class ImportedRow(Record):
    batch_id: Id
    n: Annotated[int, Field(ge=1, le=2**31 - 1)]
    prompt: Written
    expected: Annotated[Written | None, maybe()] = None
    reference: Annotated[Written | None, maybe()] = None
    setup: Annotated[ImportedSetup | None, maybe()] = None
    files: Annotated[tuple[ImportedFile, ...], each(ImportedFile, "file"), maybe()] = ()
    expected_fields: Annotated[dict[FieldName, Written], Field(max_length=MOST_FIELDS), maybe()] = Field(
        default_factory=dict
    )
    answers: Annotated[tuple[ImportedItem, ...], each(ImportedItem, "answer", "answer"), maybe()] = ()


class ImportedBatch(Record):
    """The head of a batch. What is counted, such as its rows, is counted again."""

    id: Id
    name: Annotated[Title, maybe()] = ""
    state: Annotated[Word, maybe()] = "paused"
    model_ids: Annotated[list[Name], Field(min_length=1, max_length=MOST_MODELS)]
    system: Annotated[Written, maybe()] = ""
    settings: Settings = Field(default_factory=dict)
    rule: Annotated[ImportedRule | None, maybe()] = None
    when_spent: Annotated[Literal["wait", "skip"], maybe()] = "wait"
    created_at: Moment
    started_at: MaybeMoment = None
    ended_at: MaybeMoment = None
    rehearsal: Annotated[ImportedRehearsal | None, maybe()] = None
    fields: Annotated[list[FieldName] | None, Field(max_length=MOST_FIELDS), maybe()] = None
    mends: Annotated[bool | None, maybe()] = None


def batch(value: Any, place: RecordPlace) -> ImportedBatch | None:
    """A head; None, counted as left out, where it does not fit."""
    read: ImportedBatch | None = _read(ImportedBatch, value, place, "batch")
    return read


def row(value: Any, place: RecordPlace) -> ImportedRow | None:
    """A row; None, counted as left out, where it does not fit."""
    read: ImportedRow | None = _read(ImportedRow, value, place, "batch_row")
    return read


def _read(kind: Any, value: Any, place: RecordPlace, noun: Literal["batch", "batch_row"]) -> Any:
    try:
        return kind.model_validate(clean(value), context=place)
    except ValidationError as fault:
        place.leave(noun, fault)
    except RecursionError:
        place.leave(noun, " is nested too deep")
    return None


def plain(record: ImportedRule | ImportedRehearsal | None) -> dict[str, Any] | None:
    """As the database stores it."""
    return record.model_dump(mode="json", exclude_unset=True) if record else None


def plain_setup(setup: ImportedSetup | None) -> dict[str, Any] | None:
    """As the database stores it."""
    return {**setup.model_dump(mode="json"), "rule": plain(setup.rule)} if setup else None
