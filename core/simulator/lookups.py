"""Requests of clients other than for an answer: models, token counts, versions, health. Pure.

GET   …/models  …/models/{m}                    as OpenAI, Mistral and Cohere list them; Anthropic's and Gemini's too
GET   …/api/tags  …/api/ps  …/api/version  /    Ollama
GET   …/health  …/healthz  …/ping  …/version    servers of one's own; …/info Hugging Face
POST  …/api/show, and /api/chat and /api/generate without a prompt (which only loads the model)
POST  …/messages/count_tokens  …:countTokens  …/responses/input_tokens
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from . import tokens
from .models import CONTEXT_TOKENS, PROFILES, find
from .plan import SimulatedFailure
from .shapes import SHAPES, anthropic, gemini, ollama, ollama_generate, openai, responses
from .shapes.ask import ParsedRequest, dumps
from .wish import Unreadable

NOT_UNDERSTOOD = "The body is not a request this address understands."
BAD_KEY = SimulatedFailure("bad_key", "Incorrect API key provided. (Simulated.)")
NOWHERE = dumps({"error": {"message": "The simulator has no such address.", "type": "not_found"}})
HEALTHY = dumps({"status": "ok"})
VERSION = dumps({"version": ollama.VERSION})
COUNTS: dict[
    str, tuple[str, Callable[[int], bytes]]
] = {  # how an address ends: its shape, and what the count looks like
    "/messages/count_tokens": ("anthropic", anthropic.count),
    ":countTokens": ("gemini", gemini.count),
    "/responses/input_tokens": ("openai-responses", responses.count),
}


class LookupReply(NamedTuple):
    status: int
    body: bytes
    media: str = "application/json"


def get(path: str, to_anthropic: bool = False) -> LookupReply:
    """The reply to a GET; 404 for an address we do not have."""
    plain, names = path.rstrip("/"), list(PROFILES)
    if not plain:
        return LookupReply(200, b"Ollama is running", "text/plain")
    if plain.endswith(("/health", "/healthz", "/ping")):
        return LookupReply(200, HEALTHY)
    if plain.endswith("/version"):
        return LookupReply(200, VERSION)
    if plain.endswith("/info"):
        return LookupReply(
            200, dumps({"model_id": names[0], "max_total_tokens": CONTEXT_TOKENS, "version": "simulated"})
        )
    if plain.endswith("/api/tags"):
        return LookupReply(200, ollama.list_models(names))
    if plain.endswith("/api/ps"):
        return LookupReply(200, ollama.list_running(names))
    vendor = _vendor(plain, to_anthropic)
    if plain.endswith("/models"):
        return LookupReply(200, vendor.list_models(names))
    if "/models/" in plain:
        name = plain.rpartition("/models/")[2]
        return LookupReply(200, vendor.one_model(name)) if _is_known(name) else _unknown(vendor, name)
    return LookupReply(404, NOWHERE)


def refuse(method: str, path: str, to_anthropic: bool = False) -> LookupReply | None:
    """The vendor's refusal of a bad key where a look-up wants a good one; None for other addresses."""
    plain = path.rstrip("/")
    shape: Any = next((SHAPES[name] for end, (name, _) in COUNTS.items() if plain.endswith(end)), None)
    if plain.endswith(("/api/show", "/api/tags", "/api/ps")):
        shape = ollama
    elif method == "GET" and "/models/" in f"{plain}/":
        shape = _vendor(plain, to_anthropic)
    return LookupReply(401, shape.failure(_about(""), BAD_KEY)) if shape else None


def post(path: str, body: bytes, now: datetime) -> LookupReply | None:
    """The reply to a POST that only looks something up; None where it asks for an answer."""
    plain = path.rstrip("/")
    shape, encode = next((count for end, count in COUNTS.items() if plain.endswith(end)), ("", None))
    if encode:
        return _count(shape, encode, path, body)
    if plain.endswith(("/api/show", "/api/chat", "/api/generate")):
        return _of_ollama(plain.rpartition("/")[2], body, now)
    return None


def json_object(body: bytes) -> dict[str, Any]:
    value = json.loads(body)
    if not isinstance(value, dict):
        raise TypeError
    return value


def _count(name: str, encode: Callable[[int], bytes], path: str, body: bytes) -> LookupReply:
    shape = SHAPES[name]
    try:
        ask = shape.read(json_object(body), path)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        why = str(error) if isinstance(error, Unreadable) else NOT_UNDERSTOOD
        return LookupReply(400, shape.failure(_about(""), SimulatedFailure("bad_request", why)))
    return (
        LookupReply(200, encode(tokens.count_prompt(ask.messages)))
        if _is_known(ask.model)
        else _unknown(shape, ask.model)
    )


def _of_ollama(action: str, body: bytes, now: datetime) -> LookupReply | None:
    try:
        fields = json_object(body)
    except (ValueError, TypeError):
        return None
    name = ollama.model_name(fields)
    if action == "show":
        return LookupReply(200, ollama.show(name)) if _is_known(name) else _unknown(ollama, name)
    shape = ollama if action == "chat" else ollama_generate
    if fields.get("messages" if action == "chat" else "prompt") or not _is_known(name):
        return None
    return LookupReply(200, ollama.loaded(_about(name), now, shape.message_of))


def _vendor(plain: str, to_anthropic: bool) -> Any:
    return gemini if "/v1beta" in plain else anthropic if to_anthropic else openai


def _is_known(name: str) -> bool:
    return find(name) is not None or name.rpartition("/")[2].startswith("bench")


def _unknown(shape: Any, name: str) -> LookupReply:
    fault = SimulatedFailure("unknown_model", f"The model `{name}` does not exist.")
    return LookupReply(404, shape.failure(_about(name), fault))


def _about(name: str) -> ParsedRequest:
    return ParsedRequest(name, (), False)
