"""The OpenAI shape: /chat/completions, streaming and whole, and /models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.records import Delta, Finish, Message, Reasoning, Usage
from core.simulator.plan import Fault, Plan, Quota
from core.simulator.shapes.ask import Ask, Frame, around, dumps, sse, text_of, whole_number

CODES = {
    "limited": ("requests", "rate_limit_exceeded"),
    "down": ("server_error", "service_unavailable"),
    "unknown_model": ("invalid_request_error", "model_not_found"),
    "bad_request": ("invalid_request_error", None),
    "bad_key": ("invalid_request_error", "invalid_api_key"),
}


def read(body: dict[str, Any], _path: str) -> Ask:
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    return Ask(
        model=str(body.get("model") or ""),
        messages=tuple(
            Message("system" if turn.get("role") == "developer" else turn["role"], text_of(turn.get("content")))
            for turn in body.get("messages") or ()
        ),
        stream=bool(body.get("stream")),
        max_tokens=whole_number(limit),
        seed=whole_number(body.get("seed")),
        wants_usage=bool((body.get("stream_options") or {}).get("include_usage")),
    )


def stream(ask: Ask, plan: Plan, now: datetime) -> Iterator[Frame]:
    """The role chunk with the head, one chunk a token, the finish chunk, usage if asked for, and `[DONE]`."""
    base = {
        "id": f"chatcmpl-{plan.reply_id}",
        "object": "chat.completion.chunk",
        "created": int(now.timestamp()),
        "model": ask.model,
    }
    extra = {"usage": None} if ask.wants_usage else {}

    def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return sse({**base, "choices": [choice], **extra})

    answer, thought = (
        around(lambda text: chunk({"content": text})),
        around(lambda text: chunk({"reasoning_content": text})),
    )
    yield Frame(0.0, chunk({"role": "assistant", "content": ""}))
    for delay_s, event in plan.pieces:
        match event:
            case Delta(text):
                yield Frame(delay_s, answer(text), token=True)
            case Reasoning(text):
                yield Frame(delay_s, thought(text), token=True)
            case Finish(reason):
                yield Frame(delay_s, chunk({}, reason))
            case Usage() if ask.wants_usage:
                yield Frame(delay_s, sse({**base, "choices": [], "usage": _usage(event)}))
    if not plan.cut:
        yield Frame(0.0, b"data: [DONE]\n\n")


def whole(ask: Ask, plan: Plan, now: datetime) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": plan.text, "refusal": None}
    if plan.reasoning:
        message["reasoning_content"] = plan.reasoning
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": plan.finish.reason if plan.finish else None,
    }
    return dumps(
        {
            "id": f"chatcmpl-{plan.reply_id}",
            "object": "chat.completion",
            "created": int(now.timestamp()),
            "model": ask.model,
            "choices": [choice],
            "usage": _usage(plan.usage),
        }
    )


def failure(_ask: Ask, fault: Fault) -> bytes:
    kind, code = CODES[fault.kind]
    return dumps({"error": {"message": fault.message, "type": kind, "param": None, "code": code}})


def headers(quota: Quota | None, fault: Fault | None, _now: datetime) -> dict[str, str]:
    """`x-ratelimit-*` as OpenAI and Groq send them: Go durations; `retry-after` in whole seconds, rounded up."""
    found: dict[str, str] = {}
    if quota:
        found = {
            "x-ratelimit-limit-requests": str(quota.requests_limit),
            "x-ratelimit-limit-tokens": str(quota.tokens_limit),
            "x-ratelimit-remaining-requests": str(quota.requests_left),
            "x-ratelimit-remaining-tokens": str(quota.tokens_left),
            "x-ratelimit-reset-requests": f"{quota.requests_reset_s:g}s",
            "x-ratelimit-reset-tokens": f"{quota.tokens_reset_s:g}s",
        }
    if fault and fault.retry_after_s is not None:
        found["retry-after"] = str(int(-(-fault.retry_after_s // 1)))
    return found


def list_models(names: list[str]) -> bytes:
    """One list that OpenAI, Anthropic and Cohere clients can all read."""
    born = "2026-01-01T00:00:00Z"
    rows = [
        {
            "id": name,
            "object": "model",
            "type": "model",
            "display_name": name,
            "created": 1_767_225_600,
            "created_at": born,
            "owned_by": "simulator",
        }
        for name in names
    ]
    cohere = [{"name": name, "endpoints": ["chat"]} for name in names]
    return dumps(
        {
            "object": "list",
            "data": rows,
            "models": cohere,
            "has_more": False,
            "first_id": names[0],
            "last_id": names[-1],
        }
    )


def _usage(usage: Usage) -> dict[str, Any]:
    read, wrote = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "prompt_tokens": read,
        "completion_tokens": wrote,
        "total_tokens": read + wrote,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
    }
