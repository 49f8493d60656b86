"""Answers of different efforts are different series: told apart by a switch, as soon as an effort was ever set."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...store.latency.buckets import effort_of
from ...views.latency import APART, Series
from ..models.efforts import effort_name
from ..text import t


def switch(measured: Sequence[Series]) -> bool:
    """Draw the switch where there is something to tell apart; on, because a harder thought takes longer."""
    if not any(effort_of(series.marks) for series in measured):
        return False
    return st.toggle(
        t("Tell efforts apart"),
        value=True,
        key="latency-efforts",
        help=t("A line for each reasoning effort of a model. Answers without a set effort stand under its name alone."),
    )


def titled(name: str) -> str:
    """The name of a series with its effort in words."""
    model, _, effort = name.partition(APART)
    return f"{model}{APART}{effort_name(effort)}" if effort else name
