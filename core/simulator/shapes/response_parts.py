"""The items of a /responses request as messages, and what it wishes for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from ...records import Message, Part, Text, ToolCall, ToolResult
from ..wish import AnswerWish, Unreadable
from . import parts
from .ask import text_of

SIGNATURE = "c2ltdWxhdGVk"
ROLES: dict[str, Literal["system", "user", "assistant"]] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",
}


def wish(body: dict[str, Any]) -> AnswerWish:
    form = (body.get("text") or {}).get("format") or {}
    return AnswerWish(
        effort=parts.effort((body.get("reasoning") or {}).get("effort")),
        form=parts.form_of_chat({"type": form.get("type"), "json_schema": form} if form else None),
        tools=tuple(parts.tool(row) for row in body.get("tools") or () if row.get("type") == "function"),
        tool_choice=parts.choice(body.get("tool_choice")),
        parallel=body.get("parallel_tool_calls") is not False,
    )


def messages(items: list[Any]) -> Iterator[Message]:
    """Earlier reasoning is checked for its signature."""
    results: list[Part] = []
    for item in items:
        if results and item.get("type") != "function_call_output":
            yield Message("tool", results)
            results = []
        match item:
            case {"type": "function_call", "call_id": call_id, "name": name}:
                yield Message("assistant", [ToolCall(call_id, name, parts.arguments_text(item.get("arguments")))])
            case {"type": "function_call_output", "call_id": call_id}:
                results.append(ToolResult(call_id, "", _output(item.get("output"))))
            case {"type": "reasoning"}:
                if item.get("encrypted_content") not in (None, "", SIGNATURE):
                    raise Unreadable("The encrypted content of a reasoning item cannot be verified.")
            case {"role": role}:
                yield _message(ROLES[role], item.get("content"))
    if results:
        yield Message("tool", results)


def _message(role: Literal["system", "user", "assistant"], content: Any) -> Message:
    if not isinstance(content, list):
        return Message(role, text_of(content))
    return Message(role, parts.joined(list(map(_part, content))))


def _part(part: dict[str, Any]) -> Part:
    match part:
        case {"type": "input_image", "image_url": str(url)}:
            return parts.of_url(url)
        case {"type": "input_file", "file_data": str(data)}:
            return parts.of_url(data, str(part.get("filename") or ""))
        case {"type": "input_audio", "input_audio": {"data": data, **more}}:
            return parts.media(f"audio/{more.get('format') or 'wav'}", parts.decoded(data))
        case {"type": "input_image" | "input_file"}:
            raise Unreadable("The simulator has no such file: send the file itself, as a data: URL.")
    return Text(str(part.get("text") or ""))


def _output(value: Any) -> str:
    return text_of(value) if isinstance(value, str | list) else json.dumps(value)
