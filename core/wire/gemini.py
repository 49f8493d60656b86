"""generateContent of Gemini: SSE with `alt=sse`, one JSON array without it; thoughts are parts of their own.

A blocked prompt has no candidates: it ends in `filter`, its raw word the block reason. The key is set elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..records import (
    ChatRequest,
    Delta,
    Document,
    Finish,
    HttpRequest,
    Message,
    Model,
    Part,
    Picture,
    Provider,
    Reasoning,
    Served,
    Sound,
    Text,
    Thought,
    ThoughtDelta,
    ToolCall,
    ToolResult,
    Unshown,
    Usage,
    WireEvent,
)
from . import base64_media, effort, failure, shape
from . import served as who
from .endings import finish, reason
from .fitting import sends_file
from .shape import count, fields, items

# Some SDKs' servers write the number of the reason.
NUMBERS = "STOP MAX_TOKENS SAFETY RECITATION OTHER LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII MALFORMED_FUNCTION_CALL"
NUMBERED = {str(number): reason(word) for number, word in enumerate(NUMBERS.split(), start=1)}
UNSPECIFIED = (0, "0", "FINISH_REASON_UNSPECIFIED")
ROLES = {"user": "user", "assistant": "model"}
_SIGNS_NOTHING = re.compile(r"gemini-(1|2)\b")
UNSIGNED = "skip_thought_signature_validator"  # Google's word for a call that it did not sign itself


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    turns = shape.turns(ask.messages)
    body: dict[str, Any] = {
        "contents": [{"role": ROLES[turn.role], "parts": _content(turn, provider, model)} for turn in turns]
    }
    if system := shape.system_text(ask.messages):
        body["systemInstruction"] = {"parts": [{"text": system}]}
    config = shape.sampling(
        temperature=ask.temperature, topP=ask.top_p, seed=ask.seed, maxOutputTokens=ask.max_output_tokens
    )
    config |= _config(ask, provider, model)
    if config:
        body["generationConfig"] = config
    if ask.tools:
        body |= _tools(ask)
    name = shape.in_path(model.name)
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    path = f"/{name if '/' in name else f'models/{name}'}:{method}"
    return shape.post(provider, path, body, "sse" if stream else "json")


def _content(turn: Message, provider: Provider, model: Model) -> list[dict[str, Any]]:
    if turn.is_plain:
        return [{"text": turn.text}]
    own = [part for part in turn.parts if isinstance(part, Thought) and shape.is_own(part, provider, model)]
    signatures = {kind: [thought.signature for thought in own if thought.format == kind] for kind in ("text", "data")}
    rows = []
    for part in turn.parts:
        if row := _part(part, provider, model):
            left = signatures["text" if "text" in row else "data"]
            if turn.role == "assistant" and left and ("text" in row or "inlineData" in row):
                row["thoughtSignature"] = left.pop(0)
            rows.append(row)
    calls = [row for row in rows if "functionCall" in row]
    if calls and not any("thoughtSignature" in row for row in calls) and not _SIGNS_NOTHING.match(model.name):
        calls[0]["thoughtSignature"] = UNSIGNED
    return rows


def _part(part: Part, provider: Provider, model: Model) -> dict[str, Any] | None:
    match part:
        case Text(text=text):
            return {"text": text} if text.strip() else None
        case Document() if not sends_file(part):
            return {"text": part.as_text()} if part.text else None
        case Picture() | Sound() | Document():
            return {"inlineData": {"mimeType": part.media_type, "data": base64_media.base64_of(part)}}
        case ToolCall():
            call = {"name": part.name, "args": shape.from_json(part.arguments), **({"id": part.id} if part.id else {})}
            is_own = part.signature and shape.is_own(part, provider, model)
            return {"functionCall": call, **({"thoughtSignature": part.signature} if is_own else {})}
        case ToolResult():
            result = {"error" if part.is_error else "result": part.text}
            named = {"id": part.call_id} if part.call_id else {}
            return {"functionResponse": {**named, "name": part.name, "response": result}}
    return None


def _config(ask: ChatRequest, provider: Provider, model: Model) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if ask.stop:
        config["stopSequences"] = list(ask.stop)
    if (form := ask.response_format) and form.kind != "text":
        config["responseMimeType"] = "application/json"
        if form.kind == "schema":
            config["responseJsonSchema"] = form.schema
    if sent := effort.planned(ask, provider, model):
        if sent.level and sent.on:
            config["thinkingConfig"] = {"thinkingLevel": sent.level, "includeThoughts": True}
        else:
            tokens = sent.tokens if sent.on else 0
            config["thinkingConfig"] = {"thinkingBudget": tokens or 0, "includeThoughts": bool(tokens)}
    return config


def _tools(ask: ChatRequest) -> dict[str, Any]:
    declared = [
        {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters}
        for tool in ask.tools
    ]
    modes = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
    choice: dict[str, Any] = {"mode": modes.get(ask.tool_choice or "", "ANY")}
    if ask.tool_choice and ask.tool_choice not in modes:
        choice["allowedFunctionNames"] = [ask.tool_choice]
    chosen = {"toolConfig": {"functionCallingConfig": choice}} if ask.tool_choice else {}
    return {"tools": [{"functionDeclarations": declared}], **chosen}


def decode(frame: Any) -> Iterator[WireEvent]:
    if failure.is_error(frame):
        raise failure.error_in(frame)
    candidates = [row for row in items(frame.get("candidates")) if not row.get("index")]
    for candidate in candidates:
        text_of = Delta if candidate.get("finishReason") in (None, *UNSPECIFIED) else shape.Last
        for part in items(fields(candidate.get("content")).get("parts")):
            if text := part.get("text"):
                yield Reasoning(text) if part.get("thought") else text_of(text)
                if "thoughtSignature" in part:
                    yield _signature(part, "text")
            else:
                yield from _beside(part)
        if (raw := candidate.get("finishReason")) not in UNSPECIFIED:
            yield from finish(raw, words=NUMBERED)
    if blocked := fields(frame.get("promptFeedback")).get("blockReason"):
        yield Finish("filter", str(blocked))
    if usage := frame.get("usageMetadata"):
        yield _usage(fields(usage))


def _beside(part: Mapping[str, Any]) -> Iterator[WireEvent]:
    """A part that is no text."""
    if data := _data(part):
        kind = shape.unshown(str(data.get("mimeType") or data.get("mime_type"))) or "file"
        yield shape.part_or(base64_media.from_base64(data.get("data")), kind)
        if "thoughtSignature" in part:
            yield _signature(part, "data")
    elif part.get("executableCode"):
        yield Unshown("tool_call", "code_execution")
    elif call := fields(part.get("functionCall")):
        yield shape.WholeCall(
            0,
            shape.text(call.get("id")),
            shape.text(call.get("name")),
            shape.as_json(call.get("args") or {}),
            shape.text(part.get("thoughtSignature")),
        )
    elif "thoughtSignature" in part:
        yield _signature(part, "text")


def _signature(part: Mapping[str, Any], of: str) -> ThoughtDelta:
    """What goes back with the text or the picture that it stood beside."""
    return shape.WholeThought(0, signature=shape.text(part.get("thoughtSignature")), format=of)


def _data(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of a part that is not text, in the spelling of either of Google's serialisers."""
    names = ("inlineData", "inline_data", "fileData", "file_data")
    return next((data for name in names if (data := fields(part.get(name)))), {})


def decode_whole(body: Any) -> Iterator[WireEvent]:
    for frame in body if isinstance(body, list) else [body]:
        yield from decode(frame)


def _usage(usage: Mapping[str, Any]) -> Usage:
    """The output is the candidates and the thoughts together, or the total without the prompt."""
    thought = count(usage.get("thoughtsTokenCount"))
    read = shape.total(count(usage.get("promptTokenCount")), count(usage.get("toolUsePromptTokenCount")))
    wrote = shape.total(count(usage.get("candidatesTokenCount")), thought)
    whole = count(usage.get("totalTokenCount"))
    if wrote is None and whole is not None and read is not None:
        wrote = count(whole - read)
    media = _tokens_of("AUDIO", usage.get("promptTokensDetails")) + sum(
        _tokens_of(modality, usage.get("candidatesTokensDetails")) for modality in ("AUDIO", "IMAGE")
    )
    cached = count(usage.get("cachedContentTokenCount"))
    return Usage(read, wrote, thought, cached, media_tokens=media or None)


def _tokens_of(modality: str, details: object) -> int:
    rows = [fields(row) for row in items(details)]
    return sum(count(row.get("tokenCount")) or 0 for row in rows if row.get("modality") == modality)


def served(frame: Any) -> Served:
    return who.of_gemini(frame)


def models_request(provider: Provider) -> HttpRequest | None:
    return shape.get(provider, "/models?pageSize=1000")


def decode_models(body: Any) -> list[str]:
    rows = [fields(row) for row in items(fields(body).get("models"))]
    chat = [row for row in rows if "generateContent" in row.get("supportedGenerationMethods", ["generateContent"])]
    return [name.removeprefix("models/") for name in shape.names(chat, keys=("name",))]
