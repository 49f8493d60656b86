"""The bars below the columns: drift and analysis, each a function of the board."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ..chat.follow import AnswerFollower
from . import same_model
from .analysis.bar import bar as verdicts
from .board import Board

Bar = Callable[[Board], Sequence[AnswerFollower] | None]
BARS: tuple[Bar, ...] = (same_model.drifts, verdicts)


def draw(board: Board) -> list[AnswerFollower]:
    """Draw the bars from top to bottom; returns the running answers in them."""
    watches: list[AnswerFollower] = []
    if board.run is None:
        return watches
    with st.container(key="after", gap="small"):
        for bar in BARS:
            watches += bar(board) or ()
    return watches
