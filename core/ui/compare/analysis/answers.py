"""The answers of one turn that have a text, as the sections about them see them."""

from __future__ import annotations

from dataclasses import dataclass

from ....views.comparison import Round
from ....views.conversation import Turn
from .. import names
from ..board import Board
from ..names import ColumnLabel

FEWEST = 2


@dataclass(frozen=True)
class ColumnAnswer:
    """One column's answer under the face that the column has now."""

    column_label: ColumnLabel
    turn: Turn
    text: str

    @property
    def letter(self) -> str:
        return self.column_label.letter


@dataclass(frozen=True)
class Panel:
    """Two or more answers to one question, from left to right."""

    board: Board
    asked: Round
    answers: tuple[ColumnAnswer, ...]

    @property
    def named(self) -> bool:
        """Whether people may know who wrote what."""
        return all(answer.column_label.named for answer in self.answers)

    @property
    def earlier(self) -> bool:
        """Whether the comparison has gone on since: what was said then is shown, nobody is asked again."""
        return self.board.newest is not None and self.board.newest.number != self.asked.number

    @property
    def name(self) -> str:
        """For the names of widgets."""
        return f"t{self.asked.number}"

    @property
    def texts(self) -> list[str]:
        return [answer.text for answer in self.answers]

    @property
    def ids(self) -> list[str]:
        """Of the messages."""
        return [answer.turn.answer_id for answer in self.answers]


def of(board: Board, asked: Round | None) -> Panel | None:
    """None where fewer than two have an answer, and while one is under way."""
    if board.run is None or asked is None:
        return None
    found = []
    for place in board.places:
        turn = board.turn(place, asked)
        if turn is None:
            continue
        if turn.completion is None:
            return None
        if turn.completion.text.strip():
            found.append(ColumnAnswer(names.shown(board, place, turn.model_id), turn, turn.completion.text))
    return Panel(board, asked, tuple(found)) if len(found) >= FEWEST else None
