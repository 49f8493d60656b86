"""DeepSeek's export, `conversations.json`: nodes as ChatGPT's, each message in fragments by what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.store.portable.foreign import answered, nearest, of


def is_one(item: Any) -> bool:
    """Whether this is a conversation of DeepSeek's: its messages are in fragments."""
    nodes = of(item.get("mapping")) if isinstance(item, dict) else {}
    return any("fragments" in of(of(node).get("message")) for node in nodes.values())


def told(item: Any) -> Any:
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
    said = {name: message for name, node in nodes.items() if (message := _said(name, of(node).get("message")))}
    for name, message in said.items():
        yield message | {"parent_id": nearest(of(nodes[name]).get("parent"), nodes, said)}


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
    model, at = message.get("model"), message.get("inserted_at")
    model_id = f"deepseek/{model}" if role == "assistant" and isinstance(model, str) and model else None
    return {
        "id": name,
        "role": role,
        "text": "\n\n".join(by_kind["REQUEST"] or by_kind["RESPONSE"]),
        "created_at": at,
        "model_id": model_id,
        "completion": answered(model_id, at, "\n\n".join(by_kind["THINK"])),
    }
