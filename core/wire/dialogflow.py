"""Dialogflow's detectIntent, ES and CX (quirk `api`): whole replies only, the server keeps the conversation.

There is no model, history, sampling or usage here; the last question alone is sent, in the conversation's own session.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from core.errors import BadRequest
from core.records import ChatRequest, Delta, Finish, HttpRequest, Model, Provider, WireEvent
from core.wire import failure, shape
from core.wire.shape import fields, items

MAX_SESSION_CHARACTERS = 36
MAX_ES_CHARACTERS = 256


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    text = next((message.text for message in reversed(ask.messages) if message.role == "user"), "").strip()
    language = provider.quirks.get("language", "en")
    if provider.quirks.get("api") == "cx":
        question = {"text": {"text": text}, "languageCode": language}
    else:
        question = {"text": {"text": text, "languageCode": language}}
        if len(text) > MAX_ES_CHARACTERS:
            raise BadRequest(f"{provider.label} takes at most {MAX_ES_CHARACTERS} characters, this is {len(text)}")
    return shape.post(provider, f"/sessions/{session(ask)}:detectIntent", {"queryInput": question}, "json")


def session(ask: ChatRequest) -> str:
    """The conversation's id as the server takes it; one that is too long or odd is told by its digest."""
    name = ask.conversation_id or ask.request_id or "roundtable"
    if re.fullmatch(rf"[A-Za-z0-9_-]{{1,{MAX_SESSION_CHARACTERS}}}", name):
        return name
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:MAX_SESSION_CHARACTERS]


def decode(frame: Any) -> Iterator[WireEvent]:
    if failure.found(frame):
        raise failure.inside(frame)
    if "queryResult" not in frame:
        return
    result = fields(frame["queryResult"])
    messages = items(result.get("responseMessages")) or items(result.get("fulfillmentMessages"))
    lines = [line for message in messages for line in items(fields(fields(message).get("text")).get("text")) if line]
    if text := "\n".join(lines) or result.get("fulfillmentText"):
        yield Delta(text)
    yield Finish("stop", frame.get("responseType") or None)


def decode_whole(body: Any) -> Iterator[WireEvent]:
    """The streaming method answers with a list of partial replies."""
    for frame in body if isinstance(body, list) else [body]:
        yield from decode(frame)


def models_request(provider: Provider) -> HttpRequest | None:
    return None


def decode_models(body: Any) -> list[str]:
    return shape.names(body)
