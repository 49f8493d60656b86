"""A person's line-ups: the models of a comparison under a name."""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Owner
from ..store import line_ups
from ..views.line_ups import LineUp
from .shared import Shared


class LineUps:
    """The line-ups of one person. Raises `StoreError`."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._database = shared.database
        self._owner_id = owner.id

    def all(self) -> list[LineUp]:
        return line_ups.all_of(self._database, self._owner_id)

    def save(self, name: str, model_ids: Sequence[str]) -> None:
        """Save these models, in place of what has this name. Changed beyond 100 line-ups."""
        if line_ups.named(name) and model_ids:
            line_ups.save(self._database, self._owner_id, name, model_ids)

    def rename(self, line_up_id: str, name: str) -> None:
        """Changed if another one has the name; an empty name changes nothing."""
        if line_ups.named(name):
            line_ups.rename(self._database, self._owner_id, line_up_id, name)

    def swap(self, line_up_id: str, old: str, new: str) -> None:
        """Put a model in another one's place."""
        line_ups.swap(self._database, self._owner_id, line_up_id, old, new)

    def remove(self, line_up_id: str) -> None:
        line_ups.remove(self._database, self._owner_id, line_up_id)
