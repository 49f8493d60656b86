"""What stays in sight above the box: the vote, what the models see at the next turn, and what it takes of the quota."""

from __future__ import annotations

import streamlit as st

from ..models import refused
from . import actions, cost, pictures, turns
from .board import Board, generation
from .price import price
from .voting import bar as votes


def draw(board: Board) -> None:
    votes.draw(board)
    actions.notice(board)
    if not board.is_blind:
        refused.notice(board.models, refused.wanted(generation(board), pictures=pictures.waiting(board)))
    with st.container(key="foot", horizontal=True, vertical_alignment="center", gap="small"):
        turns.context(board)
        price(board)
        cost.whole(board)
