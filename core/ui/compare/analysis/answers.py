"""The answers of one turn that have text, as input for the analysis."""

from __future__ import annotations

from dataclasses import dataclass

from ....views.comparison import Round
from ....views.conversation import Turn
from .. import labels
from ..board import Board
from ..labels import ColumnLabel

FEWEST = 2


@dataclass(frozen=True)
class ColumnAnswer:
    """One column's answer with the column's current label."""

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
        """Whether the models may be shown."""
        return all(answer.column_label.named for answer in self.answers)

    @property
    def earlier(self) -> bool:
        """Whether there is a newer turn: results are shown, but no model is asked again."""
        return self.board.newest is not None and self.board.newest.number != self.asked.number

    @property
    def name(self) -> str:
        """A prefix for widget keys."""
        return f"t{self.asked.number}"

    @property
    def texts(self) -> list[str]:
        return [answer.text for answer in self.answers]

    @property
    def ids(self) -> list[str]:
        """The ids of the answers."""
        return [answer.turn.answer_id for answer in self.answers]


def panel_of(board: Board, round_: Round | None) -> Panel | None:
    """None if fewer than two columns have an answer, and while one is running."""
    if board.run is None or round_ is None:
        return None
    answers = []
    for slot in board.places:
        turn = board.turn(slot, round_)
        if turn is None:
            continue
        if turn.completion is None:
            return None
        if turn.completion.text.strip():
            answers.append(ColumnAnswer(labels.label_of(board, slot, turn.model_id), turn, turn.completion.text))
    return Panel(board, round_, tuple(answers)) if len(answers) >= FEWEST else None
