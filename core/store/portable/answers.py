"""The numbers of an imported answer: a Completion as `completion.encode` writes it; each part is taken or left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, ValidationInfo, model_validator

from ...records import Part, Reason, ResponseFormat
from .. import completion as codec
from .. import parts
from .fields import Count, Flag, MaybeName, MaybeWritten, Moment, Ms, Name, Record, Usd, each, maybe, place_of

NUMBERS = {"cached", "turns_left_out", "output_capped", "difficulty"}
Small = Annotated[int, Field(ge=0, le=2**31 - 1)]


class ImportedUsage(Record):
    input_tokens: Annotated[Count | None, maybe()] = None
    output_tokens: Annotated[Count | None, maybe()] = None
    reasoning_tokens: Annotated[Count | None, maybe()] = None
    cached_tokens: Annotated[Count | None, maybe()] = None
    cost_usd: Annotated[Usd | None, maybe()] = None
    estimated: Flag = False
    billed_input_tokens: Annotated[Count | None, maybe()] = None
    billed_output_tokens: Annotated[Count | None, maybe()] = None
    media_tokens: Annotated[Count | None, maybe()] = None


class ImportedFinish(Record):
    reason: Reason
    raw: MaybeName = None


class ImportedTiming(Record):
    started_at: Moment
    ttft_ms: Annotated[Ms | None, maybe()] = None
    first_answer_ms: Annotated[Ms | None, maybe()] = None
    last_ms: Annotated[Ms | None, maybe()] = None
    total_ms: Annotated[Ms | None, maybe()] = None
    waited_ms: Annotated[Ms, maybe()] = 0.0
    chunks: Annotated[Small, maybe()] = 0
    arrivals: Annotated[Small | None, maybe()] = None
    streamed: Annotated[bool | None, maybe()] = None


class ImportedAttempt(Record):
    provider_id: Name
    model_id: Name
    n: Small
    outcome: Name
    ms: Ms
    wait_s: Annotated[Ms | None, maybe()] = None
    of: Annotated[Small | None, maybe()] = None
    cold: Annotated[bool | None, maybe()] = None
    simulated: Annotated[bool | None, maybe()] = None
    sent: Annotated[bool | None, maybe()] = None


class ImportedNote(Record):
    kind: Name
    detail: Name = ""

    @model_validator(mode="after")
    def _numbers_are_numbers(self) -> ImportedNote:
        if self.kind in NUMBERS:
            try:
                fits = math.isfinite(float(self.detail)) and float(self.detail) >= 0
            except ValueError:
                fits = False
            if not fits:
                raise ValueError("is a note whose detail is not a number")
        return self


class ImportedOversize(Record):
    needed: Annotated[Small | None, maybe()] = None
    limit: Small
    unit: Name = "tokens"
    per: Name = "request"
    instead: Name = ""


class ImportedError(Record):
    kind: Name
    message: Annotated[str, Field(max_length=100_000)]
    status: Annotated[Small | None, maybe()] = None
    retry_after_s: Annotated[Ms | None, maybe()] = None
    request_id: MaybeName = None
    code: MaybeName = None
    param: MaybeName = None
    event_id: MaybeName = None
    retryable: Annotated[bool | None, maybe()] = None
    tries: Annotated[Small | None, maybe()] = None
    sent: Annotated[bool | None, maybe()] = None
    origin: Annotated[Literal["local", "provider", "network"] | None, maybe()] = None
    oversize: Annotated[ImportedOversize | None, maybe()] = None


class ImportedRequest(Record):
    """One request of an answer that took several."""

    usage: Annotated[ImportedUsage | None, maybe()] = None
    cost_usd: Annotated[Usd | None, maybe()] = None
    ttft_ms: Annotated[Ms | None, maybe()] = None
    total_ms: Annotated[Ms | None, maybe()] = None


FORM = TypeAdapter(ResponseFormat)
PARTS: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(cls) for name, cls in parts.TYPES.items()}


def _parts(values: Any, info: ValidationInfo) -> tuple[dict[str, Any], ...]:
    """Pictures, calls and thoughts as the database stores them; those that do not fit are left out."""
    fitting: list[Part] = []
    for number, part in enumerate(values if isinstance(values, list) else (), 1):
        place = place_of(info).within(f"part {number}")
        adapter = PARTS.get(str(part.get("type"))) if isinstance(part, dict) else None
        if adapter is None:
            place.leave("detail", " is of an unknown type")
            continue
        try:
            fields = {name: part[name] for name in part if name not in ("type", "data")}
            fitting.append(adapter.validate_python(fields))
        except ValidationError as fault:
            place.leave("detail", fault)
    return tuple(parts.encode(fitting))


def _form(value: Any) -> dict[str, Any] | None:
    try:
        return None if value is None else asdict(FORM.validate_python(value))
    except ValidationError:
        raise ValueError("is not the form of an answer") from None


Parts = Annotated[tuple[dict[str, Any], ...], BeforeValidator(_parts)]


class ImportedStep(Record):
    """The calls of tools before an answer, or their results."""

    role: Literal["assistant", "tool"]
    parts: Parts


class ImportedAnswer(Record):
    """All of an answer but its text."""

    model_id: Name
    reasoning: MaybeWritten = ""
    usage: Annotated[ImportedUsage | None, maybe()] = None
    finish: Annotated[ImportedFinish | None, maybe()] = None
    timing: ImportedTiming
    cost_usd: Annotated[Usd | None, maybe()] = None
    cached: Flag = False
    attempts: Annotated[tuple[ImportedAttempt, ...], each(ImportedAttempt, "attempt"), maybe()] = ()
    notes: Annotated[tuple[ImportedNote, ...], each(ImportedNote, "note"), maybe()] = ()
    error: Annotated[ImportedError | None, maybe()] = None
    served_model_id: MaybeName = None
    response_model: MaybeName = None
    served_by: MaybeName = None
    system_fingerprint: MaybeName = None
    parts: Annotated[Parts, maybe()] = ()
    steps: Annotated[tuple[ImportedStep, ...], each(ImportedStep, "step"), maybe()] = ()
    rounds: Annotated[tuple[ImportedRequest, ...], each(ImportedRequest, "round"), maybe()] = ()
    effort: Annotated[Literal["none", "low", "medium", "high"] | Count | None, maybe()] = None
    form: Annotated[dict[str, Any] | None, BeforeValidator(_form), maybe()] = None

    def encoded(self) -> dict[str, Any]:
        """As the database stores it."""
        return codec.encode(codec.decode(self.model_dump(mode="json"), ""))
