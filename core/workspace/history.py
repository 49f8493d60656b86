"""A person's history: conversations and comparisons, search, titles, exports and imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .. import events
from ..records import Owner
from ..store import Unavailable, conversations, erasure, owners, reindex, search, tags
from ..store.imports import load, progress
from ..views.history import Form, Page, SearchHit, Tag
from ..views.imports import ImportStatus, Loaded
from . import import_preview
from .shared import Shared
from .transfers import exported


class History:
    """The history of one person. Raises `StoreError`."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._shared = shared
        self._database = shared.database
        self._process = shared.process
        self._owner_id = owner.id

    def has_anything(self) -> bool | None:
        """Whether anything is stored for this person; None while the database cannot tell."""
        try:
            exists = owners.has_anything(self._database, self._owner_id)
        except Unavailable:
            return None
        return exists or (None if self._database.kind == "memory" else False)

    def recent(self, limit: int, tagged: Sequence[str] = ()) -> Page:
        """Pinned entries, then the newest; `tagged`: only what has all these tags."""
        return conversations.recent(self._database, self._owner_id, limit=limit, tagged=tagged)

    def count(self) -> int:
        """The number of chats and comparisons."""
        return conversations.count(self._database, self._owner_id)

    def find(self, words: str, *, limit: int = 50, tagged: Sequence[str] = ()) -> list[SearchHit]:
        """Messages that contain all the words, in entries that have all these tags."""
        return search.find(self._database, self._owner_id, words, limit=limit, tagged=tagged)

    def read_query(self, query: str) -> tuple[str, list[str]]:
        """What was typed into a search box: its words, and the tags that it names (`tag:work`)."""
        return tags.read_query(query)

    def tags(self) -> list[Tag]:
        """All tags of this person, by name."""
        return tags.all_of(self._database, self._owner_id)

    def tags_of(self, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The tags of each of these entries that has any."""
        return tags.of(self._database, self._owner_id, ids) if ids else {}

    def tag(self, entry_id: str, words: Sequence[str]) -> None:
        """Give an entry these tags and no others. Unavailable while nothing can be saved."""
        tags.replace(self._database, self._owner_id, entry_id, words)

    def add_tags(self, ids: Sequence[str], words: Sequence[str]) -> None:
        tags.add(self._database, self._owner_id, ids, words)

    def take_tags(self, ids: Sequence[str], words: Sequence[str]) -> None:
        tags.take(self._database, self._owner_id, ids, words)

    def not_searched(self) -> float | None:
        """The share of older messages that are not indexed yet; None if all are."""
        return reindex.share_left(self._database)

    def rename(self, entry_id: str, title: str) -> None:
        conversations.rename(self._database, self._owner_id, entry_id, title)

    def pin(self, entry_id: str, pinned: bool) -> None:
        conversations.pin(self._database, self._owner_id, entry_id, pinned)

    def remove(self, entry_id: str) -> None:
        """Delete an entry; `restore` undoes it."""
        conversations.remove(self._database, self._owner_id, entry_id)
        self._shared.recordings.forget(self._owner_id, entry_id)

    def restore(self, entry_id: str) -> None:
        conversations.restore(self._database, self._owner_id, entry_id)

    def export(self, form: Form, ids: Sequence[str] | None = None) -> bytes:
        """A file with these entries, or with all."""
        return b"".join(exported(self._database, self._owner_id, form, ids))

    def preview(self, data: bytes) -> Loaded:
        """What `load` would import, if all of it is new, and what it would leave out. BadImport as there."""
        return import_preview.of_bytes(data, load.MOST_FILE_BYTES)

    def load(self, data: bytes) -> Loaded:
        """Import what fits of a file; BadImport, and nothing is imported, if it cannot be read."""
        return load.load(self._database, self._owner_id, data, process=self._process)

    def erase_everything(self) -> None:
        """Delete all that is stored of this person, for good; running answers and batches are stopped.

        Nothing of it can be seen when this returns; housekeeping deletes the rest. Raises Changed while an import is
        being completed, and Unavailable.
        """
        self._shared.jobs.stop_all(self._owner_id)
        erasure.begin(self._database, self._owner_id)
        events.forget(self._owner_id)
        self._shared.seen_chats.forget(self._owner_id)
        self._shared.recordings.forget(self._owner_id)
        self._shared.dictations.forget(self._owner_id)
        self._shared.file_folder.forget(self._owner_id)
        self._shared.seen_comparisons.forget(self._owner_id)
        self._shared.housekeeping.soon()
        self._shared.insight_reader.forget(self._owner_id)

    def importing(self) -> ImportStatus | None:
        """The newest import and its progress."""
        return progress.current(self._database, self._owner_id)

    def stop_import(self) -> None:
        """Stop the running import; nothing of it is kept."""
        progress.stop(self._database, self._owner_id)
