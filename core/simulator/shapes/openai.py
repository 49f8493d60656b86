"""The OpenAI shape: /chat/completions, streaming and whole, and /models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from ...records import Delta, Finish, Reasoning, ToolCallDelta, Usage
from ..models import CONTEXT_TOKENS
from ..plan import Quota, ReplyPlan, SimulatedFailure
from . import parts
from .ask import (
    Frame,
    ParsedRequest,
    around,
    choices,
    dumps,
    interleave,
    sse,
    stops,
    whole_number,
)

CREATED = 1_767_225_600
# Vendors' variants of the shape, by path prefix; the last is the path that Groq's clients add to any address.
VENDORS = {"/mistral/": "mistral", "/studio/": "ai21", "/groq/": "groq", "/openai/v1/": "groq"}
# Their streams always send the counts in the frame of the finish reason, in this field.
FINISH_USAGE = {"mistral": "usage", "ai21": "usage", "groq": "x_groq"}
MISTRAL_CODES = {
    "limited": ("rate_limited", "1300"),
    "down": ("service_tier_capacity_exceeded", "3505"),
    "unknown_model": ("invalid_model", "1500"),
    "bad_request": ("invalid_request_error", "3051"),
}
CODES = {
    "limited": ("requests", "rate_limit_exceeded"),
    "down": ("server_error", "service_unavailable"),
    "unknown_model": ("invalid_request_error", "model_not_found"),
    "bad_request": ("invalid_request_error", None),
    "bad_key": ("invalid_request_error", "invalid_api_key"),
}


def read(body: dict[str, Any], path: str) -> ParsedRequest:
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    vendor = next((vendor for prefix, vendor in VENDORS.items() if prefix in path), "")
    return ParsedRequest(
        model=str(body.get("model") or ""),
        messages=tuple(map(parts.of_chat, body.get("messages") or ())),
        stream=bool(body.get("stream")),
        max_tokens=whole_number(limit),
        seed=whole_number(body.get("seed", body.get("random_seed"))),
        stop=stops(body.get("stop")),
        choices=choices(body.get("n")),
        wants_usage=vendor in ("", "groq") and bool((body.get("stream_options") or {}).get("include_usage")),
        vendor=vendor,
        wish=parts.wish_of_chat(body),
    )


def stream(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> Iterator[Frame]:
    """The role chunk with the head, one chunk per token, the finish chunk, usage if requested, and `[DONE]`."""
    base = {
        "id": f"chatcmpl-{plan.reply_id}",
        "object": "chat.completion.chunk",
        "created": int(now.timestamp()),
        "model": plan.named,
        **_host(plan),
    }
    extra = {"usage": None} if ask.wants_usage else {}

    def chunk(place: int, delta: dict[str, Any], reason: str | None = None, counts: dict[str, Any] = extra) -> bytes:
        choice = {"index": place, "delta": delta, "logprobs": None, "finish_reason": reason}
        return sse({**base, "choices": [choice], **counts})

    def encoder(place: int, delta_of: Callable[[str], dict[str, Any]]) -> Callable[[str], bytes]:
        return around(lambda text: chunk(place, delta_of(text)))

    places = range(len(plan.choices))
    answer = [encoder(place, lambda text: {"content": text}) for place in places]
    thought = [encoder(place, lambda text: _thought(ask, text)) for place in places]
    for place in range(len(plan.choices)):
        yield Frame(0.0, chunk(place, {"role": "assistant", "content": ""}))
    running = len(plan.choices)
    for delay_s, place, event in interleave(plan):
        match event:
            case Delta(text):
                yield Frame(delay_s, answer[place](text), token=True)
            case Reasoning(text):
                yield Frame(delay_s, thought[place](text), token=True)
            case ToolCallDelta():
                yield Frame(delay_s, chunk(place, {"tool_calls": [_call_piece(ask, event)]}), token=True)
            case Finish(reason):
                running -= 1
                delta = {"content": ""} if ask.vendor in ("mistral", "ai21") else {}
                counts = extra if running else {**extra, **_finish_usage(ask, plan)}
                yield Frame(delay_s, chunk(place, delta, _reason(plan.choices[place], reason), counts))
    if plan.cut:
        return
    if ask.wants_usage:
        yield Frame(0.0, sse({**base, "choices": [], "usage": usage(plan.total)}))
    yield Frame(0.0, b"data: [DONE]\n\n")


def whole(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> bytes:
    return dumps(
        {
            "id": f"chatcmpl-{plan.reply_id}",
            "object": "chat.completion",
            "created": int(now.timestamp()),
            "model": plan.named,
            **_host(plan),
            "choices": [_choice(ask, place, choice) for place, choice in enumerate(plan.choices)],
            "usage": usage(plan.total),
        }
    )


def _host(plan: ReplyPlan) -> dict[str, str]:
    """The host behind a router, as OpenRouter names it."""
    return {"provider": plan.served_by} if plan.served_by else {}


def failure(ask: ParsedRequest, fault: SimulatedFailure) -> bytes:
    if ask.vendor == "mistral":
        return _mistral_failure(fault)
    kind, code = CODES[fault.kind]
    return dumps({"error": {"message": fault.message, "type": kind, "param": None, "code": code}})


def _mistral_failure(fault: SimulatedFailure) -> bytes:
    """Flat; a refused key has only a message."""
    if fault.kind not in MISTRAL_CODES:
        return dumps({"detail": fault.message})
    kind, code = MISTRAL_CODES[fault.kind]
    return dumps({"object": "error", "message": fault.message, "type": kind, "param": None, "code": code})


def headers(quota: Quota | None, fault: SimulatedFailure | None, _now: datetime) -> dict[str, str]:
    """`x-ratelimit-*` as OpenAI and Groq send them: Go durations; `retry-after` in whole seconds, rounded up."""
    fields: dict[str, str] = {}
    if quota:
        fields = {
            "x-ratelimit-limit-requests": str(quota.requests_limit),
            "x-ratelimit-limit-tokens": str(quota.tokens_limit),
            "x-ratelimit-remaining-requests": str(quota.requests_left),
            "x-ratelimit-remaining-tokens": str(quota.tokens_left),
            "x-ratelimit-reset-requests": f"{quota.requests_reset_s:g}s",
            "x-ratelimit-reset-tokens": f"{quota.tokens_reset_s:g}s",
        }
    if fault and fault.retry_after_s is not None:
        fields["retry-after"] = str(int(-(-fault.retry_after_s // 1)))
    return fields


def list_models(names: list[str]) -> bytes:
    """One list that OpenAI's, Mistral's and Cohere's clients can all read."""
    cohere = [{"name": name, "endpoints": ["chat"]} for name in names]
    return dumps({"object": "list", "data": [_row(name) for name in names], "models": cohere})


def one_model(name: str) -> bytes:
    return dumps({**_row(name), "endpoints": ["chat"]})


def _row(name: str) -> dict[str, Any]:
    """`type`, `capabilities` and what follows them are Mistral's."""
    return {
        "id": name,
        "object": "model",
        "created": CREATED,
        "owned_by": "simulator",
        "type": "base",
        "name": name,
        "capabilities": {"completion_chat": True, "function_calling": True, "vision": True},
        "max_context_length": CONTEXT_TOKENS,
        "context_length": CONTEXT_TOKENS,
    }


def _finish_usage(ask: ParsedRequest, plan: ReplyPlan) -> dict[str, Any]:
    match FINISH_USAGE.get(ask.vendor):
        case None:
            return {}
        case "x_groq":
            return {"x_groq": {"id": f"req_{plan.reply_id}", "usage": usage(plan.total)}}
        case field:
            return {field: usage(plan.total)}


def _thought(ask: ParsedRequest, text: str) -> dict[str, Any]:
    """Reasoning as a field of its own, or with Mistral as a part of the content."""
    if ask.vendor == "mistral":
        return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]}
    return {"reasoning" if ask.vendor == "groq" else "reasoning_content": text}


def _call_piece(ask: ParsedRequest, event: ToolCallDelta) -> dict[str, Any]:
    """The first piece of a call names it; Mistral's client wants a name in all of them."""
    named = {"id": event.id, "type": "function"} if event.id else {}
    name = {"name": event.name} if event.name or ask.vendor == "mistral" else {}
    return {"index": event.index, **named, "function": {**name, "arguments": event.arguments}}


def _calls(plan: ReplyPlan) -> list[dict[str, Any]]:
    return [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in plan.calls
    ]


def _choice(ask: ParsedRequest, place: int, plan: ReplyPlan) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": plan.text, "refusal": None}
    if plan.reasoning and ask.vendor == "mistral":
        message["content"] = [*_thought(ask, plan.reasoning)["content"], {"type": "text", "text": plan.text}]
    elif plan.reasoning:
        message |= _thought(ask, plan.reasoning)
    if calls := _calls(plan):
        message |= {"content": plan.text or None, "tool_calls": calls}
    return {
        "index": place,
        "message": message,
        "logprobs": None,
        "finish_reason": _reason(plan, plan.finish.reason) if plan.finish else None,
    }


def _reason(plan: ReplyPlan, reason: str) -> str:
    return "tool_calls" if plan.whole_calls else reason


def usage(counts: Usage) -> dict[str, Any]:
    read, wrote = counts.input_tokens or 0, counts.output_tokens or 0
    return {
        "prompt_tokens": read,
        "completion_tokens": wrote,
        "total_tokens": read + wrote,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": counts.reasoning_tokens or 0},
    }
