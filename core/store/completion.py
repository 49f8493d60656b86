"""A Completion as JSON and back, exactly: decimals as strings, instants in ISO form, an error by its kind."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..errors import LLMError, Oversize, class_of
from ..records import (
    AnswerRound,
    AskedEffort,
    Attempt,
    Completion,
    Finish,
    Note,
    Part,
    ResponseFormat,
    Thought,
    Timing,
    Usage,
    routing_of,
)
from . import parts

ERROR_FIELDS = ("status", "retry_after_s", "request_id", "code", "param", "retryable", "tries", "origin", "event_id")
SERVED = ("served_model_id", "response_model", "served_by", "system_fingerprint")
NOT_SENT = "not_sent"  # code of our own refusals in answers stored before errors had an origin


def encode(completion: Completion) -> dict[str, Any]:
    """The answer without its text, which has a column of its own."""
    usage, finish = completion.usage, completion.finish
    return {
        "model_id": completion.model_id,
        "reasoning": completion.reasoning,
        "usage": _encode_usage(usage),
        "finish": asdict(finish) if finish else None,
        "timing": asdict(completion.timing) | {"started_at": completion.timing.started_at.isoformat()},
        "cost_usd": _text(completion.cost_usd),
        "cached": completion.cached,
        "attempts": [asdict(attempt) for attempt in completion.attempts],
        "notes": [asdict(note) for note in completion.stored_notes()],
        "error": _encode_error(completion.error) if completion.error else None,
        **{name: value for name in SERVED if (value := getattr(completion, name)) is not None},
        **({"parts": parts.encode(completion.parts)} if completion.parts else {}),
        **({"effort": completion.effort} if completion.effort is not None else {}),
        **({"form": asdict(completion.response_format)} if completion.response_format else {}),
        **({"steps": parts.encode_messages(completion.steps)} if completion.steps else {}),
        **({"rounds": [_encode_round(each) for each in completion.rounds]} if completion.rounds else {}),
    }


def decode(data: dict[str, Any], text: str) -> Completion:
    """The answer with its text. Fields that a later version added are left out."""
    usage, finish, error = data.get("usage"), data.get("finish"), data.get("error")
    timing = data["timing"]
    notes = [Note(**_fields_of(Note, item)) for item in data.get("notes") or ()]
    routing = routing_of(notes)
    served: dict[str, Any] = {name: str(data[name]) for name in SERVED if data.get(name)}
    return Completion(
        model_id=data["model_id"],
        text=text,
        reasoning=data.get("reasoning") or "",
        usage=_decode_usage(usage),
        finish=Finish(**_fields_of(Finish, finish)) if finish else None,
        timing=Timing(**_fields_of(Timing, timing) | {"started_at": datetime.fromisoformat(timing["started_at"])}),
        cost_usd=_decimal(data.get("cost_usd")),
        cached=bool(data.get("cached")),
        attempts=_attempts(data),
        notes=tuple(note for note in notes if routing is None or note.kind not in routing.KINDS),
        routing=routing,
        error=_decode_error(error) if error else None,
        parts=parts.decode(data.get("parts")),
        effort=_effort(data.get("effort")),
        response_format=ResponseFormat(**_fields_of(ResponseFormat, data["form"])) if data.get("form") else None,
        steps=parts.decode_messages(data.get("steps")),
        rounds=tuple(_decode_round(item) for item in data.get("rounds") or ()),
        **served,
    )


def parts_around(data: dict[str, Any]) -> tuple[list[Part], list[Part]]:
    """The parts of an encoded answer that stand before its text, its thoughts, and those that stand after it."""
    own = parts.decode(data.get("parts"))
    return [part for part in own if isinstance(part, Thought)], [part for part in own if not isinstance(part, Thought)]


def _encode_usage(usage: Usage | None) -> dict[str, Any] | None:
    return asdict(usage) | {"cost_usd": _text(usage.cost_usd)} if usage else None


def _decode_usage(data: dict[str, Any] | None) -> Usage | None:
    return Usage(**_fields_of(Usage, data) | {"cost_usd": _decimal(data.get("cost_usd"))}) if data else None


def _encode_round(each: AnswerRound) -> dict[str, Any]:
    return asdict(each) | {"usage": _encode_usage(each.usage), "cost_usd": _text(each.cost_usd)}


def _decode_round(data: dict[str, Any]) -> AnswerRound:
    fields = {"usage": _decode_usage(data.get("usage")), "cost_usd": _decimal(data.get("cost_usd"))}
    return AnswerRound(**_fields_of(AnswerRound, data) | fields)


def _effort(value: object) -> AskedEffort | None:
    """An effort that this version knows."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return value if value in ("none", "low", "medium", "high") else None


def _attempts(data: dict[str, Any]) -> tuple[Attempt, ...]:
    """The attempts; in answers stored before `sent` existed, the error of the last one shows whether it was sent."""
    items = [_fields_of(Attempt, item) for item in data.get("attempts") or ()]
    refused = (data.get("error") or {}).get("code") == NOT_SENT
    for item in items:
        if item.get("sent") is None:
            item["sent"] = not (refused and item is items[-1])
    return tuple(Attempt(**item) for item in items)


def _encode_error(error: LLMError) -> dict[str, Any]:
    named = {name: value for name in ERROR_FIELDS if (value := getattr(error, name)) is not None}
    oversize = {"oversize": asdict(error.oversize)} if error.oversize else {}
    return {"kind": error.kind, "message": error.message, "sent": error.sent, **named, **oversize}


def _decode_error(data: dict[str, Any]) -> LLMError:
    fields = {name: data.get(name) for name in ERROR_FIELDS}
    oversize = Oversize(**_fields_of(Oversize, data["oversize"])) if data.get("oversize") else None
    kind = class_of(data.get("kind", ""))
    refused = data.get("code") == NOT_SENT
    if fields["origin"] is None and kind.origin == "local" and not refused:
        fields["origin"] = "provider"  # stored before errors had it
    if fields["origin"] == kind.origin:
        fields["origin"] = None
    error = kind(str(data.get("message", "")), **fields, oversize=oversize)
    sent = not refused if data.get("sent") is None else bool(data["sent"])
    if sent != error.sent:
        error.sent = sent
    return error


def _fields_of(cls: Any, data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in cls.__dataclass_fields__ if name in data}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
