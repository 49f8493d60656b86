"""ChatGPT's export, `conversations.json`: a list of conversations, each a mapping of nodes with parents and children.

Nodes without text (the root, tools, hidden instructions) are skipped, and what follows them moves up. Pictures and
other parts that are no text become a mark in square brackets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

TEXTS = ("text", "multimodal_text", "code")


def told(item: Any) -> Any:
    """A conversation in the shape of our own JSON, unchecked; what is no conversation comes back as it is."""
    if not isinstance(item, dict) or not isinstance(nodes := item.get("mapping"), dict):
        return item
    created = item.get("create_time")
    messages = sorted(_messages(nodes), key=lambda message: _seconds(message.get("created_at", created)))
    return {
        "id": item.get("conversation_id") or item.get("id"),
        "title": item.get("title") or "",
        "title_by_person": True,
        "created_at": created,
        "updated_at": item.get("update_time"),
        "messages": messages,
        "leaf_id": _nearest(item.get("current_node"), nodes, {message["id"] for message in messages}),
    }


def _seconds(at: Any) -> float:
    return at if isinstance(at, int | float) else 0


def _messages(nodes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    said = {name: _said(name, node) for name, node in nodes.items()}
    kept = {name: message for name, message in said.items() if message}
    for message in kept.values():
        yield message | {"parent_id": _nearest(_object(nodes[message["id"]]).get("parent"), nodes, kept)}


def _said(name: str, node: Any) -> dict[str, Any] | None:
    """A message with something to read; None for what a person never saw."""
    message = node.get("message") if isinstance(node, dict) else node
    if message is None:
        return None
    if not isinstance(message, dict):
        return {"id": name}
    content, metadata = message.get("content"), _object(message.get("metadata"))
    role = _object(message.get("author")).get("role")
    hidden = metadata.get("is_visually_hidden_from_conversation") or message.get("weight") == 0
    if role in ("system", "tool") or hidden or _object(content).get("content_type", "text") not in TEXTS:
        return None
    text = _text(content)
    if isinstance(text, str) and not text.strip():
        return None
    model = metadata.get("model_slug")
    return {
        "id": name,
        "role": role,
        "text": text,
        "created_at": message.get("create_time"),
        "model_id": f"chatgpt/{model}" if role == "assistant" and isinstance(model, str) else None,
    }


def _text(content: Any) -> Any:
    """The text of a message; what is none comes back as it is, to be found unfit."""
    if not isinstance(content, dict) or not isinstance(parts := content.get("parts", ""), list):
        return content.get("text") or parts if isinstance(content, dict) else content
    return "\n".join(part if isinstance(part, str) else _mark(part) for part in parts)


def _mark(part: Any) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("content_type") if isinstance(part, dict) else None
    return f"[{str(kind or 'attachment').replace('_', ' ')[:40]}]"


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _nearest(name: Any, nodes: Mapping[str, Any], said: Mapping[str, Any] | set[str]) -> Any:
    """The message at this node or the nearest above it."""
    seen = set()
    while isinstance(name, str) and name not in said:
        if name in seen or name not in nodes:
            return None
        seen.add(name)
        name = _object(nodes[name]).get("parent")
    return name if isinstance(name, str) else None
