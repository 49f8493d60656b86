"""The calls of tools before an answer: one collapsed box with a line for each call."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit.delta_generator import DeltaGenerator

from ...records import Message
from ...views.tool_steps import lines
from ..text import plain, t, tn


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
    box.markdown("\n".join(f"- {plain(line)}" for line in lines(steps)))
