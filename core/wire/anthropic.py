"""Messages of Anthropic, version 2023-06-01.

`input_tokens` on this wire leaves cached tokens out; here they are added back (read and written ones), as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..records import (
    ChatRequest,
    Delta,
    HttpRequest,
    Model,
    Provider,
    Reasoning,
    Served,
    Unshown,
    Usage,
    WireEvent,
)
from . import failure, shape
from . import served as who
from .endings import finish
from .shape import count, fields, items

VERSION = {"anthropic-version": "2023-06-01"}
DEFAULT_MAX_TOKENS = 4_096


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    body: dict[str, Any] = {
        "model": model.name,
        "max_tokens": ask.max_output_tokens or model.max_output_tokens or DEFAULT_MAX_TOKENS,
        "messages": [{"role": turn.role, "content": turn.text} for turn in shape.turns(ask.messages)],
        "stream": stream,
    }
    body |= shape.sampling(system=shape.system_text(ask.messages) or None)
    body |= shape.sampling(temperature=ask.temperature, top_p=ask.top_p)
    return shape.post(provider, "/messages", body, "sse" if stream else "json", VERSION)


def decode(frame: Any) -> Iterator[WireEvent]:
    match frame.get("type"):
        case "content_block_delta" | "content_block_start":
            yield from _block(fields(frame.get("delta", frame.get("content_block"))))
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
    for block in items(message.get("content")):
        yield from _block(fields(block))
    yield from _ending(message, message.get("usage"))


def _block(block: Mapping[str, Any]) -> Iterator[WireEvent]:
    match block:
        case {"type": "text_delta" | "text", "text": str(text)} if text:
            yield Delta(text)
        case {"type": "thinking_delta" | "thinking", "thinking": str(thought)} if thought:
            yield Reasoning(thought)
        case {"type": "tool_use" | "server_tool_use" | "mcp_tool_use", "name": str(name)}:
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
