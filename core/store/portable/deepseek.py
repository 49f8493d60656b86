"""DeepSeek's export, `conversations.json`: nodes as ChatGPT's, each message in fragments by what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .foreign import answered, nearest, of

CITATION = re.compile(r"\s?\[(?:citation|reference):\d+\]")


def is_one(item: Any) -> bool:
    """Whether this is a conversation of DeepSeek's: its messages are in fragments, the older ones without author."""
    nodes = of(item.get("mapping")) if isinstance(item, dict) else {}
    messages = [of(of(node).get("message")) for node in nodes.values()]
    return any("fragments" in message or "reasoning_content" in message for message in messages)


def to_our_shape(item: Any) -> Any:
    """A conversation in the shape of our own JSON, unchecked."""
    nodes = of(item.get("mapping"))
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
    said = {name: message for name, node in nodes.items() if (message := _said(name, _in_fragments(name, nodes)))}
    for name, message in said.items():
        yield message | {"parent_id": nearest(of(nodes[name]).get("parent"), nodes, said)}


def _in_fragments(name: str, nodes: Mapping[str, Any]) -> Any:
    """A message of the older export, which names no author: questions and answers follow each other from the root."""
    message = of(nodes[name]).get("message")
    if not isinstance(message, dict) or "fragments" in message or not isinstance(message.get("content"), str):
        return message
    depth, above = 0, of(nodes[name]).get("parent")
    while isinstance(above, str) and above in nodes and of(nodes[above]).get("message") and depth < len(nodes):
        depth, above = depth + 1, of(nodes[above]).get("parent")
    said = {"type": "RESPONSE" if depth % 2 else "REQUEST", "content": message["content"]}
    return {**message, "fragments": [{"type": "THINK", "content": message.get("reasoning_content")}, said]}


def _said(name: str, message: Any) -> dict[str, Any] | None:
    if not isinstance(message, dict):
        return None
    by_kind: dict[str, list[str]] = {"REQUEST": [], "RESPONSE": [], "THINK": []}
    for fragment in message.get("fragments") or ():
        content = of(fragment).get("content")
        if isinstance(content, str):
            by_kind.setdefault(str(of(fragment).get("type")), []).append(content)
    if not by_kind["REQUEST"] and not by_kind["RESPONSE"]:
        return None
    role = "user" if by_kind["REQUEST"] else "assistant"
    text = "\n\n".join(by_kind["REQUEST"] or by_kind["RESPONSE"])
    names = [of(file).get("name") or of(file).get("file_name") for file in message.get("files") or ()]
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
        "completion": answered(model_id, at, "\n\n".join(by_kind["THINK"])),
    }
