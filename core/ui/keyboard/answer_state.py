"""Says to a screen reader, once, that the answers to a question have ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from ...views.conversation import Turn
from ..text import t, tn

SCRIPT = Path(__file__).parents[1] / "static" / "answer_state.js"
FAILED = ("failed", "interrupted")


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def tell(turns: Sequence[Turn]) -> None:
    """`turns`: the answers to the newest question. What the browser saw running and now sees ended, it says."""
    ids = [turn.request_id for turn in turns if turn.request_id]
    running = any(turn.state == "running" for turn in turns)
    component = st.components.v2.component("roundtable-answers", js=_script())
    component(key="answer-state", height=0, data=[{"ids": ids, "running": running, "text": sentence(turns)}])


def sentence(turns: Sequence[Turn]) -> str:
    """ "Answer finished", or what became of several."""
    failed = sum(turn.state in FAILED for turn in turns)
    stopped = sum(turn.state == "stopped" for turn in turns)
    if len(turns) == 1:
        return t("Answer failed") if failed else t("Answer stopped") if stopped else t("Answer finished")
    finished = len(turns) - failed - stopped
    parts = [tn("{number} answer finished", "{number} answers finished", finished)] if finished else []
    if failed:
        parts.append(t("{number} failed", number=failed))
    if stopped:
        parts.append(t("{number} stopped", number=stopped))
    return " · ".join(parts)
