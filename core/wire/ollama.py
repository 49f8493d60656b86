"""Ollama's own chat, one JSON per line; replies of /api/generate are read too. The base may or may not end in /api."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..records import (
    ChatRequest,
    Delta,
    Finish,
    HttpRequest,
    Model,
    Provider,
    Reasoning,
    Served,
    Unshown,
    Usage,
    WireEvent,
)
from . import failure, openai, shape
from . import served as who
from .endings import finish
from .shape import count, fields, items


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    body: dict[str, Any] = {
        "model": model.name,
        "messages": [{"role": message.role, "content": message.text} for message in ask.messages],
        "stream": stream,
    }
    options = shape.sampling(
        num_predict=ask.max_output_tokens, temperature=ask.temperature, top_p=ask.top_p, seed=ask.seed
    )
    if options:
        body["options"] = options
    return shape.post(provider, f"{_api(provider)}/chat", body, "ndjson" if stream else "json")


def decode(frame: Any) -> Iterator[WireEvent]:
    if "choices" in frame:
        yield from openai.decode(frame)
        return
    if failure.is_error(frame):
        raise failure.error_in(frame)
    message = fields(frame.get("message"))
    # `reasoning_content` and `reasoning` come from look-alikes of Ollama.
    thinking = message.get("thinking") or message.get("reasoning_content") or message.get("reasoning")
    if thought := thinking or frame.get("thinking"):
        yield Reasoning(thought)
    if text := message.get("content") or frame.get("response"):
        yield (shape.Last if frame.get("done") else Delta)(text)
    for call in items(message.get("tool_calls")):
        yield Unshown("tool_call", str(fields(fields(call).get("function")).get("name", "")))
    if message.get("images") or frame.get("image"):
        yield Unshown("picture")
    if frame.get("done"):
        yield Usage(count(frame.get("prompt_eval_count")), count(frame.get("eval_count")))
        raw = frame.get("done_reason")
        yield from finish(raw) if raw else iter((Finish("stop"),))


def decode_whole(body: Any) -> Iterator[WireEvent]:
    return decode(body)


def _api(provider: Provider) -> str:
    return "" if shape.url(provider, "").endswith("/api") else "/api"


def served(frame: Any) -> Served:
    return who.of_ollama(frame)


def models_request(provider: Provider) -> HttpRequest | None:
    return shape.get(provider, f"{_api(provider)}/tags")


def decode_models(body: Any) -> list[str]:
    return shape.names(body, keys=("name", "model"))
