"""What the next question takes of what is left: by provider, or in one sum where nobody may know who answers."""

from __future__ import annotations

from core.ui.compare.board import Board
from core.ui.quota import tag
from core.ui.text import tn


def price(board: Board) -> None:
    """The line over the box."""
    lane = board.places[0].lane
    said = tag.talk(lane.turns) if lane else []
    if board.run is None and board.veiled:
        tag.say(
            tn(
                "{number} call; who is asked is drawn when you ask",
                "{number} calls; who is asked is drawn when you ask",
                len(board.places),
            )
        )
    elif board.veiled:
        tag.total(board.models, said)
    else:
        tag.tag(board.models, said)
