"""What stands below the columns once there are answers: bars that act on all of them, each a function of the board."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.ui.lanes import same
from core.ui.lanes.board import Board

Bar = Callable[[Board], None]
BARS: tuple[Bar, ...] = (same.drifts,)


def draw(board: Board) -> None:
    """Every bar from top to bottom; each draws nothing where it has nothing to offer."""
    if board.run is None:
        return
    with st.container(key="after", gap="small"):
        for bar in BARS:
            bar(board)
