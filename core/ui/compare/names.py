"""How a column is called: the one place through which the page, its panels and its files learn a lane's name, mark and
figures. Whoever hides names hides them here.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...records import Model
from .. import session
from ..models.marks import Who, who
from ..text import t
from .board import Board, ColumnSlot


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """A column as people see it. `who` has the names that sentences use; `named`: the model may be told, and chosen;
    `figures`: clock, speed, tokens, cost and what else would tell one model from another."""

    letter: str
    who: Who
    named: bool = True
    figures: bool = True

    @property
    def label(self) -> str:
        """In one line of Markdown: "A ● quick"."""
        return f"{self.letter} {self.who.mark} {self.who.model_name}" if self.named else self.letter


def shown(board: Board, place: ColumnSlot, model_id: str | None = None) -> ColumnLabel:
    """The face of a column; of the model that answered a turn in it, where that is another than it has now."""
    if board.is_blind:
        return ColumnLabel(letter(place.number), nobody(place), named=False, figures=False)
    return ColumnLabel(letter(place.number), who(model_id or place.model_id, session.engine().catalog.providers))


def nobody(place: ColumnSlot) -> Who:
    """For sentences that need a name while there is none."""
    name = t("Column {letter}", letter=letter(place.number))
    return Who("", name, name, None, Model(id="", name=letter(place.number), provider_id=""))


def letter(number: int) -> str:
    """A, B, C for the columns from the left."""
    return chr(ord("A") + number)
