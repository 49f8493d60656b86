"""OpenAI's chat completions, which most providers speak, and the ways in which they depart from it.

Read for every provider: reasoning in two fields or in a list of parts (Mistral), text twice (Together: one is used),
the whole message once more at the end (MiniMax), usage beside or below the choices (Groq, Moonshot), no finish reason
(Spark), DashScope's native `output` with the whole text in every frame, Cloudflare's `result`. The first of several
choices is the answer.

Quirks read when asking: `max_tokens_name`, `seed_name`, `no_stream_options`, `models_path` (empty: no listing), `body`,
and those of chat_body.py, which writes messages, tools and the like.
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
    Served,
    ThoughtDelta,
    ToolCallDelta,
    Unshown,
    Usage,
    WireEvent,
)
from . import chat_body, failure, shape
from . import served as who
from .endings import finish
from .shape import count, fields, items

KINDS = ("text", "summary", "encrypted")  # of a row of OpenRouter's reasoning


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    quirks, stream = provider.quirks, stream and chat_body.is_streamed(ask, provider)
    body: dict[str, Any] = {
        "model": model.name,
        "messages": chat_body.messages(ask, provider, model),
        "stream": stream,
    }
    if stream and not quirks.get("no_stream_options"):
        body["stream_options"] = {"include_usage": True}
    body |= shape.sampling(temperature=ask.temperature, top_p=ask.top_p)
    body |= shape.sampling(
        **{
            quirks.get("max_tokens_name", "max_tokens"): ask.max_output_tokens,
            quirks.get("seed_name", "seed"): ask.seed,
        }
    )
    body |= chat_body.options(ask, provider, model)
    return shape.post(provider, "/chat/completions", body, "sse" if stream else "json")


def decode(frame: Any) -> Iterator[WireEvent]:
    choices = frame.get("choices")
    if choices:
        whole = frame.get("object") == "chat.completion"
        for choice in choices:
            if not choice.get("index"):
                yield from _choice(choice, whole)
    elif "output" in frame or "result" in frame:
        yield from _wrapped(frame)
    if usage := frame.get("usage") or ("x_groq" in frame and fields(frame["x_groq"]).get("usage")):
        yield _usage(fields(usage))
    elif "timings" in frame:  # llama.cpp
        timings = fields(frame["timings"])
        read = shape.total(count(timings.get("prompt_n")), count(timings.get("cache_n")))
        yield Usage(read, count(timings.get("predicted_n")))
    if (not choices or "error" in frame or "code" in frame or "base_resp" in frame) and failure.is_error(frame):
        raise failure.error_in(frame)


def decode_whole(body: Any) -> Iterator[WireEvent]:
    return decode(body)


def _choice(choice: Any, whole: bool = False) -> Iterator[WireEvent]:
    message = choice.get("delta") or choice.get("message")
    if message:
        text_of, thought_of = _kinds(choice, whole)
        if thought := _thought(message):
            yield thought_of(thought)
        if "reasoning_details" in message:
            yield from _details(message["reasoning_details"], whole)
        content = message.get("content")
        if content:
            if type(content) is str:
                yield text_of(content)
            else:
                yield from _parts(content)
        if refusal := message.get("refusal"):
            yield shape.Refusal(refusal)
        if not content or len(message) > 1:
            yield from _beside(message, whole or not choice.get("delta"))
    elif isinstance(text := choice.get("text"), str) and text:
        yield Delta(text)
    if raw := choice.get("finish_reason"):
        yield from finish(raw, choice.get("native_finish_reason"))
    if usage := choice.get("usage"):
        yield _usage(fields(usage))
    if "error" in choice and failure.is_error(choice):
        raise failure.error_in(choice)


def _thought(message: Mapping[str, Any]) -> Any:
    """The reasoning, under any of its names; OpenRouter's second copy only where the first is missing."""
    for name in ("reasoning_content", "reasoning", "thinking", "thoughts"):
        if value := message.get(name):
            return fields(value).get("content") or fields(value).get("text") or "" if isinstance(value, dict) else value
    return _texts(message.get("reasoning_details")) if "reasoning_details" in message else ""


def _kinds(choice: Mapping[str, Any], whole: bool) -> tuple[type[Delta], type[Reasoning]]:
    """The classes of its text and reasoning: a piece, the end or a repetition (beside a reason), the whole message."""
    if whole:
        return shape.Repeated, shape.RepeatedReasoning
    if choice.get("delta"):
        return shape.Last if choice.get("finish_reason") else Delta, Reasoning
    return shape.Repeated if choice.get("finish_reason") else shape.Last, Reasoning


def _beside(message: Mapping[str, Any], whole: bool) -> Iterator[WireEvent]:
    """The parts of a message that are not text: calls of tools, pictures, sounds."""
    for call in items(message.get("tool_calls")) or items([message.get("function_call")]):
        if call:
            yield tool_call(fields(call), whole)
    for name in ("images", "image", "audio", "video", "videos"):
        if (value := message.get(name)) and (kind := shape.unshown(name)):
            for row in value if isinstance(value, list) else [value]:
                yield shape.shown(_address(row), kind)


def tool_call(call: Mapping[str, Any], whole: bool) -> ToolCallDelta:
    """A call or a piece of one; one without a place of its own is whole."""
    function, place = fields(call.get("function")) or call, call.get("index")
    arguments = function.get("arguments")
    google = fields(fields(call.get("extra_content")).get("google"))
    kind = shape.RepeatedCall if whole else ToolCallDelta if type(place) is int else shape.WholeCall
    return kind(
        place if type(place) is int else 0,
        shape.text(call.get("id")),
        shape.text(function.get("name")),
        arguments if isinstance(arguments, str) else shape.as_json(arguments),
        shape.text(google.get("thought_signature")),
    )


def _address(row: Any) -> Any:
    """The data URL of a picture, in any of the shapes in which it is written."""
    if isinstance(row, str):
        return row
    inner = fields(row).get("image_url", row)
    return inner if isinstance(inner, str) else fields(inner).get("url")


def _parts(content: Any) -> Iterator[WireEvent]:
    for part in [content] if isinstance(content, dict) else items(content):
        match part:
            case str() if part:
                yield Delta(part)
            case {"type": "thinking", "thinking": str(thought)} if thought:
                yield Reasoning(thought)
            case {"type": "thinking", "thinking": list(inner)}:
                yield from (Reasoning(event.text) for event in _parts(inner) if isinstance(event, Delta))
            case {"type": "refusal", "refusal": str(text)} if text:
                yield shape.Refusal(text)
            case {"text": str(text)} if text:
                yield Delta(text)
            case {"type": str(kind)} if part_kind := shape.unshown(kind):
                yield shape.shown(_address(part), part_kind)
            case dict() if part_kind := next(filter(None, map(shape.unshown, part)), None):
                yield Unshown(part_kind)


def _texts(details: Any) -> str:
    rows = [fields(row) for row in items(details)]
    return "".join(text for row in rows if isinstance(text := row.get("text") or row.get("summary"), str))


def _details(details: Any, whole: bool) -> Iterator[WireEvent]:
    """OpenRouter's rows of reasoning, which it wants back as they came. A summary and what is encrypted may share a
    place, so both stand in the `format`: "name#kind#place"."""
    for n, row in enumerate(map(fields, items(details))):
        place = number if type(number := row.get("index")) is int else n
        kind = shape.text(row.get("type")).removeprefix("reasoning.") or "text"
        yield (shape.RepeatedThought if whole else ThoughtDelta)(
            4 * place + (KINDS.index(kind) if kind in KINDS else 0),
            text=shape.text(row.get("summary")) or shape.text(row.get("text")),
            signature=shape.text(row.get("signature")),
            encrypted=shape.text(row.get("data")),
            id=shape.text(row.get("id")),
            format=f"{shape.text(row.get('format'))}#{kind}#{place}",
        )


def _wrapped(frame: Any) -> Iterator[WireEvent]:
    """DashScope's native `output` (the text so far, bare or in choices) and Cloudflare's `result`."""
    inner = fields(frame.get("output")) or fields(frame.get("result"))
    for choice in items(inner.get("choices"))[:1]:
        for event in _choice(choice):
            yield shape.SoFar(event.text) if type(event) is Delta else event
    if isinstance(text := inner.get("text") or inner.get("response"), str) and text:
        yield shape.SoFar(text)
    yield from finish(inner.get("finish_reason"))
    if usage := inner.get("usage"):
        yield _usage(fields(usage))


def _usage(usage: Mapping[str, Any]) -> Usage:
    """Reasoning that was counted beside the completion, as the total shows, is added to the output."""
    read = count(_named(usage, "prompt_tokens", "input_tokens", "promptTokens", "inputTokens"))
    wrote = count(_named(usage, "completion_tokens", "output_tokens", "completionTokens", "outputTokens"))
    thought = count(fields(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    cached = fields(usage.get("prompt_tokens_details")).get("cached_tokens")
    if cached is None:
        cached = usage.get("prompt_cache_hit_tokens", usage.get("cached_tokens"))
    if thought and wrote is not None and usage.get("total_tokens") == (read or 0) + wrote + thought:
        wrote += thought
    of_read, of_wrote = (fields(usage.get(f"{name}_tokens_details")) for name in ("prompt", "completion"))
    apart = (of_read.get("audio_tokens"), of_wrote.get("audio_tokens"), of_wrote.get("image_tokens"))
    media = sum(count(number) or 0 for number in apart)
    return Usage(read, wrote, thought, count(cached), shape.usd(usage.get("cost")), media_tokens=media or None)


def _named(usage: Mapping[str, Any], *names: str) -> object:
    return next((usage[name] for name in names if usage.get(name) is not None), None)


def served(frame: Any) -> Served:
    return who.of_chat(frame)


def models_request(provider: Provider) -> HttpRequest | None:
    path = provider.quirks.get("models_path", "/models")
    return shape.get(provider, path) if path else None


def decode_models(body: Any) -> list[str]:
    return shape.names(body)
