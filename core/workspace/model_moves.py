"""From a model to its successor, for all that would ask the old one next. See `core.store.model_moves`."""

from __future__ import annotations

from collections.abc import Mapping

from ..records import Owner
from ..store import model_moves
from ..views.model_moves import ModelMove
from .shared import Shared


class ModelMoves:
    """A person's moves. Raises `StoreError`, and `BlockedInput` for a name that is none."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._input_limits = shared.input_limits
        self._database = shared.database
        self._owner_id = owner.id

    def preview(self, from_model_id: str, to_model_id: str) -> tuple[int, int]:
        """How many chats, and how many columns of comparisons, a move would change."""
        return model_moves.preview(self._database, self._owner_id, from_model_id, to_model_id)

    def move(self, request_id: str, from_model_id: str, to_model_id: str) -> ModelMove:
        """Let all of them ask the other model, once per request id; it is the default in place of the old one too."""
        self._input_limits.name(to_model_id, "model")
        return model_moves.move(self._database, self._owner_id, request_id, from_model_id, to_model_id)

    def undo(self, move_id: str) -> int:
        """Back to the old model, except where another one was chosen since; returns how many conversations."""
        return model_moves.undo(self._database, self._owner_id, move_id)

    def last(self, from_model_id: str) -> ModelMove | None:
        """The newest move away from this model that was not undone."""
        return model_moves.last(self._database, self._owner_id, from_model_id)

    def standing(self) -> Mapping[str, str]:
        """The model to use by default in place of each that was moved away from."""
        return model_moves.standing(self._database, self._owner_id)
