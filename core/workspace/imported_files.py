"""Files of another program's export, kept as if they had been attached here: pictures upright and without metadata,
documents read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..documents.reading import DocumentText
from ..errors import BlockedInput
from ..views.conversation import File
from ..views.imports import FileRefused, Refusal

REFUSALS: Mapping[str, Refusal] = {"full": "room", "too_large": "size", "password": "locked", "kind": "kind"}
PDF = b"%PDF-"


class ImportedFiles:
    """`put` keeps bytes and raises BlockedInput where there is no room; `read_document` reads them as text."""

    def __init__(self, put: Callable[..., File], read_document: Callable[[str, bytes], DocumentText]) -> None:
        self._put = put
        self._read_document = read_document

    def take(self, name: str, data: bytes) -> File:
        """Keep a file and return it. Raises FileRefused, and StoreError where nothing can be kept now."""
        from ..pictures import is_picture

        try:
            return self._picture(name, data) if is_picture(data) else self._document(name, data)
        except BlockedInput as error:
            raise FileRefused(REFUSALS.get(error.code or "", "broken")) from error

    def _picture(self, name: str, data: bytes) -> File:
        from ..pictures import UnreadablePicture, prepared

        try:
            ready = prepared(data, name)
        except UnreadablePicture as error:
            raise FileRefused("kind" if error.reason == "form" else "broken") from error
        return self._put(name, ready.data, ready.media_type, width=ready.width, height=ready.height)

    def _document(self, name: str, data: bytes) -> File:
        try:
            reading = self._read_document(name, data)
        except BlockedInput as error:
            if error.code != "too_slow" or PDF not in data[:1024]:
                raise
            return self._put(name, data, "application/pdf")
        all_pages = f"1-{reading.page_count}" if reading.has_pages and not reading.is_pictures else ""
        return self._put(
            name, data, reading.media_type, text=reading.text, pages=all_pages, page_count=reading.page_count
        )
