"""A person's prompt library."""

from __future__ import annotations

from ..records import Owner
from ..store import prompt_files, prompts
from ..views.prompts import LibraryPrompt, LoadedPrompts
from .shared import Shared


class Prompts:
    """The prompts of one person. Raises `StoreError`."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._database = shared.database
        self._owner_id = owner.id

    def all(self) -> list[LibraryPrompt]:
        """By title."""
        return prompts.all_of(self._database, self._owner_id)

    def save(self, prompt: LibraryPrompt) -> str:
        """Change a prompt, or add it where its id is ""; returns its id. Changed beyond 1,000 prompts."""
        return prompts.save(self._database, self._owner_id, prompt)

    def remove(self, prompt_id: str) -> None:
        prompts.remove(self._database, self._owner_id, prompt_id)

    def export(self) -> bytes:
        """All prompts as a file."""
        return prompt_files.encoded(self.all())

    def preview(self, data: bytes) -> LoadedPrompts:
        """What `load` would add. BadImport where nothing of the file can be read."""
        return prompt_files.read(data, self.all())

    def load(self, data: bytes) -> LoadedPrompts:
        """Add what the file has and the library lacks. BadImport as in `preview`, Changed beyond 1,000 prompts."""
        loaded = self.preview(data)
        prompts.add(self._database, self._owner_id, loaded.prompts)
        return loaded
