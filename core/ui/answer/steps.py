"""The calls of tools before an answer: one collapsed box, a line for each call, such as "calculator: 17 * 23 = 391"."""

from __future__ import annotations

import json
from collections.abc import Sequence

from streamlit.delta_generator import DeltaGenerator

from ...records import Message, ToolCall, ToolResult
from ..text import plain, t, tn

LONGEST = 400  # characters of a line


def draw(place: DeltaGenerator, steps: Sequence[Message], *, running: bool = False) -> None:
    """`place` is an empty one that is drawn over. `running`: the answer still goes on."""
    calls = sum(len(step.tool_calls) for step in steps)
    label = tn("{number} calculation", "{number} calculations", calls)
    waits = running and bool(steps) and steps[-1].role == "assistant"
    box = place.status(
        f":shimmer[{t('Calculating')}]" if waits else label,
        type="compact",
        state="running" if waits else "complete",
        expanded=False,
    )
    box.markdown("\n".join(f"- {line}" for line in lines(steps)))


def lines(steps: Sequence[Message]) -> list[str]:
    """One for each call, as Markdown; text before a call stands in a line of its own."""
    results = {part.call_id: part for step in steps for part in step.parts if isinstance(part, ToolResult)}
    out: list[str] = []
    for step in steps:
        if step.role == "assistant":
            if step.text.strip():
                out.append(plain(_short(step.text)))
            out += [_line(call, results.get(call.id)) for call in step.tool_calls]
    return out


def _line(call: ToolCall, result: ToolResult | None) -> str:
    sign = "…" if result is None else "= " + result.text if not result.is_error else "— " + result.text
    return f"{plain(call.name)}: {plain(_short(f'{_arguments(call)} {sign}'))}"


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
