"""The price of the next question: by provider, or as one total while the models are hidden."""

from __future__ import annotations

from ..chat import drafts, tray
from ..quota import price_line
from ..scheduled import offer
from ..text import tn
from .board import ASK, LATER, Board
from .column_settings import effort_of


def price(board: Board) -> None:
    """Draw the line above the box."""
    lane = board.places[0].lane
    files = tray.files(ASK, board.run.id if board.run else drafts.NEW)
    history = price_line.messages_of(lane.turns if lane else (), files)
    efforts = [effort_of(board, slot) for slot in board.places]
    if board.run is None and board.is_blind:
        price_line.caption(
            tn(
                "{number} call; the models are picked when you ask",
                "{number} calls; the models are picked when you ask",
                len(board.places),
            )
        )
    elif board.is_blind:
        price_line.total(board.models, history, efforts)
    else:
        price_line.draw(board.models, history, efforts)
        offer.toggle(LATER, board.models, history, efforts)
