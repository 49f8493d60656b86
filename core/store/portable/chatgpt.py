"""ChatGPT's export, `conversations.json`: a list of conversations, each a mapping of nodes with parents and children.

Nodes without text (the root, tools and messages to them, hidden instructions) are skipped, and their children move up.
Pictures and other parts that are not text become a mark in square brackets; citation marks, written in private-use
characters, become the links they stand for, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .foreign import as_object, nearest, reasoning_completion

TEXTS = ("text", "multimodal_text", "code")
# `\ue200cite\ue202turn0search3\ue201`: the text between the first and the last is for the program only.
MARK = re.compile("\ue200[^\ue200\ue201]{0,2000}\ue201|[\ue000-\uf8ff]")
ENTITY = re.compile('\ue200entity\ue202?\\["[^"]*","([^"]*)"[^\\]]*\\]\ue201')
OLD_MARK = re.compile(r"\s?【\d+(?::\d+)?†[^】]{0,200}】")


def to_our_shape(item: Any) -> Any:
    """A conversation in the shape of our own JSON, unchecked; anything else comes back unchanged."""
    if not isinstance(item, dict) or not isinstance(nodes := item.get("mapping"), dict):
        return item
    times = [at for node in nodes.values() if (at := as_object(as_object(node).get("message")).get("create_time"))]
    created = item.get("create_time") or min(filter(_is_time, times), default=None)
    messages = sorted(
        _messages(nodes, item.get("default_model_slug")),
        key=lambda message: _seconds(message.get("created_at", created)),
    )
    return {
        "id": item.get("conversation_id") or item.get("id"),
        "title": item.get("title") or "",
        "title_by_person": True,
        "created_at": created,
        "updated_at": item.get("update_time") or max(filter(_is_time, times), default=None),
        "messages": messages,
        "leaf_id": nearest(item.get("current_node"), nodes, {message["id"] for message in messages}),
    }


def _is_time(at: Any) -> bool:
    return isinstance(at, int | float) and not isinstance(at, bool) and 0 <= at < 10**21


def _seconds(at: Any) -> float:
    return at if isinstance(at, int | float) else 0


def _messages(nodes: Mapping[str, Any], model: Any) -> Iterator[dict[str, Any]]:
    by_id = {name: _message(name, node, model) for name, node in nodes.items()}
    shown = {name: message for name, message in by_id.items() if message}
    for message in shown.values():
        parent = as_object(nodes[message["id"]]).get("parent")
        if message.get("role") == "assistant":
            thoughts = _thoughts(parent, nodes, shown)
            message["completion"] = reasoning_completion(message["model_id"], message["created_at"], thoughts)
        yield message | {"parent_id": nearest(parent, nodes, shown)}


def _thoughts(name: Any, nodes: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    """The reasoning in the nodes between an answer and the message before it."""
    texts: list[str] = []
    seen: set[str] = set()
    while isinstance(name, str) and name in nodes and name not in shown and name not in seen:
        seen.add(name)
        node = as_object(nodes[name])
        thoughts = as_object(as_object(node.get("message")).get("content")).get("thoughts")
        written = [as_object(thought).get("content") for thought in thoughts] if isinstance(thoughts, list) else []
        texts = [*(text for text in written if isinstance(text, str)), *texts]
        name = node.get("parent")
    return "\n\n".join(texts)


def _message(name: str, node: Any, usual_model: Any) -> dict[str, Any] | None:
    """A message with visible text; None for others."""
    message = node.get("message") if isinstance(node, dict) else node
    if message is None:
        return None
    if not isinstance(message, dict):
        return {"id": name}
    content, metadata = message.get("content"), as_object(message.get("metadata"))
    role = as_object(message.get("author")).get("role")
    hidden = metadata.get("is_visually_hidden_from_conversation") or message.get("weight") == 0
    to_a_tool = message.get("recipient") not in (None, "all")
    if role in ("system", "tool") or hidden or to_a_tool or as_object(content).get("content_type", "text") not in TEXTS:
        return None
    text = _text(content)
    if isinstance(text, str) and role == "assistant":
        text = _without_marks(text, metadata)
    if isinstance(text, str) and not text.strip():
        return None
    model = metadata.get("model_slug") or usual_model
    return {
        "id": name,
        "role": role,
        "text": text,
        "created_at": message.get("create_time"),
        "model_id": f"chatgpt/{model}" if role == "assistant" and isinstance(model, str) else None,
    }


def _without_marks(text: str, metadata: Mapping[str, Any]) -> str:
    """Citation marks replaced by their links; the words of an entity stay."""
    for reference in metadata.get("content_references") or ():
        mark, link = as_object(reference).get("matched_text"), as_object(reference).get("alt")
        if isinstance(mark, str) and len(mark.strip()) > 1 and MARK.search(mark):
            text = text.replace(mark, link if isinstance(link, str) else "")
    bare = OLD_MARK.sub("", MARK.sub("", ENTITY.sub(r"\1", text)))
    return bare if bare == text else bare.lstrip(" ")


def _text(content: Any) -> Any:
    """The text of a message; anything else comes back unchanged, to be rejected."""
    if not isinstance(content, dict) or not isinstance(parts := content.get("parts", ""), list):
        return content.get("text") or parts if isinstance(content, dict) else content
    return "\n".join(part if isinstance(part, str) else _mark(part) for part in parts)


def _mark(part: Any) -> str:
    if part is None:
        return ""
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("content_type") if isinstance(part, dict) else None
    return f"[{str(kind or 'attachment').replace('_', ' ')[:40]}]"
