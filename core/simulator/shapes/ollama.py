"""The Ollama shape: /api/chat as NDJSON (the default) or whole, and /api/tags."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.records import Delta, Finish, Message, Reasoning
from core.simulator.plan import Fault, Plan, Quota
from core.simulator.shapes.ask import Ask, Frame, around, dumps, text_of, whole_number


def read(body: dict[str, Any], _path: str) -> Ask:
    options = body.get("options") or {}
    turns = (Message(turn["role"], text_of(turn.get("content"))) for turn in body.get("messages") or ())
    return Ask(
        model=str(body.get("model") or "").removesuffix(":latest"),
        messages=tuple(turns),
        stream=body.get("stream") is not False,
        max_tokens=whole_number(options.get("num_predict")),
        seed=whole_number(options.get("seed")),
        media="application/x-ndjson",
    )


def stream(ask: Ask, plan: Plan, now: datetime) -> Iterator[Frame]:
    """One line a token, and a last line with `done` and the counts."""
    answer = around(lambda text: _line(ask, now, {"role": "assistant", "content": text}))
    thought = around(lambda text: _line(ask, now, {"role": "assistant", "content": "", "thinking": text}))
    for delay_s, event in plan.pieces:
        match event:
            case Delta(text):
                yield Frame(delay_s, answer(text), token=True)
            case Reasoning(text):
                yield Frame(delay_s, thought(text), token=True)
            case Finish():
                yield Frame(delay_s, _line(ask, now, {"role": "assistant", "content": ""}, _end(plan)))


def whole(ask: Ask, plan: Plan, now: datetime) -> bytes:
    message = {"role": "assistant", "content": plan.text}
    if plan.reasoning:
        message["thinking"] = plan.reasoning
    return _line(ask, now, message, _end(plan))


def failure(ask: Ask, fault: Fault) -> bytes:
    missing = f"model '{ask.model}' not found"
    return dumps({"error": missing if fault.kind == "unknown_model" else fault.message})


def headers(_quota: Quota | None, _fault: Fault | None, _now: datetime) -> dict[str, str]:
    return {}


def list_models(names: list[str]) -> bytes:
    rows = [{"name": name, "model": name, "modified_at": "2026-01-01T00:00:00Z", "size": 0} for name in names]
    return dumps({"models": rows})


def _line(ask: Ask, now: datetime, message: dict[str, str], end: dict[str, Any] | None = None) -> bytes:
    value = {"model": ask.model, "created_at": f"{now:%Y-%m-%dT%H:%M:%S.%f}Z", "message": message, "done": bool(end)}
    return dumps({**value, **(end or {})}) + b"\n"


def _end(plan: Plan) -> dict[str, Any]:
    usage = plan.usage
    return {
        "done_reason": plan.finish.reason if plan.finish else "stop",
        "total_duration": int(plan.duration_s * 1e9),
        "load_duration": 0,
        "prompt_eval_count": usage.input_tokens,
        "eval_count": usage.output_tokens,
    }
