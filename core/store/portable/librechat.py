"""LibreChat's export: messages by `messageId` and `parentMessageId`, in a list or each with its `children`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .foreign import as_object, reasoning_completion, split_reasoning

NOBODY = "00000000-0000-0000-0000-000000000000"  # the parent of a first message


def is_conversation(item: Any) -> bool:
    """Whether this is a conversation of LibreChat's."""
    messages = as_object(item).get("messages")
    return isinstance(messages, list) and any("isCreatedByUser" in as_object(message) for message in messages)


def to_our_shape(item: Any) -> Any:
    """A conversation in the shape of our own JSON, unchecked."""
    model, messages = as_object(item.get("options")).get("model"), list(_flat(item.get("messages")))
    made = [_message(message, model) for message in messages]
    dates = [at for message in messages if isinstance(at := as_object(message).get("createdAt"), str)]
    return {
        "id": item.get("conversationId"),
        "title": item.get("title") or "",
        "title_by_person": True,
        "created_at": min(dates, default=None),
        "messages": made,
        "system": as_object(item.get("options")).get("promptPrefix"),
    }


def _flat(messages: Any) -> Iterator[Any]:
    waiting = list(reversed(messages)) if isinstance(messages, list) else []
    while waiting:
        yield (message := waiting.pop())
        children = as_object(message).get("children")
        waiting += reversed(children) if isinstance(children, list) else ()


def _message(message: Any, model: Any) -> Any:
    if not isinstance(message, dict):
        return message
    role = "user" if message.get("isCreatedByUser") else "assistant"
    text, reasoning = _text(message)
    own, at, parent = message.get("model") or model, message.get("createdAt"), message.get("parentMessageId")
    model_id = f"librechat/{own}" if role == "assistant" and isinstance(own, str) else None
    return {
        "id": message.get("messageId"),
        "parent_id": None if parent == NOBODY else parent,
        "role": role,
        "text": text,
        "created_at": at,
        "model_id": model_id,
        "completion": reasoning_completion(model_id, at, reasoning) if role == "assistant" else None,
    }


def _text(message: Mapping[str, Any]) -> tuple[Any, str]:
    """The text and the reasoning: in parts by their types, else in one text."""
    parts = [as_object(part) for part in message["content"]] if isinstance(message.get("content"), list) else []
    written = [_words(part.get("text")) for part in parts if part.get("type") == "text"]
    if any(written):
        return "\n\n".join(filter(None, written)), "\n\n".join(_words(part.get("think")) for part in parts).strip()
    text = message.get("text")
    return split_reasoning(text) if isinstance(text, str) else (text, "")


def _words(value: Any) -> str:
    """A text, bare or as the value of a part."""
    text = as_object(value).get("value", value)
    return text if isinstance(text, str) else ""
