"""Cohere's chat, version 2 when asking; replies of version 1 (`event_type`, one JSON a line) are read too.

`tokens` is what the model read and wrote, template included; `billed_units`, far smaller, is what is paid for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..records import (
    ChatRequest,
    Delta,
    HttpRequest,
    Model,
    Provider,
    Reasoning,
    ResponseFormat,
    Served,
    ToolCallDelta,
    Usage,
    WireEvent,
)
from . import chat_body, effort, failure, shape
from . import served as who
from .endings import finish
from .shape import count, fields, items


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    body: dict[str, Any] = {
        "model": model.name,
        "messages": [row for row in chat_body.messages(ask, provider, model) if not _is_blank(row)],
        "stream": stream,
    }
    body |= shape.sampling(temperature=ask.temperature, p=ask.top_p, seed=ask.seed, max_tokens=ask.max_output_tokens)
    body |= _options(ask, provider, model)
    return shape.post(provider, "/chat", body, "sse" if stream else "json")


def _is_blank(row: Mapping[str, Any]) -> bool:
    content = row["content"]
    return not row.get("tool_calls") and (not content or (isinstance(content, str) and not content.strip()))


def _options(ask: ChatRequest, provider: Provider, model: Model) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if ask.stop:
        body["stop_sequences"] = list(ask.stop)
    if ask.tools:
        body["tools"] = chat_body.tools(ask)
        if ask.tool_choice and ask.tool_choice != "auto":  # a tool is named by offering no other
            named = [tool for tool in body["tools"] if tool["function"]["name"] == ask.tool_choice]
            body["tools"] = named or body["tools"]
            body["tool_choice"] = "NONE" if ask.tool_choice == "none" else "REQUIRED"
    if (form := ask.response_format) and form.kind != "text":
        body["response_format"] = _form(form)
    if sent := effort.planned(ask, provider, model):
        tokens = {"token_budget": sent.tokens} if sent.tokens else {}
        body["thinking"] = {"type": "enabled", **tokens} if sent.on else {"type": "disabled"}
    return body


def _form(form: ResponseFormat) -> dict[str, Any]:
    return {"type": "json_object", **({"json_schema": form.schema} if form.kind == "schema" else {})}


def decode(frame: Any) -> Iterator[WireEvent]:
    match frame.get("type") or frame.get("event_type"):
        case "content-start" | "content-delta":
            yield from _part(fields(fields(fields(frame.get("delta")).get("message")).get("content")))
        case "tool-call-start" | "tool-call-delta":
            yield from _calls(fields(fields(frame.get("delta")).get("message")).get("tool_calls"), frame.get("index"))
        case "tool-plan-delta":
            if plan := shape.text(fields(fields(frame.get("delta")).get("message")).get("tool_plan")):
                yield Reasoning(plan)
        case "message-end":
            yield from _ending(fields(frame.get("delta")))
        case "text-generation" if text := frame.get("text"):
            yield Delta(text)
        case "stream-end":
            yield from _ending({**frame, **_meta(fields(frame.get("response")))})
        case None if failure.is_error(frame) or ("message" in frame and isinstance(frame["message"], str)):
            raise failure.error_in(frame)
        case None:
            yield from decode_whole(frame)
        case _ if failure.is_error(frame):
            raise failure.error_in(frame)


def decode_whole(body: Any) -> Iterator[WireEvent]:
    if failure.is_error(body) or isinstance(body.get("message"), str):
        raise failure.error_in(body)
    content = fields(body.get("message")).get("content")
    for part in [{"type": "text", "text": content}] if isinstance(content, str) else items(content):
        yield from _part(fields(part))
    if isinstance(text := body.get("text"), str) and text:
        yield Delta(text)
    if plan := shape.text(fields(body.get("message")).get("tool_plan")):
        yield Reasoning(plan)
    yield from _calls(fields(body.get("message")).get("tool_calls"))
    yield from _ending({**body, **_meta(body)})


def _calls(calls: object, place: object = None) -> Iterator[WireEvent]:
    """A stream names one call at a time, or brings a piece of it; a whole reply lists them."""
    for call in map(fields, [calls] if isinstance(calls, dict) else items(calls)):
        function = fields(call.get("function"))
        yield (ToolCallDelta if type(place) is int else shape.WholeCall)(
            place if type(place) is int else 0,
            shape.text(call.get("id")),
            shape.text(function.get("name")),
            shape.text(function.get("arguments")),
        )


def _part(part: Mapping[str, Any]) -> Iterator[WireEvent]:
    if thought := part.get("thinking"):
        yield Reasoning(thought)
    if text := part.get("text"):
        yield Delta(text)


def _meta(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Version 1 keeps its usage in `meta`."""
    return {"usage": body["meta"]} if body.get("meta") else {}


def _ending(end: Mapping[str, Any]) -> Iterator[WireEvent]:
    if usage := fields(end.get("usage")):
        yield _usage(usage)
    yield from finish(end.get("finish_reason"))
    if end.get("error"):
        raise failure.error_in({"error": end["error"]})


def _usage(usage: Mapping[str, Any]) -> Usage:
    billed = fields(usage.get("billed_units"))
    tokens = fields(usage.get("tokens")) or billed
    read, wrote, paid_in, paid_out = (
        count(counts.get(name)) for counts in (tokens, billed) for name in ("input_tokens", "output_tokens")
    )
    cached = count(usage.get("cached_tokens"))
    return Usage(read, wrote, None, cached, billed_input_tokens=paid_in, billed_output_tokens=paid_out)


def served(frame: Any) -> Served:
    return who.of_chat(frame)


def models_request(provider: Provider) -> HttpRequest | None:
    """The listing lives under /v1 only."""
    listing = shape.get(provider, "/models?endpoint=chat&page_size=1000")
    return HttpRequest("GET", listing.url.replace("/v2/models", "/v1/models"), listing.headers, None, "json")


def decode_models(body: Any) -> list[str]:
    return shape.names(body, keys=("name",))
