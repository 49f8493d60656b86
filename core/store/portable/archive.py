"""The zip of an export: its conversations as a stream, and its files by the ids that the conversations name.

Nothing is written by the names in a zip, and a member is read up to a bound whatever size it says it has.
"""

from __future__ import annotations

import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...encodings import zip_name
from ...views.imports import FileRefused
from .. import BadImport
from .stream import MOST_BYTES, Source

# The conversations: ChatGPT's and others' files by their name, or those of a folder of that name; else any other JSON.
_MEMBER = re.compile(r"(?:.*/)?conversations(?:[\w -]*(?:\(\d+\))?\.json|/[^/]+\.json)", re.IGNORECASE)
_OTHER = re.compile(r"(?!__MACOSX/)(?:.*/)?(?!\.|users?\.json|settings\.json|projects\.json)[^/]+\.json", re.IGNORECASE)
_ID = re.compile(r"file[-_][A-Za-z0-9]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ENDS = (
    (b"PK\x05\x06", 12, 4),
    (b"PK\x06\x06", 40, 8),
)  # the end of a zip, of a large one: where the size of its list is
NAMES = "conversation_asset_file_names.json"  # ChatGPT: name of a member -> name of the file
MOST_LIST_BYTES = 60_000_000  # of the list of members: about a million
MOST_NAMES_BYTES = 50_000_000
DAMAGES = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, ValueError, OSError,
)  # fmt: skip


def opened(path: Path) -> tuple[list[tuple[Source, int]], ExportFiles | None]:
    """The JSON to read in this file with the bytes that each has, and the other files of a zip; None where it is none.
    BadImport for a zip that has no conversations, or too many members."""
    if not zipfile.is_zipfile(path):
        return [(path.open("rb"), path.stat().st_size)], None
    _check_list(path)
    archive = zipfile.ZipFile(path)
    members = sorted(archive.infolist(), key=lambda info: info.filename)
    named, others = ([info for info in members if name.fullmatch(info.filename)] for name in (_MEMBER, _OTHER))
    conversations = named or others
    if not conversations:
        archive.close()
        raise BadImport("The zip has no conversations.json in it.")
    return [(_Member(archive, info), info.file_size) for info in conversations], ExportFiles(archive, members)


class ExportFiles:
    """The files of an export by their ids. `most_bytes`: unpacked of all of them together."""

    def __init__(
        self, archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], most_bytes: int = MOST_BYTES
    ) -> None:
        self._archive = archive
        self._left = most_bytes
        self._by_id: dict[str, zipfile.ZipInfo] = {}
        self._by_name: dict[str, list[zipfile.ZipInfo]] = {}
        self._names: dict[str, str] | None = None
        for info in members:
            last = _last(info)
            if info.is_dir() or not last or info.filename.startswith("__MACOSX/"):
                continue
            self._by_name.setdefault(last, []).append(info)
            if (match := _ID.match(last)) and info.file_size > getattr(self._by_id.get(match[0]), "file_size", -1):
                self._by_id[match[0]] = info

    def find(self, asset: str, name: str) -> zipfile.ZipInfo | None:
        """The member with this id, else the only one with this name."""
        same = self._by_name.get(name, [])
        return self._by_id.get(asset) or (same[0] if name and len(same) == 1 else None)

    def name_of(self, member: zipfile.ZipInfo) -> str:
        """What the file was called; "" where the export does not tell."""
        if self._names is None:
            self._names = self._read_names()
        last = _last(member)
        name = self._names.get(last) or _ID.sub("", last, count=1).removeprefix("-sanitized").lstrip("-_")
        return "" if name.startswith(".") else name

    def read(self, member: zipfile.ZipInfo, most_bytes: int) -> bytes:
        """Its bytes. Raises FileRefused: size, locked, broken."""
        if member.flag_bits & 1:
            raise FileRefused("locked")
        if member.file_size > most_bytes:
            raise FileRefused("size")
        most = min(most_bytes, self._left)
        data = self._beginning(member, most + 1)
        self._left -= len(data)
        if len(data) > most:
            raise FileRefused("size")
        return data

    def _beginning(self, member: zipfile.ZipInfo, size: int) -> bytes:
        try:
            with self._archive.open(member) as file:
                return bytes(file.read(size))
        except DAMAGES as error:
            raise FileRefused("broken") from error

    def _read_names(self) -> dict[str, str]:
        (member,) = self._by_name.get(NAMES, [])[:1] or (None,)
        try:
            data = self._beginning(member, MOST_NAMES_BYTES) if member else b"{}"
            by_member: Any = json.loads(data)
        except (FileRefused, ValueError, RecursionError):
            return {}
        items = by_member.items() if isinstance(by_member, dict) else ()
        return {
            member_name: name.replace("\\", "/").rpartition("/")[2]
            for member_name, name in items
            if isinstance(name, str)
        }


class _Member:
    """A file in a zip; a damaged one is a bad file."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive, self._info = archive, info
        self._file: Any = None

    def read(self, size: int) -> bytes:
        try:
            self._file = self._file or self._archive.open(self._info)
            return bytes(self._file.read(size))
        except DAMAGES as error:
            raise BadImport(f"The zip is damaged or locked: {type(error).__name__}.") from None

    def close(self) -> None:
        if self._file:
            self._file.close()
        self._archive.close()


def _last(info: zipfile.ZipInfo) -> str:
    """The last part of its name, whichever way it is written."""
    return zip_name(info.filename, is_utf8=bool(info.flag_bits & 0x800)).replace("\\", "/").rpartition("/")[2]


def _check_list(path: Path) -> None:
    """Refuse a zip whose list of members alone would fill the memory."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 70_000))
        end = file.read()
    for mark, at, size in _ENDS:
        if (place := end.rfind(mark)) >= 0:
            length = int.from_bytes(end[place + at : place + at + size], "little")
            if MOST_LIST_BYTES < length != 0xFFFFFFFF:
                raise BadImport("The zip has more than a million files.")
