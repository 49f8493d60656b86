"""Documents as text, read in a process of their own."""

from __future__ import annotations

from ..documents.reading import DocumentText
from .shared import Shared


class Documents:
    def __init__(self, shared: Shared) -> None:
        self._reader = shared.document_reader

    def read(self, name: str, data: bytes, *, pages: frozenset[int] | None = None, password: str = "") -> DocumentText:
        """The pages of a document. Blocks while it is read; raises BlockedInput."""
        return self._reader.read(name, data, pages=pages, password=password)
