"""What the next question takes of what is left: by provider, or in one sum where nobody may know who answers."""

from __future__ import annotations

from ..quota import price_line
from ..text import tn
from .board import Board


def price(board: Board) -> None:
    """The line over the box."""
    lane = board.places[0].lane
    said = price_line.talk(lane.turns) if lane else []
    if board.run is None and board.is_blind:
        price_line.caption(
            tn(
                "{number} call; the models are picked when you ask",
                "{number} calls; the models are picked when you ask",
                len(board.places),
            )
        )
    elif board.is_blind:
        price_line.total(board.models, said)
    else:
        price_line.draw(board.models, said)
