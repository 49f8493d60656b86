"""The files that the rows of a table name, found among uploads: files, and zips of files. Pure.

    column_of(table)                          "file"
    names_of(table, "file")                   [("a.png",), ("b.pdf", "c.pdf"), ()]
    uploads = RowUploads([("all.zip", data)], most_bytes=...)
    uploads.find("a.png")                     NamedUpload("a.png", 0, "scans/a.png")
    uploads.read(upload)                      its bytes

Of a zip only the files that a row names are unpacked, one at a time, and never more than `most_bytes` in all.
"""

from __future__ import annotations

import io
import lzma
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..encodings import zip_name
from . import names
from .table import Table

COLUMNS = ("file", "files", "attachment", "attachments", "文件", "附件")
SEPARATOR = ";"
MOST_NAMED = 1_000  # different files of one batch
MOST_MEMBERS = 20_000  # of one zip
MOST_TEXT_CHARS = 20_000_000  # read of all files, counted for each row that names them: they are stored with the rows
MEMBER = b"PK\x01\x02"  # begins each entry of a zip's directory
ZIP = b"PK\x03\x04"
ASIDE = ("__MACOSX/", ".")  # what computers put into zips beside what people mean
DAMAGES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, ValueError, EOFError, NotImplementedError)
Codes = Literal["broken", "password", "size", "total", "members"]


class CannotUnpack(ValueError):
    """An upload, or a file in it, that cannot be unpacked."""

    def __init__(self, code: Codes) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class NamedUpload:
    """A file among the uploads: `path` within the zip that is the upload at `place`, "" for the upload itself."""

    name: str
    place: int
    path: str = ""


def column_of(table: Table) -> str | None:
    """The column that names files."""
    by_name = {names.plain(column): column for column in table.columns} if table.named else {}
    return next((by_name[name] for name in COLUMNS if name in by_name), None)


def names_of(table: Table, column: str) -> list[tuple[str, ...]]:
    """What each row names, each file once."""
    place = table.columns.index(column)
    return [
        tuple(dict.fromkeys(name.strip() for name in row[place].split(SEPARATOR) if name.strip())) for row in table.rows
    ]


class RowUploads:
    """`most_bytes`: of all that is read, and `most_file_bytes` of one file. `faults` are uploads that are no zips
    although they are called so, by name."""

    def __init__(self, uploads: Sequence[tuple[str, bytes]], *, most_file_bytes: int, most_bytes: int) -> None:
        self._uploads = uploads
        self._most_file_bytes = most_file_bytes
        self._left = most_bytes
        self.faults: dict[str, Codes] = {}
        self._by_name: dict[str, list[NamedUpload]] = {}
        self.all: list[NamedUpload] = []
        for place, (name, data) in enumerate(uploads):
            if name.lower().endswith(".zip"):
                self._list_zip(place, name, data)
            else:
                self._add(NamedUpload(name, place))

    def find(self, name: str) -> NamedUpload | None:
        """By its path or its last part, whatever the case; None for none, and where several could be meant."""
        wanted = _plain(name)
        candidates = self._by_name.get(wanted) or self._by_name.get(wanted.rpartition("/")[2], [])
        whole = [each for each in candidates if _plain(each.path or each.name) == wanted]
        candidates = whole or candidates
        return candidates[0] if len(candidates) == 1 else None

    def meant(self, name: str) -> list[NamedUpload]:
        """The files that are called so, where there are several."""
        return list(self._by_name.get(_plain(name), [])) if self.find(name) is None else []

    def read(self, upload: NamedUpload) -> bytes:
        """Its bytes, unpacked where it is in a zip. Raises CannotUnpack."""
        data = self._uploads[upload.place][1]
        if not upload.path:
            if len(data) > self._most_file_bytes:
                raise CannotUnpack("size")
            return data
        most = min(self._most_file_bytes, self._left)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                member = next(each for each in packed.infolist() if _path(each) == upload.path)
                is_locked = bool(member.flag_bits & 1)
                unpacked = b"" if is_locked else _beginning(packed, member, most + 1)
        except DAMAGES as error:
            raise CannotUnpack("broken") from error
        if is_locked:
            raise CannotUnpack("password")
        self._left -= len(unpacked)
        if len(unpacked) > most:
            raise CannotUnpack("size" if most == self._most_file_bytes else "total")
        return unpacked

    def _list_zip(self, place: int, name: str, data: bytes) -> None:
        if data.count(MEMBER) > MOST_MEMBERS:
            self.faults[name] = "members"
            return
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                members = packed.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            self.faults[name] = "broken"
            return
        for member in members:
            path = _path(member)
            last = path.rpartition("/")[2]
            if not member.is_dir() and not path.startswith(ASIDE[0]) and not last.startswith(ASIDE[1]):
                self._add(NamedUpload(last, place, path))

    def _add(self, upload: NamedUpload) -> None:
        self.all.append(upload)
        for key in dict.fromkeys((_plain(upload.path or upload.name), _plain(upload.name))):
            self._by_name.setdefault(key, []).append(upload)


def _beginning(packed: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    with packed.open(member) as opened:
        return opened.read(most)


def _path(member: zipfile.ZipInfo) -> str:
    return zip_name(member.filename, is_utf8=bool(member.flag_bits & 0x800))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).replace("\\", "/").removeprefix("./").casefold()
