"""A person's files: pictures, documents and sounds, kept once under their hash."""

from __future__ import annotations

from ..errors import BlockedInput
from ..records import Owner
from ..store import blobs
from ..store.blobs import BlobFacts
from ..views.conversation import File
from .shared import Shared

MB = 1_000_000


class Files:
    """Raises `StoreError`, and `BlockedInput` (code `too_large` or `full`) for what cannot be kept."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._shared = shared
        self._owner = owner

    @property
    def most_bytes(self) -> int:
        """The largest file that is kept, in bytes."""
        return self._shared.engine.settings.file_mb * MB

    def put(
        self,
        name: str,
        data: bytes,
        media_type: str,
        *,
        text: str = "",
        width: int | None = None,
        height: int | None = None,
        pages: str = "",
        page_count: int | None = None,
    ) -> File:
        """Keep these bytes and return the file as it goes with a question; `text` is what was read of it."""
        settings = self._shared.engine.settings
        if len(data) > settings.file_mb * MB:
            raise BlockedInput(
                f"{name} is too large to be kept: a file can have up to {settings.file_mb} MB.",
                code="too_large",
                param="files",
            )
        size_bytes, has_it = blobs.usage(self._shared.database, self._owner.id, data)
        if not has_it and size_bytes + len(data) > settings.files_owner_mb * MB:
            raise BlockedInput(
                f"Your files take up all of your {settings.files_owner_mb} MB: delete conversations with files first.",
                code="full",
                param="files",
            )
        sha256 = blobs.put(self._shared.database, self._owner.id, data, media_type)
        return File(
            name,
            text,
            media_type,
            sha256=sha256,
            size_bytes=len(data),
            width=width,
            height=height,
            pages=pages,
            page_count=page_count,
        )

    def facts(self, sha256: str) -> BlobFacts | None:
        """Type and size of what the person keeps under this hash; None for nothing."""
        return blobs.facts(self._shared.database, self._owner.id, sha256)

    def read(self, sha256: str) -> bytes | None:
        """The bytes with this hash; None where the person has none."""
        return blobs.load(self._shared.database, self._owner.id, [sha256]).get(sha256)
