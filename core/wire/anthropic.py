"""Messages of Anthropic, version 2023-06-01.

`input_tokens` on this wire leaves cached tokens out; here they are added back (read and written ones), as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..records import (
    ChatRequest,
    Delta,
    Document,
    HttpRequest,
    Message,
    Model,
    Part,
    Picture,
    Provider,
    Reasoning,
    Served,
    Text,
    Thought,
    ThoughtDelta,
    ToolCall,
    ToolCallDelta,
    ToolResult,
    Unshown,
    Usage,
    WireEvent,
)
from . import base64_media, effort, failure, shape
from . import served as who
from .call_ids import with_own_ids
from .chat_body import with_pictures_asked
from .closed_schema import closed
from .endings import finish
from .fitting import sends_file
from .shape import count, fields, items

VERSION = {"anthropic-version": "2023-06-01"}
DEFAULT_MAX_TOKENS = 4_096
_CALL_ID = re.compile(r"[A-Za-z0-9_-]+")


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    turns = with_own_ids(shape.turns(with_pictures_asked(ask.messages)), _CALL_ID)
    body: dict[str, Any] = {
        "model": model.name,
        "max_tokens": ask.max_output_tokens or model.max_output_tokens or DEFAULT_MAX_TOKENS,
        "messages": [{"role": turn.role, "content": _content(turn, provider, model)} for turn in turns],
        "stream": stream,
    }
    body |= shape.sampling(system=shape.system_text(ask.messages) or None)
    body |= shape.sampling(temperature=ask.temperature, top_p=ask.top_p)
    _add_options(body, ask, provider, model, turns)
    return shape.post(provider, "/messages", body, "sse" if stream else "json", VERSION)


def _content(turn: Message, provider: Provider, model: Model) -> str | list[dict[str, Any]]:
    if turn.is_plain:
        return turn.text
    blocks = [block for part in turn.parts if (block := _block_of(part, provider, model))]
    return sorted(blocks, key=lambda block: _FIRST.get(block["type"], 1))


# Results come before what a person adds; thoughts before what an answer says.
_FIRST = {"tool_result": 0, "thinking": 0, "redacted_thinking": 0, "tool_use": 2}


def _block_of(part: Part, provider: Provider, model: Model) -> dict[str, Any] | None:
    match part:
        case Text(text=text):
            return {"type": "text", "text": text} if text.strip() else None
        case Picture():
            return {"type": "image", "source": _source(part)}
        case Document() if sends_file(part):
            return {"type": "document", "source": _source(part), "title": part.name}
        case Document():
            return {"type": "text", "text": part.as_text()} if part.text else None
        case ToolCall():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": shape.from_json(part.arguments)}
        case ToolResult():
            block = {"type": "tool_result", "tool_use_id": part.call_id, "content": part.text}
            return {**block, "is_error": True} if part.is_error else block
        case Thought() if not shape.is_own(part, provider, model):
            return None
        case Thought(encrypted=data) if data:
            return {"type": "redacted_thinking", "data": data}
        case Thought(signature=signature) if signature:
            return {"type": "thinking", "thinking": part.text, "signature": signature}
    return None


def _source(part: Picture | Document) -> dict[str, str]:
    return {"type": "base64", "media_type": part.media_type, "data": base64_media.base64_of(part)}


def _add_options(
    body: dict[str, Any], ask: ChatRequest, provider: Provider, model: Model, turns: Sequence[Message]
) -> None:
    if ask.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.parameters} for tool in ask.tools
        ]
        if ask.tool_choice:
            body["tool_choice"] = _TOOL_CHOICE.get(ask.tool_choice) or {"type": "tool", "name": ask.tool_choice}
    elif names := {call.name: None for turn in turns for call in turn.tool_calls}:  # it refuses calls of unknown tools
        body["tools"] = [{"name": name, "input_schema": {"type": "object"}} for name in names]
        body["tool_choice"] = {"type": "none"}
    if ask.stop:
        body["stop_sequences"] = list(ask.stop)
    if ask.response_format and ask.response_format.kind == "schema":
        schema = ask.response_format.schema
        body["output_config"] = {"format": {"type": "json_schema", "schema": closed(schema) or schema}}
    if ask.effort is not None:
        _add_effort(body, ask, provider, model)


_TOOL_CHOICE = {"auto": {"type": "auto"}, "none": {"type": "none"}, "required": {"type": "any"}}


def _add_effort(body: dict[str, Any], ask: ChatRequest, provider: Provider, model: Model) -> None:
    """Older models take a budget within `max_tokens`, newer ones a level."""
    sent = effort.planned(ask, provider, model)
    if sent is None:
        return
    if not sent.on:
        body["thinking"] = {"type": "disabled"}
    elif sent.tokens and not sent.level:
        if ask.max_output_tokens is None:
            most = model.max_output_tokens or sent.tokens + DEFAULT_MAX_TOKENS
            body["max_tokens"] = max(body["max_tokens"], min(most, sent.tokens + DEFAULT_MAX_TOKENS))
        body["thinking"] = {"type": "enabled", "budget_tokens": sent.tokens}
    elif sent.level:
        if not effort.is_forced(ask):  # it does not think where it must call a tool
            body["thinking"] = {"type": "adaptive", "display": "summarized"}
        body["output_config"] = {**body.get("output_config", {}), "effort": sent.level}


def decode(frame: Any) -> Iterator[WireEvent]:
    match frame.get("type"):
        case "content_block_delta" | "content_block_start":
            place = frame.get("index")
            yield from _block(
                fields(frame.get("delta", frame.get("content_block"))), place if type(place) is int else 0
            )
        case "message_start":
            for event in _message(fields(frame.get("message"))):  # what it has written so far is a guess
                yield replace(event, output_tokens=None) if isinstance(event, Usage) else event
        case "message_delta":
            yield from _ending(fields(frame.get("delta")), frame.get("usage"))
        case "message_stop":
            yield shape.EndMark("stop")
        case "message":
            yield from _message(frame)
        case _ if failure.is_error(frame):
            raise failure.error_in(frame)


def decode_whole(body: Any) -> Iterator[WireEvent]:
    return decode(body)


def _message(message: Mapping[str, Any]) -> Iterator[WireEvent]:
    for place, block in enumerate(items(message.get("content"))):
        yield from _block(fields(block), place, whole=True)
    yield from _ending(message, message.get("usage"))


def _block(block: Mapping[str, Any], place: int, whole: bool = False) -> Iterator[WireEvent]:
    """A block, its beginning or a piece of it. A block is numbered among all blocks of the message."""
    match block:
        case {"type": "text_delta" | "text", "text": str(text)} if text:
            yield Delta(text)
        case {"type": "thinking_delta" | "thinking", "thinking": str(thought)}:
            if thought:
                yield Reasoning(thought)
            if signature := shape.text(block.get("signature")):
                yield ThoughtDelta(place, thought, signature)
            elif thought:
                yield ThoughtDelta(place, thought)
        case {"type": "signature_delta", "signature": str(signature)} if signature:
            yield ThoughtDelta(place, signature=signature)
        case {"type": "redacted_thinking", "data": str(data)} if data:
            yield ThoughtDelta(place, encrypted=data)
        case {"type": "tool_use", "name": str(name)}:
            arguments = block.get("input") if whole else block.get("input") or None
            yield ToolCallDelta(place, shape.text(block.get("id")), name, shape.as_json(arguments))
        case {"type": "input_json_delta", "partial_json": str(arguments)} if arguments:
            yield ToolCallDelta(place, arguments=arguments)
        case {"type": "server_tool_use" | "mcp_tool_use", "name": str(name)}:
            yield Unshown("tool_call", name)
        case {"type": str(kind)} if part_kind := shape.unshown(kind):
            yield Unshown(part_kind)


def _ending(message: Mapping[str, Any], usage: Any) -> Iterator[WireEvent]:
    if usage:
        yield _usage(fields(usage))
    yield from finish(message.get("stop_reason"))


def _usage(usage: Mapping[str, Any]) -> Usage:
    cached = count(usage.get("cache_read_input_tokens"))
    fresh = count(usage.get("input_tokens"))
    read = None if fresh is None else shape.total(fresh, cached, count(usage.get("cache_creation_input_tokens")))
    thought = count(fields(usage.get("output_tokens_details")).get("thinking_tokens"))
    return Usage(read, count(usage.get("output_tokens")), thought, cached)


def served(frame: Any) -> Served:
    return who.of_chat(frame)


def models_request(provider: Provider) -> HttpRequest | None:
    return shape.get(provider, "/models?limit=1000", VERSION)


def decode_models(body: Any) -> list[str]:
    return shape.names(body)
