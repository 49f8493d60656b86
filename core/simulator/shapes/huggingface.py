"""The Hugging Face shape: `inputs` to /, /models/{model}, /generate and /generate_stream, as the text server answers.

A model that reasons writes its thoughts between `<think>` marks, as there is no other place for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ...records import Delta, Message, Reasoning
from ..plan import Quota, ReplyPlan, SimulatedFailure
from .ask import Frame, ParsedRequest, dumps, stops, whole_number

DEFAULT_MODEL = "steady"
STOPS = {"stop": "eos_token", "length": "length"}
LOADING_S = 2.0


def read(body: dict[str, Any], path: str) -> ParsedRequest:
    parameters = body.get("parameters") or {}
    name = path.partition("?")[0].rpartition("/models/")[2] if "/models/" in path else body.get("model")
    prompt = str(body.get("inputs") or "")
    return ParsedRequest(
        model=str(name or DEFAULT_MODEL),
        messages=(Message("user", prompt),),
        stream=path.endswith("/generate_stream") or bool(body.get("stream")),
        max_tokens=whole_number(parameters.get("max_new_tokens")),
        seed=whole_number(parameters.get("seed")),
        stop=stops(parameters.get("stop") or parameters.get("stop_sequences")),
        array=not path.endswith("/generate"),
        prefix=prompt if parameters.get("return_full_text") else "",
    )


def stream(ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> Iterator[Frame]:
    """`data:` without a space, one token each; the last one holds the whole text and the details."""
    pieces = list(_marked(plan))
    for place, (delay_s, text) in enumerate(pieces):
        last = place == len(pieces) - 1 and plan.finish is not None
        value = {
            "index": place + 1,
            "token": {"id": place, "text": text, "logprob": -0.5, "special": False},
            "generated_text": ask.prefix + _text(plan) if last else None,
            "details": _details(plan) if last else None,
        }
        yield Frame(delay_s, b"data:%s\n\n" % dumps(value), token=True)


def whole(ask: ParsedRequest, plan: ReplyPlan, _now: datetime) -> bytes:
    value = {"generated_text": ask.prefix + _text(plan), "details": _details(plan)}
    return dumps([value] if ask.array else value)


def failure(ask: ParsedRequest, fault: SimulatedFailure) -> bytes:
    match fault.kind:
        case "limited":
            return dumps({"error": "Rate limit reached. Please try again later. (Simulated.)"})
        case "down":
            return dumps({"error": f"Model {ask.model} is currently loading", "estimated_time": LOADING_S})
        case "bad_key":
            return dumps({"error": "Invalid username or password."})
        case "bad_request":
            return dumps({"error": f"Input validation error: {fault.message}", "error_type": "validation"})
    return dumps({"error": fault.message})


def headers(_quota: Quota | None, fault: SimulatedFailure | None, _now: datetime) -> dict[str, str]:
    if fault and fault.retry_after_s is not None:
        return {"retry-after": str(int(-(-fault.retry_after_s // 1)))}
    return {}


def _marked(plan: ReplyPlan) -> Iterator[tuple[float, str]]:
    """Tokens with `<think>` in front of the first thought and `</think>` in front of the first word of the answer."""
    thinking = False
    for delay_s, event in plan.pieces:
        match event:
            case Reasoning(text):
                yield delay_s, text if thinking else f"<think>{text}"
                thinking = True
            case Delta(text):
                yield delay_s, f"</think>{text}" if thinking else text
                thinking = False


def _text(plan: ReplyPlan) -> str:
    return "".join(text for _, text in _marked(plan))


def _details(plan: ReplyPlan) -> dict[str, Any]:
    reason = plan.finish.reason if plan.finish else "stop"
    return {
        "finish_reason": "stop_sequence" if plan.stopped_by else STOPS.get(reason, reason),
        "generated_tokens": plan.usage.output_tokens,
        "seed": None,
        "prefill": [],
        "tokens": [],
    }
