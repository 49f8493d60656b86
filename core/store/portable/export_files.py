"""The files that conversations of another program name, brought from the zip: each is read and kept once.

A message in the shape of our own JSON, whose `files` have `asset`, `name` and `kind`, gets them as our own export has
them. What the zip does not hold, and what is not kept, is counted by its reason and named in the message.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ...views.conversation import File
from ...views.imports import FileRefused, LeftOut, Refusal
from .. import blobs
from ..database import Database
from .archive import ExportFiles
from .foreign import as_object

MOST_NAME_CHARS = 200
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
TakeFile = Callable[[str, bytes], File]  # keeps a file of this name; raises FileRefused, StoreError


class FilesOfExport:
    """`files` of the zip, None where there is none; `most_bytes` of one file."""

    def __init__(self, files: ExportFiles | None, take: TakeFile, most_bytes: int) -> None:
        self._files = files
        self._take = take
        self._most_bytes = most_bytes
        self._brought: dict[str, File | Refusal] = {}  # by the name of the member

    @property
    def brought(self) -> list[File]:
        """The files that were kept."""
        return [each for each in self._brought.values() if isinstance(each, File)]

    def fill(self, talk: Any, left: LeftOut) -> None:
        """Bring the files of all messages of a conversation."""
        messages = as_object(talk).get("messages")
        for message in messages if isinstance(messages, list) else ():
            named = message.get("files") if isinstance(message, dict) else None
            if isinstance(named, list) and named:
                self._fill(message, named, left)

    def _fill(self, message: dict[str, Any], named: list[Any], left: LeftOut) -> None:
        files: list[Any] = []
        lacking: list[str] = []
        for each in named:
            if "asset" not in as_object(each):
                files.append(each)
                continue
            try:
                files.append(_set_fields(self._bring(each)))
            except FileRefused as refused:
                name = self._name(each)
                left.add_file(refused.code, name)
                if refused.code != "sound":
                    lacking.append(f"[{name or each['kind']}]")
        message["files"] = files
        if lacking and isinstance(message.get("text"), str):
            message["text"] = "\n\n".join(filter(None, [message["text"], "\n".join(lacking)]))
        if message.get("role") == "assistant":
            _as_parts(message, files)

    def _bring(self, each: Mapping[str, Any]) -> File:
        """Raises FileRefused."""
        if each["kind"] == "sound":
            raise FileRefused("sound")
        member = self._files and self._files.find(each["asset"], each["name"])
        if not self._files or not member:
            raise FileRefused("missing")
        brought = self._brought.get(member.filename)
        if brought is None:
            try:
                brought = self._take(self._name(each), self._files.read(member, self._most_bytes))
            except FileRefused as refused:
                brought = refused.code
            self._brought[member.filename] = brought
        if isinstance(brought, File):
            return brought
        raise FileRefused(brought)

    def _name(self, each: Mapping[str, Any]) -> str:
        """What the file was called, without folders and without what is not seen."""
        name = each["name"]
        if not name and self._files and (member := self._files.find(each["asset"], "")):
            name = self._files.name_of(member)
        return _UNSEEN.sub("", name).replace("\\", "/").rpartition("/")[2][:MOST_NAME_CHARS]


def keeping(database: Database, owner_id: str) -> TakeFile:
    """Keeps what comes as it is, by the kind that its name says."""

    def take(name: str, data: bytes) -> File:
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return File(
            name, "", media_type, sha256=blobs.put(database, owner_id, data, media_type), size_bytes=len(data)
        )  # fmt: skip

    return take


def _as_parts(message: dict[str, Any], files: list[Any]) -> None:
    """Files of an answer are parts of it, which pages draw and models are sent again."""
    stored = [file for file in files if file.get("sha256")]
    at = message.get("created_at")
    if not stored or at is None:
        return
    finish = {"reason": "stop", "raw": None}
    bare = {"model_id": message.get("model_id") or "unknown", "finish": finish, "timing": {"started_at": at}}
    parts = [{"type": "picture" if file["media_type"].startswith("image/") else "document", **file} for file in stored]
    message["completion"] = {**(message.get("completion") or bare), "parts": parts}


def _set_fields(file: File) -> dict[str, Any]:
    return {name: value for name, value in asdict(file).items() if value not in ("", None)} | {"name": file.name}
