"""Column labels: the page, its panels and its exports get a lane's name, mark and figures from here only, so that names
are hidden in one place.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...records import Model
from .. import session
from ..models.marks import Speaker, speaker_of
from ..text import t
from .board import Board, ColumnSlot


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """A column as shown. `speaker`: the names for sentences; `named`: the model may be shown and changed; `figures`:
    show time, speed, tokens, cost and whatever else could identify the model."""

    letter: str
    speaker: Speaker
    named: bool = True
    figures: bool = True

    @property
    def label(self) -> str:
        """One line of Markdown: "A ● quick"."""
        return f"{self.letter} {self.speaker.mark} {self.speaker.model_name}" if self.named else self.letter


def label_of(board: Board, slot: ColumnSlot, model_id: str | None = None) -> ColumnLabel:
    """The label of a column; `model_id` is the model of a turn, if it is not the current one."""
    if board.is_blind:
        return ColumnLabel(letter(slot.number), hidden_speaker(slot), named=False, figures=False)
    return ColumnLabel(letter(slot.number), speaker_of(model_id or slot.model_id, session.engine().catalog.providers))


def hidden_speaker(slot: ColumnSlot) -> Speaker:
    """Names for sentences while the model is hidden."""
    name = t("Column {letter}", letter=letter(slot.number))
    return Speaker("", name, name, None, Model(id="", name=letter(slot.number), provider_id=""))


def letter(number: int) -> str:
    """A, B, C from the left."""
    return chr(ord("A") + number)
