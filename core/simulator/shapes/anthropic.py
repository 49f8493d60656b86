"""The Anthropic shape: /messages, streaming in blocks and whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from ...records import (
    Delta,
    Document,
    Finish,
    Message,
    Part,
    Reasoning,
    ResponseFormat,
    Text,
    Thought,
    ToolCall,
    ToolCallDelta,
    ToolResult,
    Usage,
)
from ..answer import MOST_TOKENS
from ..models import CONTEXT_TOKENS
from ..plan import Quota, ReplyPlan, SimulatedFailure
from ..wish import AnswerWish, Unreadable
from . import parts
from .ask import Frame, ParsedRequest, around, dumps, sse, stops, text_of, whole_number

KINDS = {
    "limited": "rate_limit_error",
    "down": "overloaded_error",
    "unknown_model": "not_found_error",
    "bad_request": "invalid_request_error",
    "bad_key": "authentication_error",
}
STOPS = {"stop": "end_turn", "length": "max_tokens"}
SIGNATURE = "c2ltdWxhdGVk"


def read(body: dict[str, Any], _path: str) -> ParsedRequest:
    system = text_of(body.get("system"))
    turns = [Message("system", system)] if system else []
    for turn in body.get("messages") or ():
        turns += _messages(turn)
    _check_signatures(turns, (body.get("thinking") or {}).get("type") in ("enabled", "adaptive"))
    return ParsedRequest(
        model=str(body.get("model") or ""),
        messages=tuple(turns),
        stream=bool(body.get("stream")),
        max_tokens=whole_number(body.get("max_tokens")),
        stop=stops(body.get("stop_sequences")),
        wish=_wish(body),
    )


def _wish(body: dict[str, Any]) -> AnswerWish:
    thinking, config = body.get("thinking") or {}, body.get("output_config") or {}
    effort = thinking.get("budget_tokens") if thinking.get("type") == "enabled" else config.get("effort")
    form = config.get("format") or body.get("output_format") or {}
    chosen = body.get("tool_choice") or {}
    schema = json.dumps(form.get("schema") or {})
    return AnswerWish(
        effort="none" if thinking.get("type") == "disabled" else parts.effort(effort),
        form=ResponseFormat("schema", schema) if form.get("type") == "json_schema" else None,
        tools=tuple(parts.tool(row, "input_schema") for row in body.get("tools") or () if "input_schema" in row),
        tool_choice=parts.choice(chosen),
        parallel=not chosen.get("disable_parallel_tool_use"),
    )


def _messages(turn: dict[str, Any]) -> list[Message]:
    """One turn; results of tools stand before the person's words and are a turn of their own."""
    content = turn.get("content")
    if not isinstance(content, list):
        return [Message(turn["role"], text_of(content))]
    blocks = parts.joined(list(map(_part, content)))
    results = [part for part in blocks if isinstance(part, ToolResult)]
    rest = [part for part in blocks if not isinstance(part, ToolResult)]
    return [*([Message("tool", results)] if results else ()), *([Message(turn["role"], rest)] if rest else ())]


def _part(block: dict[str, Any]) -> Part:
    match block:
        case {"type": "image" | "document", "source": {"type": "base64", "media_type": kind, "data": data}}:
            return parts.media(kind, parts.decoded(data), str(block.get("title") or ""))
        case {"type": "document", "source": {"type": "text", "data": text}}:
            return Document(str(block.get("title") or "document.txt"), str(text))
        case {"type": "image" | "document"}:
            raise Unreadable("The simulator fetches nothing: send the file itself, as base64.")
        case {"type": "tool_use", "id": call_id, "name": name}:
            return ToolCall(call_id, name, parts.arguments_text(block.get("input")))
        case {"type": "tool_result", "tool_use_id": call_id}:
            return ToolResult(call_id, "", text_of(block.get("content")), bool(block.get("is_error")))
        case {"type": "thinking", "thinking": text}:
            return Thought(text, signature=str(block.get("signature") or ""))
        case {"type": "redacted_thinking", "data": data}:
            return Thought(encrypted=str(data))
    return Text(str(block.get("text") or ""))


def _check_signatures(turns: list[Message], thinks: bool) -> None:
    """As Anthropic does: thoughts come back as they were, and in front of the tools that were called after them."""
    thoughts = [part for turn in turns for part in turn.parts if isinstance(part, Thought)]
    if any(thought.text and thought.signature != SIGNATURE for thought in thoughts):
        raise Unreadable("Invalid `signature` in `thinking` block.")
    newest = next((turn for turn in reversed(turns) if turn.role == "assistant"), None)
    if thinks and turns[-1].role == "tool" and newest and not isinstance(newest.parts[0], Thought):
        raise Unreadable("Expected `thinking` or `redacted_thinking`, but found `tool_use`, while thinking is enabled.")


def stream(ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> Iterator[Frame]:
    """`message_start`, a block for the thoughts and one for the answer, `message_delta`, `message_stop`."""
    yield Frame(0.0, _event("message_start", message=_message(ask, plan, [], {}, Usage(plan.input_tokens, 1))))
    yield Frame(0.0, _event("ping"))
    index, opened = -1, ""
    encode = _encoder(opened, index)
    for delay_s, event in plan.pieces:
        match event:
            case Delta(text) | Reasoning(text):
                kind = "text" if isinstance(event, Delta) else "thinking"
                data = b""
                if kind != opened:
                    data, index, opened = _close(index, opened), index + 1, kind
                    data += _event("content_block_start", index=index, content_block=_block(kind))
                    encode = _encoder(kind, index)
                yield Frame(delay_s, data + encode(text), token=True)
            case ToolCallDelta(id=call_id, name=name, arguments=arguments):
                data = b""
                if name:
                    data, index, opened = _close(index, opened), index + 1, "tool_use"
                    block = {"type": "tool_use", "id": _tool_id(call_id), "name": name, "input": {}}
                    data += _event("content_block_start", index=index, content_block=block)
                data += _event(
                    "content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": arguments}
                )
                yield Frame(delay_s, data, token=True)
            case Finish():
                delta = {**_ending(plan), "stop_details": None}
                ended = _event("message_delta", delta=delta, usage=_usage(plan.usage))
                yield Frame(delay_s, _close(index, opened) + ended + _event("message_stop"))


def whole(ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> bytes:
    thoughts = [{"type": "thinking", "thinking": plan.reasoning, "signature": SIGNATURE}] if plan.reasoning else []
    answer = [{"type": "text", "text": plan.text}] if plan.text else []
    calls = [
        {"type": "tool_use", "id": _tool_id(call.id), "name": call.name, "input": json.loads(call.arguments)}
        for call in plan.whole_calls
    ]
    return dumps(_message(ask, plan, [*thoughts, *answer, *calls], _ending(plan), plan.usage))


def failure(_ask: ParsedRequest, fault: SimulatedFailure) -> bytes:
    return dumps({"type": "error", "error": {"type": KINDS[fault.kind], "message": fault.message}, "request_id": None})


def headers(quota: Quota | None, fault: SimulatedFailure | None, now: datetime) -> dict[str, str]:
    """`anthropic-ratelimit-*` with RFC 3339 resets. An overload (529) names no time to come back."""
    fields: dict[str, str] = {}
    if quota:
        for name, limit, left, reset_s in (
            ("requests", quota.requests_limit, quota.requests_left, quota.requests_reset_s),
            ("tokens", quota.tokens_limit, quota.tokens_left, quota.tokens_reset_s),
        ):
            reset = (now + timedelta(seconds=reset_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
            fields |= {
                f"anthropic-ratelimit-{name}-limit": str(limit),
                f"anthropic-ratelimit-{name}-remaining": str(left),
                f"anthropic-ratelimit-{name}-reset": reset,
            }
    if fault and fault.kind in ("limited", "down"):
        fields["x-should-retry"] = "true"
    if fault and fault.retry_after_s is not None:
        fields["retry-after"] = str(int(-(-fault.retry_after_s // 1)))
    return fields


def list_models(names: list[str]) -> bytes:
    rows = [_row(name) for name in names]
    return dumps({"data": rows, "has_more": False, "first_id": names[0], "last_id": names[-1]})


def one_model(name: str) -> bytes:
    return dumps(_row(name))


def count(tokens: int) -> bytes:
    """What /messages/count_tokens answers."""
    return dumps({"input_tokens": tokens})


def _row(name: str) -> dict[str, Any]:
    return {
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": "2026-01-01T00:00:00Z",
        "max_input_tokens": CONTEXT_TOKENS,
        "max_tokens": MOST_TOKENS,
    }


def _event(kind: str, **fields: Any) -> bytes:
    return sse({"type": kind, **fields}, kind)


def _delta(index: int, delta: dict[str, str]) -> bytes:
    return _event("content_block_delta", index=index, delta=delta)


def _encoder(kind: str, index: int) -> Callable[[str], bytes]:
    return around(lambda text: _delta(index, {"type": f"{kind}_delta", kind: text}))


def _tool_id(call_id: str) -> str:
    return f"toolu_{call_id.removeprefix('call_')}"


def _block(kind: str) -> dict[str, str]:
    return {"type": kind, kind: "", **({"signature": ""} if kind == "thinking" else {})}


def _close(index: int, opened: str) -> bytes:
    """The end of the open block, if there is one; thoughts are signed."""
    if not opened:
        return b""
    signed = _delta(index, {"type": "signature_delta", "signature": SIGNATURE}) if opened == "thinking" else b""
    return signed + _event("content_block_stop", index=index)


def _ending(plan: ReplyPlan) -> dict[str, str | None]:
    if plan.whole_calls:
        return {"stop_reason": "tool_use", "stop_sequence": None}
    reason = "stop_sequence" if plan.stopped_by else STOPS.get(plan.finish.reason) if plan.finish else None
    return {"stop_reason": reason, "stop_sequence": plan.stopped_by or None}


def _message(
    ask: ParsedRequest, plan: ReplyPlan, content: list[Any], ending: dict[str, str | None], usage: Usage
) -> dict[str, Any]:
    return {
        "id": f"msg_{plan.reply_id}",
        "type": "message",
        "role": "assistant",
        "model": plan.named,
        "content": content,
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        **ending,
        "usage": _usage(usage),
    }


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens or 0,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": usage.output_tokens or 0,
        "output_tokens_details": {"thinking_tokens": usage.reasoning_tokens or 0},
    }
