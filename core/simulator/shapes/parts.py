"""What vendors put into messages beside text, as parts; and the wishes of a chat completion, which many took over."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...records import (
    AskedEffort,
    Document,
    Message,
    Part,
    Picture,
    ResponseFormat,
    Sound,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from ..wish import AnswerWish, Unreadable
from .ask import text_of

EFFORTS: Mapping[str, AskedEffort] = {"minimal": "low", "xhigh": "high", "max": "high", "disabled": "none"}
SOUNDS = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def decoded(text: Any) -> bytes:
    """The bytes of a base64 text. Raises Unreadable."""
    try:
        return base64.b64decode(str(text or ""), validate=False)
    except (binascii.Error, ValueError):
        raise Unreadable("The base64 data cannot be read.") from None


def media(media_type: str, data: bytes, name: str = "") -> Part:
    """A picture, a recording, or a document of any other type."""
    if not data:
        raise Unreadable("An attachment is empty.")
    if media_type.startswith("image/"):
        return Picture(media_type, data, name=name)
    if media_type.startswith("audio/"):
        return Sound(media_type, data, name=name)
    return Document(name, media_type=media_type, data=data)


def of_url(url: Any, name: str = "") -> Part:
    """An attachment as a `data:` URL; the simulator fetches nothing."""
    head, comma, text = str(url or "").partition(",")
    if not head.startswith("data:") or not comma:
        raise Unreadable("The simulator fetches nothing: send the file itself, as a data: URL.")
    media_type = head.removeprefix("data:").partition(";")[0]
    return media(media_type or "text/plain", decoded(text) if ";base64" in head else text.encode(), name)


def of_chat(turn: Mapping[str, Any]) -> Message:
    """A message of a chat completion."""
    role = "system" if turn.get("role") == "developer" else str(turn["role"])
    content = turn.get("content")
    if role in ("tool", "function"):
        name, call_id = str(turn.get("name") or ""), str(turn.get("tool_call_id") or "")
        return Message("tool", [ToolResult(call_id, name, text_of(content))])
    if role not in ("system", "user", "assistant"):
        raise Unreadable(f"There is no role {role!r}.")
    calls = [_call(call) for call in turn.get("tool_calls") or ()]
    if not isinstance(content, list) and not calls:
        return Message(role, text_of(content))  # type: ignore[arg-type]
    parts = list(_parts(content)) if isinstance(content, list) else [Text(text_of(content))]
    return Message(role, joined([*parts, *calls]))  # type: ignore[arg-type]


def joined(parts: list[Part]) -> list[Part]:
    """Neighbouring texts are one, as they are read."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and out and isinstance(before := out[-1], Text):
            out[-1] = Text(before.text + part.text)
        else:
            out.append(part)
    return [part for part in out if part != Text("")] or [Text("")]


def _parts(content: list[Any]) -> Iterator[Part]:
    for part in content:
        match part:
            case str():
                yield Text(part)
            case {"type": "image_url", "image_url": str(url) | {"url": str(url)}}:
                yield of_url(url)
            case {"type": "input_audio", "input_audio": {"data": data, **more}}:
                kind = str(more.get("format") or "wav")
                yield media(SOUNDS.get(kind, f"audio/{kind}"), decoded(data))
            case {"type": "input_audio", "input_audio": str(data)}:  # Mistral's
                yield media("audio/wav", decoded(data))
            case {"type": "file", "file": {"file_data": data, **more}}:
                yield of_url(data, str(more.get("filename") or ""))
            case {"type": "document_url", "document_url": url, **more}:  # Mistral's
                yield of_url(url, str(more.get("document_name") or ""))
            case {"type": "file"} | {"type": "video_url"}:
                raise Unreadable("The simulator has no such file: send the file itself.")
            case dict():
                yield Text(str(part.get("text") or ""))


def _call(call: Mapping[str, Any]) -> ToolCall:
    function = call.get("function") or {}
    return ToolCall(
        str(call.get("id") or ""), str(function.get("name") or ""), arguments_text(function.get("arguments"))
    )


def arguments_text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)


def wish_of_chat(body: Mapping[str, Any]) -> AnswerWish:
    """`tools`, `tool_choice`, `response_format`, `reasoning_effort` and OpenRouter's `reasoning`."""
    reasoning = body.get("reasoning") if isinstance(body.get("reasoning"), dict) else {}
    assert isinstance(reasoning, dict)
    return AnswerWish(
        effort=effort(body.get("reasoning_effort", reasoning.get("effort", reasoning.get("max_tokens")))),
        form=form_of_chat(body.get("response_format")),
        tools=tuple(tool(row.get("function") or row) for row in body.get("tools") or () if "function" in row),
        tool_choice=choice(body.get("tool_choice")),
        parallel=body.get("parallel_tool_calls") is not False,
    )


def effort(value: Any) -> AskedEffort | None:
    if isinstance(value, bool):
        return None if value else "none"
    if isinstance(value, int):
        return None if value < 0 else value
    if value in ("none", "low", "medium", "high"):
        return value  # type: ignore[no-any-return]
    if value is None or value in ("auto", "default"):
        return None
    if value in EFFORTS:
        return EFFORTS[value]
    raise Unreadable(f"There is no reasoning effort {str(value)[:40]!r}.")


def form_of_chat(value: Any) -> ResponseFormat | None:
    match value:
        case {"type": "json_object", "schema": dict(schema)} | {"type": "json_object", "value": dict(schema)}:
            return ResponseFormat("schema", json.dumps(schema))
        case {"type": "json_object"}:
            return ResponseFormat("json")
        case {"type": "json_schema", "json_schema": {"schema": dict(schema), **more}}:
            return ResponseFormat("schema", json.dumps(schema), str(more.get("name") or "answer"))
        case {"type": "json_schema"}:
            raise Unreadable("The response_format has no schema.")
        case None | {"type": "text"}:
            return None
    raise Unreadable("There is no such response_format.")


def tool(row: Mapping[str, Any], parameters: str = "parameters") -> Tool:
    schema = row.get(parameters) or {"type": "object", "properties": {}}
    return Tool(str(row.get("name") or ""), str(row.get("description") or ""), json.dumps(schema))


def choice(value: Any) -> str:
    """`auto`, `none`, `required` (also called `any`), or the name of a tool."""
    match value:
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return name
        case {"type": str(kind)} | str(kind):
            return "required" if kind in ("any", "required") else kind
    return "auto"
