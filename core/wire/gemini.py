"""generateContent of Gemini: SSE with `alt=sse`, one JSON array without it; thoughts are parts of their own.

A blocked prompt has no candidates: it ends in `filter`, its raw word the block reason. The key is set elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from . import failure, shape
from . import served as who
from .endings import finish, reason
from .shape import count, fields, items

# Some SDKs' servers write the number of the reason.
NUMBERS = "STOP MAX_TOKENS SAFETY RECITATION OTHER LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII MALFORMED_FUNCTION_CALL"
NUMBERED = {str(number): reason(word) for number, word in enumerate(NUMBERS.split(), start=1)}
UNSPECIFIED = (0, "0", "FINISH_REASON_UNSPECIFIED")
ROLES = {"user": "user", "assistant": "model"}


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    body: dict[str, Any] = {
        "contents": [{"role": ROLES[turn.role], "parts": [{"text": turn.text}]} for turn in shape.turns(ask.messages)]
    }
    if system := shape.system_text(ask.messages):
        body["systemInstruction"] = {"parts": [{"text": system}]}
    config = shape.sampling(
        temperature=ask.temperature, topP=ask.top_p, seed=ask.seed, maxOutputTokens=ask.max_output_tokens
    )
    if config:
        body["generationConfig"] = config
    name = shape.in_path(model.name)
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    path = f"/{name if '/' in name else f'models/{name}'}:{method}"
    return shape.post(provider, path, body, "sse" if stream else "json")


def decode(frame: Any) -> Iterator[WireEvent]:
    if failure.is_error(frame):
        raise failure.error_in(frame)
    candidates = [row for row in items(frame.get("candidates")) if not row.get("index")]
    for candidate in candidates:
        text_of = Delta if candidate.get("finishReason") in (None, *UNSPECIFIED) else shape.Last
        for part in items(fields(candidate.get("content")).get("parts")):
            if text := part.get("text"):
                yield Reasoning(text) if part.get("thought") else text_of(text)
            elif data := _data(part):
                yield Unshown(shape.unshown(str(data.get("mimeType") or data.get("mime_type"))) or "file")
            elif part.get("executableCode"):
                yield Unshown("tool_call", "code_execution")
            elif call := fields(part.get("functionCall")):
                yield Unshown("tool_call", str(call.get("name", "")))
        if (raw := candidate.get("finishReason")) not in UNSPECIFIED:
            yield from finish(raw, words=NUMBERED)
    if blocked := fields(frame.get("promptFeedback")).get("blockReason"):
        yield Finish("filter", str(blocked))
    if usage := frame.get("usageMetadata"):
        yield _usage(fields(usage))


def _data(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of a part that is not text, in the spelling of either of Google's serialisers."""
    names = ("inlineData", "inline_data", "fileData", "file_data")
    return next((data for name in names if (data := fields(part.get(name)))), {})


def decode_whole(body: Any) -> Iterator[WireEvent]:
    for frame in body if isinstance(body, list) else [body]:
        yield from decode(frame)


def _usage(usage: Mapping[str, Any]) -> Usage:
    """The output is the candidates and the thoughts together, or the total without the prompt."""
    thought, read = count(usage.get("thoughtsTokenCount")), count(usage.get("promptTokenCount"))
    wrote = shape.total(count(usage.get("candidatesTokenCount")), thought)
    whole = count(usage.get("totalTokenCount"))
    if wrote is None and whole is not None and read is not None:
        wrote = count(whole - read)
    return Usage(read, wrote, thought, count(usage.get("cachedContentTokenCount")))


def served(frame: Any) -> Served:
    return who.of_gemini(frame)


def models_request(provider: Provider) -> HttpRequest | None:
    return shape.get(provider, "/models?pageSize=1000")


def decode_models(body: Any) -> list[str]:
    rows = [fields(row) for row in items(fields(body).get("models"))]
    chat = [row for row in rows if "generateContent" in row.get("supportedGenerationMethods", ["generateContent"])]
    return [name.removeprefix("models/") for name in shape.names(chat, keys=("name",))]
