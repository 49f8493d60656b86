"""DeepSeek's export, `conversations.json`: nodes like ChatGPT's, each message in fragments by type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .foreign import as_object, nearest, reasoning_completion

CITATION = re.compile(r"\s?\[(?:citation|reference):\d+\]")


def is_conversation(item: Any) -> bool:
    """Whether this is a conversation of DeepSeek's: its messages are in fragments, the older ones without author."""
    nodes = as_object(item.get("mapping")) if isinstance(item, dict) else {}
    messages = [as_object(as_object(node).get("message")) for node in nodes.values()]
    return any("fragments" in message or "reasoning_content" in message for message in messages)


def to_our_shape(item: Any) -> Any:
    """A conversation in the shape of our own JSON, unchecked."""
    nodes = as_object(item.get("mapping"))
    messages = list(_messages(nodes))
    return {
        "id": item.get("id"),
        "title": item.get("title") or "",
        "title_by_person": True,
        "created_at": item.get("inserted_at"),
        "updated_at": item.get("updated_at"),
        "messages": messages,
        "leaf_id": messages[-1]["id"] if messages else None,
    }


def _messages(nodes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    shown = {name: message for name, node in nodes.items() if (message := _message(name, _in_fragments(name, nodes)))}
    for name, message in shown.items():
        yield message | {"parent_id": nearest(as_object(nodes[name]).get("parent"), nodes, shown)}


def _in_fragments(name: str, nodes: Mapping[str, Any]) -> Any:
    """A message of the older export, which names no author: questions and answers follow each other from the root."""
    message = as_object(nodes[name]).get("message")
    if not isinstance(message, dict) or "fragments" in message or not isinstance(message.get("content"), str):
        return message
    depth, above = 0, as_object(nodes[name]).get("parent")
    while isinstance(above, str) and above in nodes and as_object(nodes[above]).get("message") and depth < len(nodes):
        depth, above = depth + 1, as_object(nodes[above]).get("parent")
    fragment = {"type": "RESPONSE" if depth % 2 else "REQUEST", "content": message["content"]}
    return {**message, "fragments": [{"type": "THINK", "content": message.get("reasoning_content")}, fragment]}


def _message(name: str, message: Any) -> dict[str, Any] | None:
    if not isinstance(message, dict):
        return None
    by_kind: dict[str, list[str]] = {"REQUEST": [], "RESPONSE": [], "THINK": []}
    for fragment in message.get("fragments") or ():
        content = as_object(fragment).get("content")
        if isinstance(content, str):
            by_kind.setdefault(str(as_object(fragment).get("type")), []).append(content)
    if not by_kind["REQUEST"] and not by_kind["RESPONSE"]:
        return None
    role = "user" if by_kind["REQUEST"] else "assistant"
    text = "\n\n".join(by_kind["REQUEST"] or by_kind["RESPONSE"])
    names = [as_object(file).get("name") or as_object(file).get("file_name") for file in message.get("files") or ()]
    marks = "\n".join(f"[{each}]" for each in names if isinstance(each, str))
    text = f"{text}\n\n{marks}".strip() if role == "user" else CITATION.sub("", text)
    model, at = message.get("model"), message.get("inserted_at")
    model_id = f"deepseek/{model}" if role == "assistant" and isinstance(model, str) and model else None
    return {
        "id": name,
        "role": role,
        "text": text,
        "created_at": at,
        "model_id": model_id,
        "completion": reasoning_completion(model_id, at, "\n\n".join(by_kind["THINK"])),
    }
