"""The bytes of files in our own JSON, behind the conversations: in pieces, so that none is long, and read one by one.

{"sha256": "…", "media_type": "image/png", "size_bytes": 5000000, "at": 0, "data": "base64"}
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from ..blobs import Damaged

PIECE_BYTES = 3_000_000
KeepFile = Callable[[bytes, str], str]  # bytes and media type; returns why they are not kept, "" where they are


def exported(media_types: Mapping[str, str], read: Callable[[str], bytes | None]) -> Iterator[str]:
    """The pieces of these files as items of a JSON list. What is damaged or missing is left out."""
    first = True
    for name, media_type in media_types.items():
        try:
            data = read(name) or b""
        except Damaged:
            continue
        for at in range(0, len(data), PIECE_BYTES):
            piece = {"sha256": name, "media_type": media_type, "size_bytes": len(data), "at": at}
            encoded = b64encode(data[at : at + PIECE_BYTES]).decode()
            yield ("\n" if first else ",\n") + json.dumps({**piece, "data": encoded})
            first = False


class ArrivingFiles:
    """Puts the pieces of files together, one file in memory at a time, of at most `most_bytes`. `kept`: hashes."""

    def __init__(self, keep: KeepFile, most_bytes: int) -> None:
        self.kept: list[str] = []
        self._keep = keep
        self._most_bytes = most_bytes
        self._name = ""
        self._data = bytearray()

    def add(self, piece: Any) -> str:
        """Take a piece; returns why it is left out, or "". The last piece of a file keeps it."""
        try:
            name, media_type, size_bytes, at = (piece[key] for key in ("sha256", "media_type", "size_bytes", "at"))
            data = b64decode(piece["data"], validate=True)
            fits = isinstance(media_type, str) and isinstance(size_bytes, int) and isinstance(name, str)
        except (KeyError, TypeError, ValueError):
            return "is not a piece of a file"
        if not fits or not 0 < size_bytes <= self._most_bytes:
            return "is too large" if fits else "is not a piece of a file"
        if at == 0:
            self._name, self._data = name, bytearray()
        if name != self._name or at != len(self._data) or at + len(data) > size_bytes:
            return "does not follow the piece before"
        self._data += data
        if len(self._data) < size_bytes:
            return ""
        whole, self._name, self._data = bytes(self._data), "", bytearray()
        if sha256(whole).hexdigest() != name:
            return "is damaged"
        why = self._keep(whole, media_type)
        if not why:
            self.kept.append(name)
        return why
