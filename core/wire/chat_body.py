"""The body of a chat completion: messages of parts, tools, the form of the answer, effort. Shared by all that speak it.

Quirks read here:

    picture_url = "bare"        a picture's URL is a string, not an object (Mistral)
    pdf                         how a PDF goes: "file" (OpenAI), "document_url" (Mistral); absent: as its text
    effort                      how hard to think is told: "reasoning_effort" (usual), "reasoning" (OpenRouter),
                                "enable_thinking" (Qwen's), "thinking" (GLM's), "template" (open servers)
    call_id_characters          the only length that an id of a call may have (Mistral)
    required_tool               the word for "call a tool": "required" (usual), "any"
    unstreamed                  what cannot be had in a stream: its answer comes whole ("schema", "json", "tools")
    reasoning_back              the reasoning goes back with calls of tools ("tools") or always ("always")
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..records import (
    ChatRequest,
    Document,
    Message,
    Model,
    Part,
    Picture,
    Provider,
    ResponseFormat,
    Sound,
    Text,
    Thought,
    ToolCall,
    ToolResult,
)
from . import base64_media, effort, shape
from .call_ids import with_own_ids
from .fitting import instructed, sends_file

_CALL_ID = re.compile(r".{1,40}", re.DOTALL)  # as OpenAI takes them; those of Google's models are often longer
_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def messages(ask: ChatRequest, provider: Provider, model: Model) -> list[dict[str, Any]]:
    turns = told_of_json(ask)
    if all(turn.is_plain for turn in turns):
        return [{"role": turn.role, "content": turn.text} for turn in turns]
    turns = with_own_ids(with_pictures_asked(turns), _CALL_ID)
    return [row for turn in turns for row in _message(turn, provider, model)]


def told_of_json(ask: ChatRequest) -> Sequence[Message]:
    """The messages; where any JSON is asked for, they say so: some refuse a question that does not, some never end."""
    form = ask.response_format
    if form is None or form.kind != "json" or any("json" in turn.text.lower() for turn in ask.messages):
        return ask.messages
    return instructed(ask.messages, form)


def with_pictures_asked(turns: Sequence[Message]) -> list[Message]:
    """The pictures of answers moved into the question that follows: most formats let only people show pictures."""
    out: list[Message] = []
    shown: list[Part] = []
    for turn in turns:
        if turn.role == "assistant" and turn.media:
            shown += turn.media
            rest = [part for part in turn.parts if not isinstance(part, Picture | Sound | Document)]
            turn = Message(turn.role, rest or [Text("")], turn.model_id)
        elif turn.role == "user" and shown:
            turn, shown = Message(turn.role, (*shown, *turn.parts), turn.model_id), []
        out.append(turn)
    return out


def options(ask: ChatRequest, provider: Provider, model: Model) -> dict[str, Any]:
    """What is asked for beside the messages; {} for a plain question."""
    body: dict[str, Any] = _effort(ask, provider, model)
    if ask.response_format and (form := response_format(ask.response_format)):
        body["response_format"] = form
    if ask.tools:
        body["tools"] = tools(ask)
        if ask.tool_choice:
            body["tool_choice"] = _tool_choice(ask.tool_choice, provider)
    if ask.stop:
        body["stop"] = list(ask.stop)
    return body


def is_streamed(ask: ChatRequest, provider: Provider) -> bool:
    """Whether an answer that was wished for in a stream can come so."""
    unstreamed = provider.quirks.get("unstreamed", ())
    kind = ask.response_format.kind if ask.response_format else "text"
    return kind not in unstreamed and not ("tools" in unstreamed and ask.tools)


def tools(ask: ChatRequest) -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
        }
        for tool in ask.tools
    ]


def response_format(form: ResponseFormat) -> dict[str, Any] | None:
    match form.kind:
        case "json":
            return {"type": "json_object"}
        case "schema":
            schema = form.schema
            named = {"name": _NAME.sub("_", form.name)[:64] or "answer", "schema": schema}
            return {"type": "json_schema", "json_schema": {**named, **({"strict": True} if is_strict(schema) else {})}}
    return None


def is_strict(schema: object) -> bool:
    """Whether every object in it names all that it may hold, as servers demand of a schema that they enforce."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or properties is not None:
        names = set(properties) if isinstance(properties, Mapping) else set()
        if schema.get("additionalProperties") is not False or names != set(schema.get("required", ())):
            return False
    return all(map(is_strict, schema.values()))


def _call_id(own_id: str, provider: Provider) -> str:
    """An id as this provider takes it; another provider may have given it."""
    length = provider.quirks.get("call_id_characters")
    if not length or (len(own_id) == length and own_id.isalnum()):
        return own_id
    return hashlib.sha256(own_id.encode("utf-8", "replace")).hexdigest()[:length]


def _tool_calls(message: Message, provider: Provider, model: Model) -> list[dict[str, Any]]:
    rows = []
    for call in message.tool_calls:
        row = {
            "id": _call_id(call.id, provider),
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        if call.signature and shape.is_own(call, provider, model):  # Gemini's, in its OpenAI shape
            row["extra_content"] = {"google": {"thought_signature": call.signature}}
        rows.append(row)
    return rows


def _message(turn: Message, provider: Provider, model: Model) -> Iterator[dict[str, Any]]:
    for part in turn.parts:
        if isinstance(part, ToolResult):
            yield {"role": "tool", "tool_call_id": _call_id(part.call_id, provider), "content": part.text}
    if turn.role == "assistant":
        yield _answer(turn, provider, model)
    elif turn.role != "tool":
        content = _content(turn, provider)
        if content:
            yield {"role": turn.role, "content": content}


def _answer(turn: Message, provider: Provider, model: Model) -> dict[str, Any]:
    row: dict[str, Any] = {"role": "assistant", "content": turn.text}
    if calls := _tool_calls(turn, provider, model):
        row |= {"content": turn.text or None, "tool_calls": calls}
    own = [part for part in turn.parts if isinstance(part, Thought) and part.provider_id == provider.id]
    rows = [thought for thought in own if thought.format.count("#") == 2 and shape.is_own(thought, provider, model)]
    if details := [_detail(thought) for thought in rows]:
        row["reasoning_details"] = details
    elif (own or calls) and provider.quirks.get("reasoning_back"):  # who calls must have thought, if it was another
        row["reasoning_content"] = "".join(thought.text for thought in own) or " "
    return row


def _content(turn: Message, provider: Provider) -> str | list[dict[str, Any]]:
    parts = [part for part in turn.parts if not isinstance(part, ToolResult | ToolCall | Thought)]
    if not any(
        isinstance(part, Picture | Sound) or (isinstance(part, Document) and sends_file(part)) for part in parts
    ):
        return Message(turn.role, parts).text
    return [row for part in parts if (row := _part(part, provider))]


def _part(part: Part, provider: Provider) -> dict[str, Any] | None:
    match part:
        case Picture():
            url = base64_media.data_url(part)
            return {
                "type": "image_url",
                "image_url": url if provider.quirks.get("picture_url") == "bare" else {"url": url},
            }
        case Sound():
            kind = base64_media.SOUND_FORMATS.get(part.media_type, part.media_type.rpartition("/")[2])
            return {"type": "input_audio", "input_audio": {"data": base64_media.base64_of(part), "format": kind}}
        case Document() if sends_file(part):
            if provider.quirks.get("pdf") == "document_url":
                return {"type": "document_url", "document_url": base64_media.data_url(part), "document_name": part.name}
            return {"type": "file", "file": {"filename": part.name, "file_data": base64_media.data_url(part)}}
        case Document():
            return {"type": "text", "text": part.as_text()} if part.text else None
        case Text(text=text):
            return {"type": "text", "text": text} if text.strip() else None
    return None


def _detail(thought: Thought) -> dict[str, Any]:
    """A row of OpenRouter's `reasoning_details`, as it came."""
    form, kind, place = thought.format.split("#")
    row: dict[str, Any] = {"type": f"reasoning.{kind}", "format": form or None}
    if place.isdecimal():
        row["index"] = int(place)
    match kind:
        case "encrypted":
            row["data"] = thought.encrypted
        case "summary":
            row["summary"] = thought.text
        case _:
            row["text"] = thought.text
    return row | {name: value for name, value in (("id", thought.id), ("signature", thought.signature)) if value}


def _tool_choice(choice: str, provider: Provider) -> str | dict[str, Any]:
    if choice == "required":
        return str(provider.quirks.get("required_tool", choice))
    return choice if choice in ("auto", "none") else {"type": "function", "function": {"name": choice}}


def _effort(ask: ChatRequest, provider: Provider, model: Model) -> dict[str, Any]:
    sent = effort.planned(ask, provider, model)
    if sent is None:
        return {}
    tokens, efforts = sent.tokens if sent.on else None, effort.efforts_of(provider, model)
    match provider.quirks.get("effort"):
        case "reasoning":
            if not sent.on:
                return {"reasoning": {"enabled": False}}
            if tokens and (isinstance(ask.effort, int) or not sent.level):
                return {"reasoning": {"max_tokens": tokens}}
            return {"reasoning": {"effort": sent.level} if sent.level else {"enabled": True}}
        case "enable_thinking":
            return {"enable_thinking": sent.on, **({"thinking_budget": tokens} if tokens else {})}
        case "thinking":
            level = {"reasoning_effort": sent.level} if sent.on and sent.level in efforts else {}
            switch = {"thinking": {"type": "enabled" if sent.on else "disabled"}}
            return {**(switch if "toggle" in efforts else {}), **level}
        case "template":
            level = {"reasoning_effort": sent.level} if sent.on and sent.level else {}
            return {"chat_template_kwargs": {"enable_thinking": sent.on, **level}}
    level_sent = sent.level or ("none" if not sent.on else effort.level_of(sent.tokens) if sent.tokens else None)
    return {"reasoning_effort": level_sent} if level_sent else {}
