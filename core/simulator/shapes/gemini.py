"""The Gemini shape: :generateContent, and :streamGenerateContent as SSE or as one JSON array."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ...records import Delta, Finish, Message, Reasoning, ToolCallDelta
from ..answer import MOST_TOKENS
from ..models import CONTEXT_TOKENS
from ..plan import Quota, ReplyPlan, SimulatedFailure
from . import gemini_parts
from .ask import Frame, ParsedRequest, choices, dumps, interleave, stops, text_of, whole_number

STATES = {
    "limited": "RESOURCE_EXHAUSTED",
    "down": "UNAVAILABLE",
    "unknown_model": "NOT_FOUND",
    "bad_request": "INVALID_ARGUMENT",
    "bad_key": "UNAUTHENTICATED",
}
STOPS = {"stop": "STOP", "length": "MAX_TOKENS"}
RPC = "type.googleapis.com/google.rpc."


def read(body: dict[str, Any], path: str) -> ParsedRequest:
    """The model and the way to answer are in the path; `?alt=sse` may follow it."""
    name, _, action = path.rpartition("models/")[2].partition(":")
    if ":" in action:  # a model with an option of its own, like flaky:429
        option, _, action = action.rpartition(":")
        name = f"{name}:{option}"
    body = gemini_parts.camel(body)
    body = body.get("generateContentRequest") or body  # how the tokens of a whole request are counted
    config = body.get("generationConfig") or {}
    system = text_of((body.get("systemInstruction") or {}).get("parts"))
    turns = [Message("system", system)] if system else []
    for turn in body.get("contents") or ():
        turns += gemini_parts.messages(turn)
    return ParsedRequest(
        model=name,
        messages=tuple(turns),
        stream=action.startswith("stream"),
        max_tokens=whole_number(config.get("maxOutputTokens")),
        seed=whole_number(config.get("seed")),
        stop=stops(config.get("stopSequences")),
        wish=gemini_parts.wish(body, config),
        choices=choices(config.get("candidateCount")),
        array="alt=sse" not in action,
        media="text/event-stream" if "alt=sse" in action else "application/json",
    )


def stream(ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> Iterator[Frame]:
    """One frame per token with the counts so far, the finish reason in the last one; no end mark."""
    thoughts = written = 0
    first = True
    for delay_s, place, event in interleave(plan):
        if not isinstance(event, Delta | Reasoning | ToolCallDelta | Finish):
            continue
        thoughts += isinstance(event, Reasoning)
        written += isinstance(event, Delta | ToolCallDelta)
        if isinstance(event, ToolCallDelta):  # a call comes whole
            if not event.name or event.index >= len(plan.choices[place].whole_calls):
                continue
            content = gemini_parts.call(plan.choices[place], event.index)
        else:
            content = {"text": ""} if isinstance(event, Finish) else _part(event.text, isinstance(event, Reasoning))
        reason = event.reason if isinstance(event, Finish) else None
        value = _answer(ask, plan, [_candidate(place, [content], reason)], written, thoughts)
        data = _element(value, first) if ask.array else b"data: %s\r\n\r\n" % dumps(value)
        first = False
        yield Frame(delay_s, data, token=not isinstance(event, Finish))
    if ask.array and not plan.cut:
        yield Frame(0.0, b"\n]")


def whole(ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> bytes:
    candidates = []
    for place, choice in enumerate(plan.choices):
        parts = [_part(text, thought) for text, thought in ((choice.reasoning, True), (choice.text, False)) if text]
        parts += [gemini_parts.call(choice, index) for index in range(len(choice.whole_calls))]
        candidates.append(_candidate(place, parts, choice.finish.reason if choice.finish else None))
    usage = plan.total
    thoughts = usage.reasoning_tokens or 0
    return dumps(_answer(ask, plan, candidates, (usage.output_tokens or 0) - thoughts, thoughts))


def count(tokens: int) -> bytes:
    """What :countTokens answers."""
    return dumps({"totalTokens": tokens, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}]})


def failure(ask: ParsedRequest, fault: SimulatedFailure) -> bytes:
    details: list[dict[str, Any]] = []
    if fault.kind == "limited":
        violation = {
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
            "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            "quotaDimensions": {"location": "global", "model": ask.model},
            "quotaValue": "30",
        }
        details.append({"@type": f"{RPC}QuotaFailure", "violations": [violation]})
        details.append({"@type": f"{RPC}RetryInfo", "retryDelay": f"{fault.retry_after_s or 1:g}s"})
    error = {"code": fault.status, "message": fault.message, "status": STATES[fault.kind], "details": details}
    return dumps([{"error": error}] if ask.stream and ask.array else {"error": error})


def headers(_quota: Quota | None, _fault: SimulatedFailure | None, _now: datetime) -> dict[str, str]:
    """None: Gemini states its limits only in the body of a 429."""
    return {}


def list_models(names: list[str]) -> bytes:
    return dumps({"models": [_row(name) for name in names]})


def one_model(name: str) -> bytes:
    return dumps(_row(name))


def _row(name: str) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "baseModelId": name,
        "version": "001",
        "displayName": name,
        "inputTokenLimit": CONTEXT_TOKENS,
        "outputTokenLimit": MOST_TOKENS,
        "supportedGenerationMethods": ["generateContent", "streamGenerateContent", "countTokens"],
    }


def _part(text: str, thought: bool) -> dict[str, Any]:
    return {"text": text, **({"thought": True} if thought else {})}


def _candidate(place: int, parts: list[dict[str, Any]], reason: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": place}
    if reason:
        candidate["finishReason"] = STOPS.get(reason, "OTHER")
    return candidate


def _answer(
    ask: ParsedRequest, plan: ReplyPlan, candidates: list[dict[str, Any]], written: int, thoughts: int
) -> dict[str, Any]:
    usage = {"promptTokenCount": plan.input_tokens, "totalTokenCount": plan.input_tokens + written + thoughts}
    if written:
        usage["candidatesTokenCount"] = written
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    return {
        "candidates": candidates,
        "usageMetadata": usage,
        "modelVersion": plan.named,
        "responseId": plan.reply_id,
    }


def _element(value: object, first: bool) -> bytes:
    """One element of the array, printed the way Gemini does."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return f"{'[' if first else chr(10) + ',' + chr(10)}{text}".encode()
