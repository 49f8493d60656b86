"""What a comparison has cost: together above the box, and each column in its head; not while models are hidden."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from ..quota import total
from .board import Board, ColumnSlot


def whole(board: Board) -> None:
    """The line of all columns, removed ones among them."""
    if board.run and not board.is_blind:
        total.draw(*_all(board))


def column(board: Board, slot: ColumnSlot) -> None:
    """The total of a column that has more than one answer; a single one tells its own cost."""
    if board.run is None or slot.lane is None or board.is_blind:
        return
    of_column = total.by_conversation(*_all(board)).get(slot.lane.id)
    if of_column and of_column.answers > 1 and (text := total.words(of_column)):
        st.caption(text)


def _all(board: Board) -> tuple[list[str], Hashable]:
    """The conversations of the columns, and what changes with every answer."""
    if board.run is None:
        return [], None
    lanes = (*board.run.lanes, *board.run.removed)
    return [lane.id for lane in lanes], (*(lane.leaf_id for lane in lanes), len(board.run.running()))
