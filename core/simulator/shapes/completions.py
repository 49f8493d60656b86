"""OpenAI's older shape: /completions, which continues one prompt. It has no place for reasoning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...records import Delta, Finish, Message
from ..plan import ReplyPlan
from ..wish import Unreadable
from . import openai
from .ask import Frame, ParsedRequest, dumps, interleave, sse
from .openai import failure, headers

__all__ = ["failure", "headers", "read", "stream", "whole"]


def read(body: dict[str, Any], path: str) -> ParsedRequest:
    prompt = body.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str):
        raise Unreadable("The prompt must be one text.")
    ask = openai.read({**body, "messages": []}, path)
    return replace(ask, messages=(Message("user", prompt),), prefix=prompt if body.get("echo") else "")


def stream(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> Iterator[Frame]:
    """One chunk per token, a chunk for the finish reason, usage if requested, and `[DONE]`."""
    base = _base(ask, plan, now)
    if ask.prefix:
        yield Frame(0.0, sse({**base, "choices": [_choice(place, ask.prefix) for place in range(len(plan.choices))]}))
    held_s = 0.0  # the time of reasoning, which is not sent
    for delay_s, place, event in interleave(plan):
        held_s += delay_s
        if isinstance(event, Delta | Finish):
            text, reason = (event.text, None) if isinstance(event, Delta) else ("", event.reason)
            data = sse({**base, "choices": [_choice(place, text, reason)]})
            yield Frame(held_s, data, token=isinstance(event, Delta))
            held_s = 0.0
    if plan.cut:
        return
    if ask.wants_usage:
        yield Frame(0.0, sse({**base, "choices": [], "usage": openai.usage(plan.total)}))
    yield Frame(0.0, b"data: [DONE]\n\n")


def whole(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> bytes:
    choices = [
        _choice(place, ask.prefix + choice.text, choice.finish.reason if choice.finish else None)
        for place, choice in enumerate(plan.choices)
    ]
    return dumps({**_base(ask, plan, now), "choices": choices, "usage": openai.usage(plan.total)})


def _base(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> dict[str, Any]:
    return {
        "id": f"cmpl-{plan.reply_id}",
        "object": "text_completion",
        "created": int(now.timestamp()),
        "model": plan.named,
    }


def _choice(place: int, text: str, reason: str | None = None) -> dict[str, Any]:
    return {"index": place, "text": text, "logprobs": None, "finish_reason": reason}
