"""Ollama's own chat, one JSON per line; replies of /api/generate are read too. The base may or may not end in /api."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..records import (
    ChatRequest,
    Delta,
    Finish,
    HttpRequest,
    Message,
    Model,
    Picture,
    Provider,
    Reasoning,
    Served,
    Thought,
    ToolResult,
    Usage,
    WireEvent,
)
from . import base64_media, chat_body, effort, failure, openai, shape
from . import served as who
from .endings import finish
from .shape import count, fields, items


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    body: dict[str, Any] = {
        "model": model.name,
        "messages": [row for turn in _turns(ask) for row in _rows(turn, provider.id)],
        "stream": stream,
    }
    options = shape.sampling(
        num_predict=ask.max_output_tokens, temperature=ask.temperature, top_p=ask.top_p, seed=ask.seed
    )
    if ask.stop:
        options["stop"] = list(ask.stop)
    if options:
        body["options"] = options
    if ask.tools:
        body["tools"] = chat_body.tools(ask)
    if (form := ask.response_format) and form.kind != "text":
        body["format"] = form.schema if form.kind == "schema" else "json"
    if sent := effort.planned(ask, provider, model):
        body["think"] = sent.level if sent.on and sent.level else sent.on
    return shape.post(provider, f"{_api(provider)}/chat", body, "ndjson" if stream else "json")


def _turns(ask: ChatRequest) -> list[Message]:
    turns = list(chat_body.told_of_json(ask))
    return turns if all(turn.is_plain for turn in turns) else chat_body.with_pictures_asked(turns)


def _rows(turn: Message, provider_id: str) -> Iterator[dict[str, Any]]:
    if turn.is_plain:
        yield {"role": turn.role, "content": turn.text}
        return
    results = [part for part in turn.parts if isinstance(part, ToolResult)]
    for result in results:
        yield {"role": "tool", "content": result.text, "tool_name": result.name}
    if turn.role == "tool":
        return
    rest = Message(turn.role, [part for part in turn.parts if part not in results])
    row: dict[str, Any] = {"role": turn.role, "content": rest.text}
    if pictures := [base64_media.base64_of(part) for part in turn.parts if isinstance(part, Picture)]:
        row["images"] = pictures
    if turn.tool_calls:
        calls = [{"name": call.name, "arguments": shape.from_json(call.arguments)} for call in turn.tool_calls]
        row["tool_calls"] = [{"function": call} for call in calls]
        thoughts = [part for part in turn.parts if isinstance(part, Thought) and part.provider_id == provider_id]
        if thoughts:
            row["thinking"] = "".join(thought.text for thought in thoughts)
    yield row


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
        yield openai.tool_call({**fields(call), "index": None}, whole=False)
    for picture in items(message.get("images")) or items([frame.get("image")]):
        if picture:
            yield shape.part_or(base64_media.from_base64(picture), "picture")
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
