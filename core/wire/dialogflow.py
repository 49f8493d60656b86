"""Dialogflow's detectIntent, ES and CX (quirk `api`): whole replies only, the server keeps the conversation.

There is no model, history, sampling or usage here; the last question alone is sent, in the conversation's own session.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import BadRequest
from ..records import ChatRequest, Delta, Finish, HttpRequest, Model, Provider, Served, WireEvent
from . import failure, shape
from . import served as who
from .language import language_of
from .shape import fields, items

MAX_SESSION_CHARACTERS = 36
MAX_ES_CHARACTERS = 256
GENERAL = "PLATFORM_UNSPECIFIED"


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    text = next((message.text for message in reversed(ask.messages) if message.role == "user"), "").strip()
    language = provider.quirks.get("language") or language_of(text)
    if provider.quirks.get("api") == "cx":
        question = {"text": {"text": text}, "languageCode": language}
    else:
        question = {"text": {"text": text, "languageCode": language}}
        if len(text) > MAX_ES_CHARACTERS:
            raise BadRequest(f"{provider.label} takes at most {MAX_ES_CHARACTERS} characters, this is {len(text)}")
    return shape.post(provider, f"/sessions/{session(ask)}:detectIntent", {"queryInput": question}, "json")


def session(ask: ChatRequest) -> str:
    """The conversation's id; the digest of one that is too long or has characters that the server refuses."""
    name = ask.conversation_id or ask.request_id or "roundtable"
    if re.fullmatch(rf"[A-Za-z0-9_-]{{1,{MAX_SESSION_CHARACTERS}}}", name):
        return name
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:MAX_SESSION_CHARACTERS]


def decode(frame: Any) -> Iterator[WireEvent]:
    if failure.is_error(frame):
        raise failure.error_in(frame)
    if "queryResult" not in frame:
        return
    result = fields(frame["queryResult"])
    responses = items(result.get("responseMessages")) or items(result.get("fulfillmentMessages"))
    messages = list(map(fields, responses))
    lines = dict.fromkeys(line for message in _of_one_platform(messages) for line in _lines(message))
    if text := "\n".join(lines) or result.get("fulfillmentText"):
        yield Delta(text)
    yield Finish("stop", frame.get("responseType") or None)


def _of_one_platform(messages: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """An agent may answer once for each platform: those for all, else those of the first one that says anything."""
    for platform in dict.fromkeys(message.get("platform") or GENERAL for message in [{"platform": GENERAL}, *messages]):
        of_platform = [message for message in messages if (message.get("platform") or GENERAL) == platform]
        if any(_lines(message) for message in of_platform):
            return of_platform
    return []


def _lines(message: Mapping[str, Any]) -> list[str]:
    """The lines of one message: its text, quick replies as a list, a card's texts, the texts in a payload."""
    lines = [*items(fields(message.get("text")).get("text"))]
    responses = map(fields, items(fields(message.get("simpleResponses")).get("simpleResponses")))
    lines += [item.get("displayText") or item.get("textToSpeech") for item in responses]
    for name, offered in (
        ("quickReplies", "quickReplies"),
        ("suggestions", "suggestions"),
        ("card", "buttons"),
        ("basicCard", "buttons"),
    ):
        part = fields(message.get(name))
        lines += [part.get("title"), part.get("subtitle"), part.get("formattedText")]
        lines += [f"- {reply}" for item in items(part.get(offered)) if (reply := _reply(item))]
    lines += _texts(message.get("payload"))
    return [line for line in lines if isinstance(line, str) and line.strip()]


def _reply(offered: Any) -> str:
    """A quick reply as text, or the label of a suggestion or a button."""
    return offered if isinstance(offered, str) else fields(offered).get("title") or fields(offered).get("text") or ""


def _texts(value: Any) -> list[str]:
    """The texts in a custom payload, under the names that usually hold text."""
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    members = fields(value)
    words = [members[name] for name in ("title", "subtitle", "text", "message") if isinstance(members.get(name), str)]
    return words + [text for member in members.values() if isinstance(member, dict | list) for text in _texts(member)]


def decode_whole(body: Any) -> Iterator[WireEvent]:
    """The streaming method answers with a list of partial replies."""
    for frame in body if isinstance(body, list) else [body]:
        yield from decode(frame)


def served(frame: Any) -> Served:
    """An agent names no model."""
    return who.NOBODY


def models_request(provider: Provider) -> HttpRequest | None:
    return None


def decode_models(body: Any) -> list[str]:
    return shape.names(body)
