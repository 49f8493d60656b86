"""What the readers of other programs' exports share: objects that may be missing, trees with holes, kept reasoning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Reasoning in front of an answer, in the marks that programs keep it in; one that was stopped has no end.
THOUGHT = re.compile(
    r"\s*(?:<think(?:ing)?>(?P<tag>.*?)(?:</think(?:ing)?>|\Z)|:::thinking\n(?P<fence>.*?)(?:\n:::|\Z))\s*",
    re.DOTALL | re.IGNORECASE,
)


def of(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def unthought(text: str) -> tuple[str, str]:
    """The answer's own text, and the reasoning that stood before it."""
    found = THOUGHT.match(text)
    return (text[found.end() :], (found["tag"] or found["fence"] or "").strip()) if found else (text, "")


def nearest(name: Any, nodes: Mapping[str, Any], kept: Mapping[str, Any] | set[str]) -> Any:
    """The message at this node or the nearest above it."""
    seen = set()
    while isinstance(name, str) and name not in kept:
        if name in seen or name not in nodes:
            return None
        seen.add(name)
        name = of(nodes[name]).get("parent")
    return name if isinstance(name, str) else None


def answered(model_id: str | None, at: Any, reasoning: str) -> dict[str, Any] | None:
    """The numbers of an answer that came with its reasoning and without any number."""
    if not reasoning.strip() or at is None:
        return None
    finish = {"reason": "stop", "raw": None}
    return {"model_id": model_id or "unknown", "reasoning": reasoning, "finish": finish, "timing": {"started_at": at}}
