"""ChatGPT's export, `conversations.json`: a list of conversations, each a mapping of nodes with parents and children.

Nodes without text or file (the root, tools and messages to them, hidden instructions) are skipped, and their children
move up. What lies between a question and its answer goes to the answer: thoughts, code that was run and its output to
its reasoning, pictures that a tool drew to its files, a canvas to its text. Files are named (`chatgpt_files`), for the
reader of the zip to bring. Citation marks, written in private-use characters, become the links they stand for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import chatgpt_files
from .foreign import as_object, fenced, nearest, reasoning_completion

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
        "canvas_edits": sum(_canvas(as_object(as_object(node).get("message")))[1] for node in nodes.values()),
        "leaf_id": nearest(item.get("current_node"), nodes, {message["id"] for message in messages}),
    }


def _is_time(at: Any) -> bool:
    return isinstance(at, int | float) and not isinstance(at, bool) and 0 <= at < 10**21


def _seconds(at: Any) -> float:
    return at if isinstance(at, int | float) else 0


@dataclass(slots=True)
class _Between:
    """What lies between an answer and the message before it."""

    reasoning: list[str] = field(default_factory=list)
    canvases: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)


def _messages(nodes: Mapping[str, Any], model: Any) -> Iterator[dict[str, Any]]:
    by_id = {name: _message(name, node, model) for name, node in nodes.items()}
    shown = {name: message for name, message in by_id.items() if message}
    used: set[str] = set()
    for message in shown.values():
        if message.get("role") == "assistant":
            between = _between(as_object(nodes[message["id"]]).get("parent"), nodes, shown, used)
            if between.canvases and isinstance(message["text"], str):
                message["text"] = "\n\n".join(filter(None, [*between.canvases, message["text"]]))
            message["files"] = [*between.files, *message["files"]]
            reasoning = "\n\n".join(between.reasoning)
            message["completion"] = reasoning_completion(message["model_id"], message["created_at"], reasoning)
    for name, node in nodes.items():
        if name not in shown and name not in used and (drawn := _drawn(name, node, model)):
            shown[name] = drawn
    for message in shown.values():
        yield message | {"parent_id": nearest(as_object(nodes[message["id"]]).get("parent"), nodes, shown)}


def _between(name: Any, nodes: Mapping[str, Any], shown: Mapping[str, Any], used: set[str]) -> _Between:
    """All that the nodes above an answer have for it, up to the message before; they are `used`."""
    between = _Between()
    seen: set[str] = set()
    while isinstance(name, str) and name in nodes and name not in shown and name not in seen:
        seen.add(name)
        node = as_object(nodes[name])
        message = as_object(node.get("message"))
        content = as_object(message.get("content"))
        thoughts = content.get("thoughts")
        written = [as_object(thought).get("content") for thought in thoughts] if isinstance(thoughts, list) else []
        texts = [text for text in written if isinstance(text, str)]
        if message.get("recipient") == "python" and isinstance(code := _text(content), str):
            texts.append(fenced(code, "python"))
        elif content.get("content_type") == "execution_output" and isinstance(output := content.get("text"), str):
            texts.append(fenced(output))
        between.reasoning = [*texts, *between.reasoning]
        between.canvases = [*_canvas(message)[0], *between.canvases]
        if as_object(message.get("author")).get("role") == "tool":
            between.files = [*chatgpt_files.named_by(message), *between.files]
        name = node.get("parent")
    used |= seen
    return between


def _canvas(message: Mapping[str, Any]) -> tuple[list[str], int]:
    """Documents that the model wrote beside the chat, or wrote anew; and how many edits of single places and comments
    are left out: these are patterns, to be searched in a text that the export does not have."""
    recipient = message.get("recipient")
    if recipient not in ("canmore.create_textdoc", "canmore.update_textdoc", "canmore.comment_textdoc"):
        return [], 0
    try:
        value = as_object(json.loads(str(_text(message.get("content")))))
    except (ValueError, RecursionError):
        return [], 1
    changes = [as_object(each) for name in ("updates", "comments") for each in _listed(value.get(name))]
    whole = [each for each in changes if each.get("pattern") == ".*" and "replacement" in each]
    texts = [value.get("content"), *(each.get("replacement") for each in whole)]
    name = value.get("name")
    documents = [
        f"{name}:\n\n{fenced(text)}" if isinstance(name, str) else fenced(text)
        for text in texts
        if isinstance(text, str) and text.strip()
    ]
    edits = len(changes) - len(whole)
    return [*documents, *([f"[canvas: {edits} edit{'s' * (edits > 1)}]"] if edits else [])], edits


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _drawn(name: str, node: Any, usual_model: Any) -> dict[str, Any] | None:
    """Pictures of a tool, or a canvas, that no answer follows, as an answer of their own."""
    message = as_object(as_object(node).get("message"))
    files = chatgpt_files.named_by(message) if as_object(message.get("author")).get("role") == "tool" else []
    canvases = _canvas(message)[0]
    if not files and not canvases:
        return None
    return _turn(name, "assistant", message, "\n\n".join(canvases), files, usual_model)


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
    text, files = _text(content), chatgpt_files.named_by(message)
    if isinstance(text, str) and role == "assistant":
        text = _without_marks(text, metadata)
    if isinstance(text, str) and not text.strip() and not files:
        return None
    return _turn(name, role, message, text, files, usual_model)


def _turn(
    name: str, role: Any, message: Mapping[str, Any], text: Any, files: list[dict[str, Any]], usual_model: Any
) -> dict[str, Any]:
    model = as_object(message.get("metadata")).get("model_slug") or usual_model
    return {
        "id": name,
        "role": role,
        "text": text,
        "created_at": message.get("create_time"),
        "model_id": f"chatgpt/{model if isinstance(model, str) else 'chatgpt'}" if role == "assistant" else None,
        "files": files,
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
    return "\n".join(
        part if isinstance(part, str) else _mark(part) for part in parts if not chatgpt_files.is_pointer(part)
    )


def _mark(part: Any) -> str:
    if part is None:
        return ""
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("content_type") if isinstance(part, dict) else None
    return f"[{str(kind or 'attachment').replace('_', ' ')[:40]}]"
