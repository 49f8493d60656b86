"""ChatGPT's export, `conversations.json`: a list of conversations, each a mapping of nodes with parents and children.

Nodes without text (the root, tools, hidden instructions) are left out, and what follows them moves up. Pictures and
other parts that are no text become a mark in square brackets.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.store.portable.checks import At, Said, Talk, in_order

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TEXTS = ("text", "multimodal_text", "code")


def read(data: list[Any]) -> list[Talk]:
    """The conversations of a file; BadImport at the first fault."""
    return [_talk(At.of(item, f"Conversation {number}")) for number, item in enumerate(data, 1)]


def _talk(at: At) -> Talk:
    title = at.text("title", default="")
    at = At(at.value, f"{at.place} (“{title[:40]}”)" if title else at.place)
    created = at.seconds("create_time", EPOCH)
    nodes = {name: At.of(node, f"{at.place}, message {name[:40]}") for name, node in at.mapping("mapping").items()}
    said = {name: message for name, node in nodes.items() if (message := _said(name, node, created))}
    kept = [_under(message, nodes, said) for message in said.values()]
    messages = in_order(sorted(kept, key=lambda message: message.created_at), at.place)
    leaf = at.maybe("current_node")
    return Talk(
        id=at.maybe("conversation_id") or at.text("id"),
        title=title,
        created_at=created,
        updated_at=at.seconds("update_time", created),
        messages=messages,
        leaf_id=_nearest(leaf, nodes, said),
        model_id=None,
    )


def _said(name: str, node: At, default: datetime) -> Said | None:
    if node.value.get("message") is None:
        return None
    message = At.of(node.value["message"], node.place)
    role = At.of(message.value.get("author"), f"{node.place}, author").text("role")
    metadata = message.mapping("metadata")
    content = At.of(message.value.get("content"), f"{node.place}, content")
    hidden = metadata.get("is_visually_hidden_from_conversation") or message.value.get("weight") == 0
    if role not in ("user", "assistant") or hidden or content.text("content_type") not in TEXTS:
        return None
    text = _text(content)
    if not text.strip():
        return None
    model = metadata.get("model_slug")
    return Said(
        id=name,
        parent_id=None,
        role=role,
        text=text,
        created_at=message.seconds("create_time", default),
        model_id=f"chatgpt/{model}" if role == "assistant" and isinstance(model, str) else None,
    )


def _text(content: At) -> str:
    parts = content.value.get("parts")
    if parts is None:
        return content.text("text", default="")
    if not isinstance(parts, list):
        raise content.wrong("“parts” is not a list")
    return "\n".join(part if isinstance(part, str) else _mark(part) for part in parts)


def _mark(part: Any) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("content_type") if isinstance(part, dict) else None
    return f"[{str(kind or 'attachment').replace('_', ' ')}]"


def _under(message: Said, nodes: Mapping[str, At], said: Mapping[str, Said]) -> Said:
    parent = _nearest(nodes[message.id].maybe("parent"), nodes, said)
    return Said(message.id, parent, message.role, message.text, message.created_at, message.model_id)


def _nearest(name: str | None, nodes: Mapping[str, At], said: Mapping[str, Said]) -> str | None:
    """The message at this node or the nearest above it."""
    seen = set()
    while name is not None and name not in said:
        if name in seen or name not in nodes:
            return None
        seen.add(name)
        name = nodes[name].maybe("parent")
    return name
