"""The parts of a message as JSON and back. Bytes are left out: they are kept under their hash (`blobs`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from ..records import Document, Message, Part, Picture, Sound, Text, Thought, ToolCall, ToolResult

TYPES: Mapping[str, type[Any]] = {
    "text": Text,
    "picture": Picture,
    "document": Document,
    "sound": Sound,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
    "thought": Thought,
}
NAMES = {cls: name for name, cls in TYPES.items()}


def encode(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Each part as its type and the fields that are set."""
    return [{"type": NAMES[type(part)], **_set_fields(part)} for part in parts]


def decode(values: object) -> tuple[Part, ...]:
    """The parts; those of a type or form that a later version writes are left out."""
    parts = [_part(value) for value in values] if isinstance(values, list) else []
    return tuple(part for part in parts if part is not None)


def encode_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [{"role": message.role, "parts": encode(message.parts)} for message in messages]


def decode_messages(values: object) -> tuple[Message, ...]:
    rows = [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
    return tuple(
        Message(row["role"], decode(row.get("parts"))) for row in rows if row.get("role") in ("assistant", "tool")
    )


def _set_fields(part: Part) -> dict[str, Any]:
    named = {entry.name: getattr(part, entry.name) for entry in fields(part) if entry.name != "data"}
    return {name: value for name, value in named.items() if value not in ("", None, False)}


def _part(value: object) -> Part | None:
    cls = TYPES.get(str(value.get("type"))) if isinstance(value, dict) else None
    if cls is None or not isinstance(value, dict):
        return None
    try:
        part: Part = cls(**{entry.name: value[entry.name] for entry in fields(cls) if entry.name in value})
    except TypeError:  # a field is missing
        return None
    return part
