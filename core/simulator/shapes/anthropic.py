"""The Anthropic shape: /messages, streaming in blocks and whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from ...records import Delta, Finish, Message, Reasoning, Usage
from ..answer import MOST_TOKENS
from ..models import CONTEXT_TOKENS
from ..plan import Quota, ReplyPlan, SimulatedFailure
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
    turns += [Message(turn["role"], text_of(turn.get("content"))) for turn in body.get("messages") or ()]
    return ParsedRequest(
        model=str(body.get("model") or ""),
        messages=tuple(turns),
        stream=bool(body.get("stream")),
        max_tokens=whole_number(body.get("max_tokens")),
        stop=stops(body.get("stop_sequences")),
    )


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
            case Finish():
                delta = {**_ending(plan), "stop_details": None}
                ended = _event("message_delta", delta=delta, usage=_usage(plan.usage))
                yield Frame(delay_s, _close(index, opened) + ended + _event("message_stop"))


def whole(ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> bytes:
    thoughts = [{"type": "thinking", "thinking": plan.reasoning, "signature": SIGNATURE}] if plan.reasoning else []
    answer = [{"type": "text", "text": plan.text}] if plan.text else []
    return dumps(_message(ask, plan, [*thoughts, *answer], _ending(plan), plan.usage))


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


def _block(kind: str) -> dict[str, str]:
    return {"type": kind, kind: "", **({"signature": ""} if kind == "thinking" else {})}


def _close(index: int, opened: str) -> bytes:
    """The end of the open block, if there is one; thoughts are signed."""
    if not opened:
        return b""
    signed = _delta(index, {"type": "signature_delta", "signature": SIGNATURE}) if opened == "thinking" else b""
    return signed + _event("content_block_stop", index=index)


def _ending(plan: ReplyPlan) -> dict[str, str | None]:
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
