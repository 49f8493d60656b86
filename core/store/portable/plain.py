"""Conversations of unknown programs: `messages`, each a role and a text, as most tools write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .foreign import as_object, reasoning_completion, split_reasoning

ROLES: Mapping[str, str] = {
    **dict.fromkeys(("user", "human", "you"), "user"),
    **dict.fromkeys(("assistant", "model", "ai", "bot", "gpt", "chatgpt", "claude", "gemini"), "assistant"),
    "system": "system",
}
TEXTS = ("content", "text", "parts", "message", "value")
DATES = ("created_at", "createdAt", "create_time", "createTime", "timestamp", "time", "date")


def is_conversation(item: Any) -> bool:
    """Whether this is a conversation in the plain format."""
    messages = as_object(item).get("messages")
    objects = [as_object(message) for message in messages] if isinstance(messages, list) else []
    return any(_role(message) and any(name in message for name in TEXTS) for message in objects)


def to_our_shape(item: Any) -> Any:
    """A conversation in the shape of our own JSON, unchecked."""
    made = [_message(number, message, item) for number, message in enumerate(item["messages"], 1)]
    return {
        "id": _first(item, ("id", "uuid", "conversation_id", "conversationId")),
        "title": _first(item, ("title", "name", "topic")) or "",
        "title_by_person": True,
        "created_at": _first(item, DATES),
        "messages": made,
        "system": item.get("system") if isinstance(item.get("system"), str) else None,
    }


def _message(number: int, message: Any, item: Mapping[str, Any]) -> Any:
    if not isinstance(message, dict):
        return message
    role, at = _role(message), _first(message, DATES) or _first(item, DATES)
    text, reasoning = _text(_first(message, TEXTS)), ""
    model = _first(message, ("model", "model_id", "modelId")) or item.get("model")
    model_id = f"imported/{model}" if role == "assistant" and isinstance(model, str) and model else None
    if role == "assistant" and isinstance(text, str):
        text, reasoning = split_reasoning(text)
    return {
        "id": str(number),
        "parent_id": str(number - 1) if number > 1 else None,
        "role": role or message.get("role"),
        "text": text,
        "created_at": at,
        "model_id": model_id,
        "completion": reasoning_completion(model_id, at, reasoning),
    }


def _role(message: Mapping[str, Any]) -> str | None:
    return ROLES.get(str(_first(message, ("role", "sender", "from", "author"))).lower())


def _first(held: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((held[name] for name in names if held.get(name) is not None), None)


def _text(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    return "\n".join(part if isinstance(part, str) else str(as_object(part).get("text", "")) for part in content)
