"""Column labels: the page, its panels and its exports get a lane's name, mark and figures from here only, so that names
are hidden in one place.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...records import Model
from .. import session
from ..models.efforts import effort_name
from ..models.marks import Speaker, speaker_of
from ..text import t
from . import column_settings
from .board import Board, ColumnSlot


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """A column as shown. `speaker`: the names for sentences; `named`: the model may be shown and changed; `figures`:
    show time, speed, tokens, cost and whatever else could identify the model; `effort`: a word for it, where columns
    differ in it."""

    letter: str
    speaker: Speaker
    named: bool = True
    figures: bool = True
    effort: str = ""

    @property
    def label(self) -> str:
        """One line of Markdown: "A ● quick"."""
        if not self.named:
            return self.letter
        effort = f" · {self.effort}" if self.effort else ""
        return f"{self.letter} {self.speaker.mark} {self.speaker.model_name}{effort}"


def label_of(board: Board, slot: ColumnSlot, model_id: str | None = None) -> ColumnLabel:
    """The label of a column; `model_id` is the model of a turn, if it is not the current one."""
    if board.is_blind:
        return ColumnLabel(letter(slot.number), hidden_speaker(slot), named=False, figures=False)
    speaker = speaker_of(model_id or slot.model_id, session.engine().catalog.providers)
    return ColumnLabel(letter(slot.number), speaker, effort=_effort(board, slot))


def _effort(board: Board, slot: ColumnSlot) -> str:
    """The effort of a column where the columns do not all have the same."""
    efforts = [column_settings.effort_of(board, column) for column in board.places]
    if len(set(efforts)) < 2:
        return ""
    effort = column_settings.effort_of(board, slot)
    return t("effort not set") if effort is None else effort_name(effort)


def hidden_speaker(slot: ColumnSlot) -> Speaker:
    """Names for sentences while the model is hidden."""
    name = t("Column {letter}", letter=letter(slot.number))
    return Speaker("", name, name, None, Model(id="", name=letter(slot.number), provider_id=""))


def letter(number: int) -> str:
    """A, B, C from the left."""
    return chr(ord("A") + number)
