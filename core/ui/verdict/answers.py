"""The answers of the newest turn that have a text, as the sections below the columns see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.ui.lanes import names
from core.ui.lanes.board import Board
from core.ui.lanes.names import Face

if TYPE_CHECKING:
    from core.desk import Turn

FEWEST = 2


@dataclass(frozen=True)
class Answer:
    """One column's answer under the face that the column has now."""

    face: Face
    turn: Turn
    text: str

    @property
    def letter(self) -> str:
        return self.face.letter


def of(board: Board) -> list[Answer]:
    """From left to right; [] while an answer of the turn is under way."""
    found = []
    for place in board.places:
        turn = board.turn(place)
        if turn is None:
            continue
        if turn.completion is None:
            return []
        if turn.completion.text.strip():
            found.append(Answer(names.shown(board, place, turn.model_id), turn, turn.completion.text))
    return found


def named(answers: Sequence[Answer]) -> bool:
    """Whether people may know who wrote what."""
    return all(answer.face.named for answer in answers)
