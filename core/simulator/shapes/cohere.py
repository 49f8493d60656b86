"""The Cohere v2 shape: /v2/chat, streaming in typed events and whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from ...records import Delta, Finish, Message, Reasoning, Usage
from ..plan import Quota, ReplyPlan, SimulatedFailure
from .ask import Frame, ParsedRequest, around, dumps, sse, stops, text_of, whole_number

STOPS = {"stop": "COMPLETE", "length": "MAX_TOKENS"}
TRIAL = "You are using a Trial key, which is limited to 20 API calls / minute. (Simulated.)"


def read(body: dict[str, Any], _path: str) -> ParsedRequest:
    turns = (Message(turn["role"], text_of(turn.get("content"))) for turn in body.get("messages") or ())
    return ParsedRequest(
        model=str(body.get("model") or ""),
        messages=tuple(turns),
        stream=bool(body.get("stream")),
        max_tokens=whole_number(body.get("max_tokens")),
        seed=whole_number(body.get("seed")),
        stop=stops(body.get("stop_sequences")),
    )


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
            case Finish():
                ended = {"finish_reason": _reason(plan), "usage": _usage(plan.usage)}
                data = _close(index, opened) + _event("message-end", id=plan.reply_id, delta=ended)
                yield Frame(delay_s, data + b"data: [DONE]\n\n")


def whole(_ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> bytes:
    content = [{"type": kind, kind: text} for kind, text in (("thinking", plan.reasoning), ("text", plan.text)) if text]
    return dumps(
        {
            "id": plan.reply_id,
            "finish_reason": _reason(plan),
            "message": {"role": "assistant", "content": content},
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
    return _event("content-end", index=index) if opened else b""


def _reason(plan: ReplyPlan) -> str:
    if plan.stopped_by:
        return "STOP_SEQUENCE"
    return STOPS.get(plan.finish.reason, "ERROR") if plan.finish else "ERROR"


def _usage(usage: Usage) -> dict[str, Any]:
    counts = {"input_tokens": usage.input_tokens or 0, "output_tokens": usage.output_tokens or 0}
    return {"billed_units": counts, "tokens": counts, "cached_tokens": 0}
