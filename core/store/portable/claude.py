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
    files = _files(value)
    role, at = SENDERS.get(str(value.get("sender"))), value.get("created_at")
    parent = value.get("parent_message_uuid", before)
    reasoning = "\n\n".join(each for each in thought if isinstance(each, str))
    return {
        "id": value.get("uuid"),
        "parent_id": None if parent == NOBODY else parent,
        "role": role,
        "text": text,
        "created_at": at,
        "model_id": "claude/claude" if role == "assistant" else None,
        "completion": reasoning_completion("claude/claude", at, reasoning) if role == "assistant" else None,
        "files": files,
    }


def _files(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The text of each attachment, and the name of each file: the export holds no bytes, unless its zip has a member
    that is named by the file's id or by its name."""
    attachments, files = (
        [as_object(held) for held in value[key]] if isinstance(value.get(key), list) else []
        for key in ("attachments", "files")
    )
    texts = [
        {"name": held["file_name"], "text": held["extracted_content"]}
        for held in attachments
        if isinstance(held.get("extracted_content"), str) and isinstance(held.get("file_name"), str)
    ]
    with_text = {held["name"] for held in texts}
    others = [held for held in (*attachments, *files) if held.get("file_name") not in with_text]
    named = [(held.get("file_uuid") or held.get("id"), held.get("file_name")) for held in others]
    return [
        *texts,
        *(
            {"asset": asset if isinstance(asset, str) else "", "name": name, "kind": "file"}
            for asset, name in named
            if isinstance(name, str) and name
        ),
    ]


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
