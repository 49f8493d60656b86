"""Claude's export, `conversations.json`: a list; a chat holds its messages in `chat_messages`, newer ones in parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .foreign import as_object, reasoning_completion

SENDERS = {"human": "user", "assistant": "assistant"}
NOBODY = "00000000-0000-4000-8000-000000000000"  # the parent of a first message


def to_our_shape(item: Any) -> Any:
    """A chat in the shape of our own JSON, unchecked."""
    messages = item.get("chat_messages")
    made: list[Any] = []
    before = None
    for number, value in enumerate(messages if isinstance(messages, list) else (), 1):
        message = _message(value, before)
        if isinstance(message, dict) and message["id"] is None:
            message["id"] = str(number)
        made.append(message)
        before = message.get("id", before) if isinstance(message, dict) else before
    return {
        "id": item.get("uuid"),
        "title": item.get("name") or "",
        "title_by_person": True,
        "created_at": item.get("created_at"),
        "updated_at": item.get("updated_at"),
        "messages": made if isinstance(messages, list) else messages,
    }


def _message(value: Any, before: Any) -> Any:
    if not isinstance(value, dict):
        return value
    parts = [as_object(part) for part in value.get("content") or ()] if isinstance(value.get("content"), list) else []
    called = [f"[{part.get('name')}]" for part in parts if part.get("type") == "tool_use"]
    thought = [part.get("thinking") for part in parts if part.get("type") == "thinking"]
    text = _written(parts) or value.get("text") or "\n".join(called) or value.get("text")
    names = [
        as_object(held).get("file_name") for held in (*(value.get("attachments") or ()), *(value.get("files") or ()))
    ]
    files = [
        {"name": as_object(held).get("file_name"), "text": as_object(held).get("extracted_content")}
        for held in value.get("attachments") or ()
        if isinstance(as_object(held).get("extracted_content"), str) and as_object(held).get("file_name")
    ]
    file_names = {held["name"] for held in files}
    marks = "\n".join(f"[{name}]" for name in names if isinstance(name, str) and name and name not in file_names)
    role, at = SENDERS.get(str(value.get("sender"))), value.get("created_at")
    parent = value.get("parent_message_uuid", before)
    reasoning = "\n\n".join(each for each in thought if isinstance(each, str))
    return {
        "id": value.get("uuid"),
        "parent_id": None if parent == NOBODY else parent,
        "role": role,
        "text": f"{text}\n\n{marks}".strip() if isinstance(text, str) else text,
        "created_at": at,
        "model_id": "claude/claude" if role == "assistant" else None,
        "completion": reasoning_completion("claude/claude", at, reasoning) if role == "assistant" else None,
        "files": files if role == "user" else [],
    }


def _written(parts: list[Mapping[str, Any]]) -> str:
    """The texts of the parts as one: a part cut for a citation continues its sentence."""
    made = ""
    cut = False
    for part in parts:
        text = part.get("text")
        if part.get("type") != "text" or not isinstance(text, str):
            continue
        goes_on = cut or text[:1] in (" ", ",", ".", ";", ":", ")")
        made += text if goes_on or not made else f"\n\n{text}"
        cut = bool(part.get("citations"))
    return made
