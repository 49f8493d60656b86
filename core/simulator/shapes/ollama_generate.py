"""The other Ollama shape: /api/generate, which takes one prompt instead of a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ...records import Message, Text
from ..plan import ReplyPlan
from . import ollama
from .ask import Frame, ParsedRequest
from .ollama import failure, headers

__all__ = ["failure", "headers", "message_of", "read", "stream", "whole"]


def read(body: dict[str, Any], _path: str) -> ParsedRequest:
    system, prompt = str(body.get("system") or ""), str(body.get("prompt") or "")
    turns = [Message("system", system)] if system else []
    pictures = list(ollama.pictures_of(body.get("images")))
    return ollama.ask(body, (*turns, *([Message("user", [Text(prompt), *pictures])] if prompt else [])))


def stream(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> Iterator[Frame]:
    return ollama.lines(ask, plan, now, message_of)


def whole(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> bytes:
    return ollama.one_line(ask, plan, now, message_of)


def message_of(text: str, **more: Any) -> dict[str, Any]:
    return {"response": text, **more}
