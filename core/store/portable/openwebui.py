"""Open WebUI's export of chats: a list; each chat holds its messages in `chat.history`, a tree by `parentId`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .foreign import as_object, reasoning_completion, split_reasoning

# Reasoning and tool calls are in the text as folding HTML, escaped inside.
FOLDED = re.compile(r"<details\b([^>]*)>(.*?)(?:</details>|\Z)\s*", re.DOTALL | re.IGNORECASE)
TYPE = re.compile(r'\btype="(\w+)"')
SUMMARY = re.compile(r"\s*<summary>.*?</summary>\s*", re.DOTALL | re.IGNORECASE)


def to_our_shape(item: Any) -> Any:
    """A chat in the shape of our own JSON, unchecked; anything else comes back unchanged."""
    chat = item.get("chat", item) if isinstance(item, dict) else None
    if not isinstance(chat, dict):
        return chat if isinstance(item, dict) else item
    title = item.get("title") or chat.get("title") or ""
    created = item.get("created_at", chat.get("timestamp"))
    history, models = chat.get("history"), chat.get("models")
    tree = history if isinstance(history, dict) else {}
    first = models[0] if isinstance(models, list) and models and isinstance(models[0], str) else None
    return {
        "id": item.get("id") or chat.get("id"),
        "title": title,
        "title_by_person": True,
        "created_at": created,
        "updated_at": item.get("updated_at"),
        "messages": list(_tree(tree)) if tree else _flat(chat.get("messages")),
        "leaf_id": tree.get("currentId"),
        "pinned": item.get("pinned") is True,
        "system": chat.get("system"),
        "model_id": f"openwebui/{first}" if first else None,
    }


def _tree(history: Mapping[str, Any]) -> Iterator[Any]:
    messages = history.get("messages")
    for name, value in (messages if isinstance(messages, dict) else {}).items():
        yield _message(name, value.get("parentId") or None, value) if isinstance(value, dict) else value


def _flat(messages: Any) -> Any:
    """Old exports have a plain list instead of the tree."""
    if not isinstance(messages, list):
        return messages
    result: list[Any] = []
    parent = None
    for number, value in enumerate(messages, 1):
        if isinstance(value, dict):
            name = value.get("id", str(number))
            result.append(_message(name, parent, value))
            parent = name
        else:
            result.append(value)
    return result


def _message(name: Any, parent_id: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    role, content, model = value.get("role"), value.get("content", ""), value.get("model")
    if isinstance(content, list):
        content = "\n".join(_part(part) for part in content if isinstance(part, dict))
    if not content and isinstance(value.get("output"), list):
        content = "\n\n".join(_written(value["output"], "message"))
    model_id = f"openwebui/{model}" if isinstance(model, str) and model and role == "assistant" else None
    reasoning = ""
    if role == "assistant" and isinstance(content, str):
        content, reasoning = _unfolded(content)
        if not reasoning:
            content, reasoning = split_reasoning(content)
        reasoning = reasoning or "\n\n".join(_written(value.get("output"), "reasoning"))
    at = value.get("timestamp")
    return {
        "id": name,
        "parent_id": parent_id,
        "role": role,
        "text": content,
        "created_at": at,
        "model_id": model_id,
        "completion": reasoning_completion(model_id, at, reasoning),
    }


def _part(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    return text if isinstance(text, str) else f"[{str(part.get('type') or 'attachment').removesuffix('_url')[:40]}]"


def _written(output: Any, kind: str) -> list[str]:
    """The texts of the items of one kind, in the `output` of newer chats."""
    items = [as_object(item) for item in output] if isinstance(output, list) else []
    parts = [
        as_object(part).get("text") for item in items if item.get("type") == kind for part in item.get("content") or ()
    ]
    return [text for text in parts if isinstance(text, str)]


def _unfolded(content: str) -> tuple[str, str]:
    """The answer's own text, and its reasoning; tool calls and replies are left out."""
    thoughts: list[str] = []

    def fold(match: re.Match[str]) -> str:
        kind = TYPE.search(match[1])
        if kind is None or kind[1] not in ("reasoning", "tool_calls", "code_interpreter"):
            return match[0]
        if kind[1] == "reasoning":
            lines = html.unescape(SUMMARY.sub("", match[2])).strip().split("\n")
            thoughts.append("\n".join(re.sub(r"^> ?", "", line) for line in lines))
        return ""

    text = FOLDED.sub(fold, content)
    return (text.strip() if thoughts or text != content else text), "\n\n".join(thoughts)
