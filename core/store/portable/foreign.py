"""Shared by the readers of other programs' exports: missing objects, trees with gaps, stored reasoning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

FENCES = re.compile("`{3,}")
SLASHED = re.compile(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
# Reasoning before an answer, in the marks that programs store it in; a stopped one has no end mark.
THOUGHT = re.compile(
    r"\s*(?:<think(?:ing)?>(?P<tag>.*?)(?:</think(?:ing)?>|\Z)|:::thinking\n(?P<fence>.*?)(?:\n:::|\Z))\s*",
    re.DOTALL | re.IGNORECASE,
)


def as_object(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def fenced(text: str, language: str = "") -> str:
    """A block of code in Markdown, whatever the text contains."""
    fence = "`" * (max(map(len, FENCES.findall(text)), default=2) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def split_reasoning(text: str) -> tuple[str, str]:
    """The answer's own text, and the reasoning before it."""
    match = THOUGHT.match(text)
    return (text[match.end() :], (match["tag"] or match["fence"] or "").strip()) if match else (text, "")


def dated(made: dict[str, Any]) -> dict[str, Any]:
    """A conversation of another program with its dates in our form: ISO, and UTC where they name no zone."""
    messages = made.get("messages")
    for held in (made, *(messages if isinstance(messages, list) else ())):
        timing = as_object(as_object(held).get("completion")).get("timing")
        for record, name in ((held, "created_at"), (held, "updated_at"), (timing, "started_at")):
            if isinstance(record, dict) and isinstance(record.get(name), str):
                record[name] = _iso(record[name])
    return made


def _iso(text: str) -> str:
    plain = SLASHED.sub(lambda at: f"{at[1]}-{at[2]:0>2}-{at[3]:0>2}", text.strip().removesuffix(" UTC"))
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(plain)
        except (ValueError, TypeError, IndexError):
            continue
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    return text


def nearest(name: Any, nodes: Mapping[str, Any], shown: Mapping[str, Any] | set[str]) -> Any:
    """The message at this node or the nearest above it."""
    seen = set()
    while isinstance(name, str) and name not in shown:
        if name in seen or name not in nodes:
            return None
        seen.add(name)
        name = as_object(nodes[name]).get("parent")
    return name if isinstance(name, str) else None


def reasoning_completion(model_id: str | None, at: Any, reasoning: str) -> dict[str, Any] | None:
    """The completion of an answer that came with reasoning but without numbers."""
    if not reasoning.strip() or at is None:
        return None
    finish = {"reason": "stop", "raw": None}
    return {"model_id": model_id or "unknown", "reasoning": reasoning, "finish": finish, "timing": {"started_at": at}}
