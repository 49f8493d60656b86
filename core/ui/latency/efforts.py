"""Answers of different efforts are different series: told apart by a switch, as soon as an effort was ever set. Those
that called tools always are: they took several requests."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...store.latency.buckets import AnswerFlag, effort_of
from ...views.latency import APART, Series
from ..models.efforts import effort_name
from ..text import t

TOOLS = "tools"


def switch(measured: Sequence[Series]) -> bool:
    """Draw the switch where there is something to tell apart; on, because a harder thought takes longer."""
    if not any(effort_of(series.flags) for series in measured):
        return False
    return st.toggle(
        t("Tell efforts apart"),
        value=True,
        key="latency-efforts",
        help=t("A line for each reasoning effort of a model. Answers without a set effort stand under its name alone."),
    )


def apart(flags: int, *, with_effort: bool) -> str:
    """What the name of a series tells besides the model: "high", "tools", "high · tools", or nothing."""
    words = [effort_of(flags) if with_effort else "", TOOLS if flags & AnswerFlag.TOOL_ROUNDS else ""]
    return APART.join(filter(None, words))


def titled(name: str) -> str:
    """The name of a series in words."""
    model, *rest = name.split(APART)
    return APART.join([model, *(t("with tools") if word == TOOLS else effort_name(word) for word in rest)])
