"""The wire formats of the simulator, pure: a vendor's request in, the bytes of a planned reply out.

A shape is a module: `read(body, path) -> Ask`, `stream(ask, plan, now) -> frames`, `whole(ask, plan, now) -> bytes`,
`failure(ask, fault) -> bytes` and `headers(quota, fault, now)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from ..plan import Quota, ReplyPlan, SimulatedFailure
from . import (
    anthropic,
    cohere,
    completions,
    gemini,
    huggingface,
    ollama,
    ollama_generate,
    openai,
    responses,
)
from .ask import Frame, ParsedRequest


class Shape(Protocol):
    """The interface of each module in this folder."""

    def read(self, body: dict[str, Any], path: str, /) -> ParsedRequest: ...
    def stream(self, ask: ParsedRequest, plan: ReplyPlan, now: datetime, /) -> Iterator[Frame]: ...
    def whole(self, ask: ParsedRequest, plan: ReplyPlan, now: datetime, /) -> bytes: ...
    def failure(self, ask: ParsedRequest, fault: SimulatedFailure, /) -> bytes: ...
    def headers(self, quota: Quota | None, fault: SimulatedFailure | None, now: datetime, /) -> dict[str, str]: ...


SHAPES: Mapping[str, Shape] = {
    "openai": openai,
    "openai-completions": completions,
    "openai-responses": responses,
    "anthropic": anthropic,
    "gemini": gemini,
    "cohere": cohere,
    "ollama": ollama,
    "ollama-generate": ollama_generate,
    "huggingface": huggingface,
}


def status(name: str, fault: SimulatedFailure) -> int:
    """The HTTP status of a fault; Anthropic has one of its own for an overload."""
    return 529 if name == "anthropic" and fault.kind == "down" else fault.status


def for_path(path: str) -> str | None:
    """The shape an address belongs to, whatever stands in front of it; None for no shape of ours."""
    plain = path.rstrip("/")
    if plain.endswith("/chat/completions"):
        return "openai"
    if plain.endswith("/completions"):
        return "openai-completions"
    if plain.endswith("/responses"):
        return "openai-responses"
    if plain.endswith("/api/generate"):
        return "ollama-generate"
    if plain.endswith("/api/chat"):
        return "ollama"
    if plain.endswith("/chat"):
        return "cohere"
    if plain.endswith("/messages"):
        return "anthropic"
    if plain.endswith((":generateContent", ":streamGenerateContent")):
        return "gemini"
    if not plain or plain.endswith(("/generate", "/generate_stream")) or "/models/" in plain:
        return "huggingface"
    return None
