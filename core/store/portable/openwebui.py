"""Open WebUI's export of chats: a list; each chat holds its messages in `chat.history`, a tree by `parentId`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def told(item: Any, number: int) -> Any:
    """A chat in the shape of our own JSON, unchecked; what is no chat comes back as it is. `number` names one that has
    no id."""
    chat = item.get("chat", item) if isinstance(item, dict) else None
    if not isinstance(chat, dict):
        return chat if isinstance(item, dict) else item
    title = item.get("title") or chat.get("title") or ""
    created = item.get("created_at", chat.get("timestamp"))
    history, models = chat.get("history"), chat.get("models")
    tree = history if isinstance(history, dict) else {}
    first = models[0] if isinstance(models, list) and models and isinstance(models[0], str) else None
    return {
        "id": item.get("id") or chat.get("id") or f"{number} {title!s:.100} {created!s:.40}",
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
        yield _said(name, value.get("parentId") or None, value) if isinstance(value, dict) else value


def _flat(messages: Any) -> Any:
    """Old exports have a plain list instead of the tree."""
    if not isinstance(messages, list):
        return messages
    told: list[Any] = []
    parent = None
    for number, value in enumerate(messages, 1):
        if isinstance(value, dict):
            name = value.get("id", str(number))
            told.append(_said(name, parent, value))
            parent = name
        else:
            told.append(value)
    return told


def _said(name: Any, parent_id: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    role, content, model = value.get("role"), value.get("content", ""), value.get("model")
    if isinstance(content, list):
        content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return {
        "id": name,
        "parent_id": parent_id,
        "role": role,
        "text": content,
        "created_at": value.get("timestamp"),
        "model_id": f"openwebui/{model}" if isinstance(model, str) and model and role == "assistant" else None,
    }
