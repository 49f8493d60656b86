"""What Gemini's requests have beside text: attachments, calls of tools with their signatures, wishes."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from ...records import Message, Part, ResponseFormat, Text, Thought, ToolCall, ToolResult
from ..plan import ReplyPlan
from ..wish import AnswerWish, Unreadable
from . import parts

SIGNATURE = "c2ltdWxhdGVk"
AS_IT_IS = ("parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema", "args", "response")
URL_SAFE = str.maketrans("-_", "+/")  # Gemini takes both alphabets of base64


def camel(value: Any) -> Any:
    """The request with names as the documentation has them: its own clients write some with underscores."""
    if isinstance(value, list):
        return list(map(camel, value))
    if not isinstance(value, dict):
        return value
    named = {re.sub(r"_(\w)", lambda match: match[1].upper(), name): inner for name, inner in value.items()}
    return {name: inner if name in AS_IT_IS else camel(inner) for name, inner in named.items()}


def wish(body: dict[str, Any], config: dict[str, Any]) -> AnswerWish:
    thinking = config.get("thinkingConfig") or {}
    rows = [row for tool in body.get("tools") or () for row in tool.get("functionDeclarations") or ()]
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    names, mode = calling.get("allowedFunctionNames") or [], str(calling.get("mode") or "AUTO").lower()
    level = str(thinking.get("thinkingLevel") or "").lower() or None
    return AnswerWish(
        effort=parts.effort(thinking.get("thinkingBudget", level)),
        form=_form(config),
        tools=tuple(map(_tool, rows)),
        tool_choice=names[0] if mode == "any" and len(names) == 1 else parts.choice(mode),
    )


def _tool(row: dict[str, Any]) -> Any:
    field = "parametersJsonSchema" if "parametersJsonSchema" in row else "parameters"
    return parts.tool({**row, field: plain(row.get(field))}, field)


def _form(config: dict[str, Any]) -> ResponseFormat | None:
    if config.get("responseMimeType") != "application/json":
        return None
    schema = config.get("responseJsonSchema") or config.get("responseSchema")
    return ResponseFormat("schema", json.dumps(plain(schema))) if schema else ResponseFormat("json")


def plain(schema: Any) -> Any:
    """A JSON schema: Gemini's own writes types in capitals and `nullable` as a flag."""
    if isinstance(schema, list):
        return list(map(plain, schema))
    if not isinstance(schema, dict):
        return schema
    out = {name: plain(value) for name, value in schema.items()}
    if isinstance(kind := out.get("type"), str):
        out["type"] = [kind.lower(), "null"] if out.pop("nullable", False) else kind.lower()
    return out


def messages(turn: dict[str, Any]) -> list[Message]:
    """One turn; results of tools are a turn of their own."""
    read = parts.joined(list(map(_part, turn.get("parts") or ())))
    results = [part for part in read if isinstance(part, ToolResult)]
    rest = [part for part in read if not isinstance(part, ToolResult)]
    role: Literal["assistant", "user"] = "assistant" if turn.get("role") == "model" else "user"
    return [*([Message("tool", results)] if results else ()), *([Message(role, rest)] if rest or not results else ())]


def _part(part: dict[str, Any]) -> Part:
    match part:
        case {"inlineData": {"mimeType": kind, "data": data, **more}}:
            bytes_read = parts.decoded(str(data).translate(URL_SAFE))
            return parts.media(str(kind), bytes_read, str(more.get("displayName") or ""))
        case {"fileData": _}:
            raise Unreadable("The simulator has no such file: send the file itself, as inlineData.")
        case {"functionCall": {"name": name, **more}}:
            signature = str(part.get("thoughtSignature") or "")
            if signature.translate(URL_SAFE) not in ("", SIGNATURE):
                raise Unreadable("Thought signature is not valid.")
            return ToolCall(str(more.get("id") or name), name, parts.arguments_text(more.get("args")), signature)
        case {"functionResponse": {"name": name}}:
            return _result(name, dict(part["functionResponse"]))
        case {"thought": True, "text": text}:
            return Thought(str(text))
    return Text(str(part.get("text") or ""))


def _result(name: str, more: dict[str, Any]) -> ToolResult:
    response = more.get("response") or {}
    error, value = response.get("error"), response.get("output", response.get("result", response))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return ToolResult(str(more.get("id") or name), name, str(error) if error else text, bool(error))


def call(plan: ReplyPlan, index: int) -> dict[str, Any]:
    """The first call of a turn is signed."""
    made = plan.whole_calls[index]
    signed = {} if index else {"thoughtSignature": SIGNATURE}
    return {"functionCall": {"id": made.id, "name": made.name, "args": json.loads(made.arguments)}, **signed}
