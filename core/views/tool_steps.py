"""The calls of tools before an answer as lines a person reads, such as "calculator: 17 * 23 = 391". Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..records import Message, ToolCall, ToolResult

ABOUT = "about "  # how the calculator begins a rounded value
LONGEST = 400  # characters of a line


def lines(steps: Sequence[Message]) -> list[str]:
    """One for each call; text before a call is a line of its own. Raw text, to be made safe where it is drawn."""
    results = {part.call_id: part for step in steps for part in step.parts if isinstance(part, ToolResult)}
    out: list[str] = []
    for step in steps:
        if step.role == "assistant":
            if step.text.strip():
                out.append(_short(step.text))
            out += [_short(_line(call, results.get(call.id))) for call in step.tool_calls]
    return out


def _line(call: ToolCall, result: ToolResult | None) -> str:
    """A refusal is a sentence, no value."""
    if result is None:
        return f"{call.name}: {_arguments(call)} …"
    if result.text.startswith(ABOUT):
        return f"{call.name}: {_arguments(call)} ≈ {result.text.removeprefix(ABOUT)}"
    return f"{call.name}: {_arguments(call)} {'—' if result.is_error else '='} {result.text}"


def _arguments(call: ToolCall) -> str:
    """The only argument, or all of them as they came."""
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.arguments
    values = list(arguments.values()) if isinstance(arguments, dict) else []
    return str(values[0]) if len(values) == 1 and isinstance(values[0], str | int | float) else call.arguments


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
