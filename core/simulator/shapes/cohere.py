"""The Cohere v2 shape: /v2/chat, streaming in typed events and whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...records import Delta, Finish, Reasoning, ResponseFormat, ToolCallDelta, Usage
from ..plan import Quota, ReplyPlan, SimulatedFailure
from ..wish import AnswerWish
from . import parts
from .ask import Frame, ParsedRequest, around, dumps, sse, stops, whole_number

STOPS = {"stop": "COMPLETE", "length": "MAX_TOKENS"}
TRIAL = "You are using a Trial key, which is limited to 20 API calls / minute. (Simulated.)"


def read(body: dict[str, Any], _path: str) -> ParsedRequest:
    turns = map(parts.of_chat, body.get("messages") or ())
    return ParsedRequest(
        model=str(body.get("model") or ""),
        messages=tuple(turns),
        stream=bool(body.get("stream")),
        max_tokens=whole_number(body.get("max_tokens")),
        seed=whole_number(body.get("seed")),
        stop=stops(body.get("stop_sequences")),
        wish=_wish(body),
    )


def _wish(body: dict[str, Any]) -> AnswerWish:
    thinking, choice = body.get("thinking") or {}, body.get("tool_choice")
    return replace(
        parts.wish_of_chat({"tools": body.get("tools")}),
        effort="none" if thinking.get("type") == "disabled" else parts.effort(thinking.get("token_budget")),
        form=_form(body.get("response_format") or {}),
        tool_choice=str(choice).lower() if choice else "auto",
    )


def _form(form: dict[str, Any]) -> ResponseFormat | None:
    if form.get("type") != "json_object":
        return None
    schema = form.get("json_schema") or form.get("schema")
    return ResponseFormat("schema", json.dumps(schema)) if schema else ResponseFormat("json")


def stream(_ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> Iterator[Frame]:
    """`message-start`, one `content` for the thoughts and one for the answer, `message-end`, `[DONE]`."""
    opening = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield Frame(0.0, _event("message-start", id=plan.reply_id, delta={"message": opening}))
    index, opened = -1, ""
    encode = _encoder(opened, index)
    for delay_s, event in plan.pieces:
        match event:
            case Delta(text) | Reasoning(text):
                kind = "text" if isinstance(event, Delta) else "thinking"
                data = b""
                if kind != opened:
                    data, index, opened = _close(index, opened), index + 1, kind
                    start = {"message": {"content": {"type": kind, kind: ""}}}
                    data += _event("content-start", index=index, delta=start)
                    encode = _encoder(kind, index)
                yield Frame(delay_s, data + encode(text), token=True)
            case ToolCallDelta(id=call_id, name=name, arguments=arguments):
                data = b""
                if name:
                    data, index, opened = _close(index, opened), index + 1, "tool-call"
                    data += _tool_event("start", index, _call(call_id, name, ""))
                if arguments:
                    data += _tool_event("delta", index, {"function": {"arguments": arguments}})
                yield Frame(delay_s, data, token=True)
            case Finish():
                ended = {"finish_reason": _reason(plan), "usage": _usage(plan.usage)}
                data = _close(index, opened) + _event("message-end", id=plan.reply_id, delta=ended)
                yield Frame(delay_s, data + b"data: [DONE]\n\n")


def whole(_ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> bytes:
    content = [{"type": kind, kind: text} for kind, text in (("thinking", plan.reasoning), ("text", plan.text)) if text]
    calls = [_call(call.id, call.name, call.arguments) for call in plan.whole_calls]
    called = {"tool_calls": calls} if calls else {}
    return dumps(
        {
            "id": plan.reply_id,
            "finish_reason": _reason(plan),
            "message": {"role": "assistant", "content": content, **called},
            "usage": _usage(plan.usage),
        }
    )


def failure(_ask: ParsedRequest, fault: SimulatedFailure) -> bytes:
    return dumps({"id": "simulated", "message": TRIAL if fault.kind == "limited" else fault.message})


def headers(quota: Quota | None, fault: SimulatedFailure | None, _now: datetime) -> dict[str, str]:
    """The trial counters; Cohere never says when they start again."""
    if not quota:
        return {}
    left = 0 if fault else min(19, quota.requests_left)
    return {
        "x-trial-endpoint-call-limit": "20",
        "x-trial-endpoint-call-remaining": str(left),
        "x-endpoint-monthly-call-limit": "1000",
    }


def _event(kind: str, **fields: Any) -> bytes:
    return sse({"type": kind, **fields}, kind)


def _encoder(kind: str, index: int) -> Callable[[str], bytes]:
    return around(lambda text: _event("content-delta", index=index, delta={"message": {"content": {kind: text}}}))


def _close(index: int, opened: str) -> bytes:
    if opened == "tool-call":
        return _event("tool-call-end", index=index)
    return _event("content-end", index=index) if opened else b""


def _tool_event(kind: str, index: int, call: dict[str, Any]) -> bytes:
    return _event(f"tool-call-{kind}", index=index, delta={"message": {"tool_calls": call}})


def _call(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _reason(plan: ReplyPlan) -> str:
    if plan.stopped_by:
        return "STOP_SEQUENCE"
    if plan.whole_calls:
        return "TOOL_CALL"
    return STOPS.get(plan.finish.reason, "ERROR") if plan.finish else "ERROR"


def _usage(usage: Usage) -> dict[str, Any]:
    counts = {"input_tokens": usage.input_tokens or 0, "output_tokens": usage.output_tokens or 0}
    return {"billed_units": counts, "tokens": counts, "cached_tokens": 0}
