"""The Ollama shape: /api/chat as NDJSON (the default) or whole, and what its clients look up about models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...records import (
    Delta,
    Finish,
    Message,
    Part,
    Reasoning,
    ResponseFormat,
    Text,
    ToolCall,
    ToolCallDelta,
    ToolResult,
)
from ..models import CONTEXT_TOKENS, find
from ..plan import Quota, ReplyPlan, SimulatedFailure
from ..wish import AnswerWish
from . import parts
from .ask import Frame, ParsedRequest, around, dumps, stops, text_of, whole_number

VERSION = "0.12.6"  # of the interface that is simulated
BORN = "2026-01-01T00:00:00Z"
LOADED_UNTIL = "2036-01-01T00:00:00Z"
DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "simulated",
    "families": ["simulated"],
    "parameter_size": "1B",
    "quantization_level": "F16",
}
PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
LineFields = Callable[..., dict[str, Any]]  # (text, **thinking) -> the fields of one line


def read(body: dict[str, Any], _path: str) -> ParsedRequest:
    return ask(body, tuple(map(_turn, body.get("messages") or ())))


def _turn(turn: dict[str, Any]) -> Message:
    """Pictures are bare base64; calls have arguments that are no text, and often no id."""
    text, name = text_of(turn.get("content")), str(turn.get("tool_name") or turn.get("name") or "")
    if turn["role"] == "tool":
        return Message("tool", [ToolResult(str(turn.get("tool_call_id") or name), name, text)])
    calls = [
        ToolCall(str(call.get("id") or row["name"]), row["name"], parts.arguments_text(row.get("arguments")))
        for call in turn.get("tool_calls") or ()
        if (row := call.get("function"))
    ]
    return Message(turn["role"], [Text(text), *pictures_of(turn.get("images")), *calls])


def pictures_of(values: Any) -> Iterator[Part]:
    """Of a media type that its first bytes tell."""
    for value in values or ():
        data = parts.decoded(value)
        kind = next((kind for start, kind in PICTURES.items() if data.startswith(start)), "image/unknown")
        yield parts.media(kind, data)


def ask(body: dict[str, Any], messages: tuple[Message, ...]) -> ParsedRequest:
    """What chat and generate have in common."""
    options = body.get("options") or {}
    return ParsedRequest(
        model=model_name(body),
        messages=messages,
        stream=body.get("stream") is not False,
        max_tokens=whole_number(options.get("num_predict")),
        seed=whole_number(options.get("seed")),
        stop=stops(options.get("stop")),
        media="application/x-ndjson",
        wish=_wish(body),
    )


def _wish(body: dict[str, Any]) -> AnswerWish:
    form, think = body.get("format"), body.get("think")
    shape = ResponseFormat("json") if form == "json" else None
    if isinstance(form, dict):
        shape = ResponseFormat("schema", json.dumps(form))
    effort = parts.effort(think)
    return replace(parts.wish_of_chat({"tools": body.get("tools")}), effort=effort, form=shape)


def stream(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> Iterator[Frame]:
    return lines(ask, plan, now, message_of)


def whole(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> bytes:
    return one_line(ask, plan, now, message_of)


def lines(ask: ParsedRequest, plan: ReplyPlan, now: datetime, fields_of: LineFields) -> Iterator[Frame]:
    """One line per token, and a last line with `done` and the counts."""
    answer = around(lambda text: line(plan.named, now, fields_of(text)))
    thought = around(lambda text: line(plan.named, now, fields_of("", thinking=text)))
    for delay_s, event in plan.pieces:
        match event:
            case Delta(text):
                yield Frame(delay_s, answer(text), token=True)
            case Reasoning(text):
                yield Frame(delay_s, thought(text), token=True)
            case ToolCallDelta(index=index, name=name):  # a call comes whole
                if name and index < len(plan.whole_calls):
                    value = fields_of("", tool_calls=[_call(plan, index)])
                    yield Frame(delay_s, line(plan.named, now, value), token=True)
            case Finish():
                yield Frame(delay_s, line(plan.named, now, fields_of(""), _end(plan)))


def one_line(ask: ParsedRequest, plan: ReplyPlan, now: datetime, fields_of: LineFields) -> bytes:
    more: dict[str, Any] = {"thinking": plan.reasoning} if plan.reasoning else {}
    if plan.whole_calls:
        more["tool_calls"] = [_call(plan, index) for index in range(len(plan.whole_calls))]
    return line(plan.named, now, fields_of(plan.text, **more), _end(plan))


def _call(plan: ReplyPlan, index: int) -> dict[str, Any]:
    call = plan.whole_calls[index]
    return {"id": call.id, "function": {"index": index, "name": call.name, "arguments": json.loads(call.arguments)}}


def line(model: str, now: datetime, fields: dict[str, Any], end: dict[str, Any] | None = None) -> bytes:
    value = {"model": model, "created_at": f"{now:%Y-%m-%dT%H:%M:%S.%f}Z", **fields, "done": bool(end)}
    return dumps({**value, **(end or {})}) + b"\n"


def loaded(ask: ParsedRequest, now: datetime, fields_of: LineFields) -> bytes:
    """The reply to a request without a prompt, which only loads the model."""
    return line(ask.model, now, fields_of(""), {"done_reason": "load"})


def failure(ask: ParsedRequest, fault: SimulatedFailure) -> bytes:
    missing = f"model '{ask.model}' not found"
    return dumps({"error": missing if fault.kind == "unknown_model" else fault.message})


def headers(_quota: Quota | None, _fault: SimulatedFailure | None, _now: datetime) -> dict[str, str]:
    return {}


def list_models(names: list[str]) -> bytes:
    return dumps({"models": [{**_row(name), "modified_at": BORN} for name in names]})


def list_running(names: list[str]) -> bytes:
    """All of them: nothing has to be loaded."""
    running = {"expires_at": LOADED_UNTIL, "size_vram": 0, "context_length": CONTEXT_TOKENS}
    return dumps({"models": [{**_row(name), **running} for name in names]})


def show(name: str) -> bytes:
    match = find(name)
    thinks = match is not None and match.profile.style == "thinker"
    return dumps(
        {
            "license": "Simulated: there is no such model.",
            "modelfile": f"FROM {name}\n",
            "parameters": "",
            "template": "{{ .Prompt }}",
            "details": DETAILS,
            "model_info": {
                "general.architecture": "simulated",
                "general.parameter_count": 1_000_000_000,
                "simulated.context_length": CONTEXT_TOKENS,
                "simulated.embedding_length": 2048,
            },
            "capabilities": ["completion", "tools", "vision", *(["thinking"] if thinks else [])],
            "modified_at": BORN,
        }
    )


def model_name(body: dict[str, Any]) -> str:
    return str(body.get("model") or body.get("name") or "").removesuffix(":latest")


def message_of(text: str, **more: Any) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": text, **more}}


def _row(name: str) -> dict[str, Any]:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return {"name": name, "model": name, "size": 0, "digest": digest, "details": DETAILS}


def _end(plan: ReplyPlan) -> dict[str, Any]:
    """Durations are those of the plan, in nanoseconds, whatever the speed it is played at."""
    usage = plan.usage
    first_s = plan.head_delay_s + (plan.pieces[0].delay_s if plan.pieces else 0.0)
    return {
        "done_reason": plan.finish.reason if plan.finish else "stop",
        "total_duration": int(plan.duration_s * 1e9),
        "load_duration": 0,
        "prompt_eval_count": usage.input_tokens,
        "prompt_eval_duration": int(first_s * 1e9),
        "eval_count": usage.output_tokens,
        "eval_duration": int((plan.duration_s - first_s) * 1e9),
    }
