"""The files of a question as rows of `attachments`, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from ..records import Document, Picture, Sound
from ..views.conversation import Attached, File
from . import parts
from .rows import clean

DETAILS = ("width", "height", "pages", "page_count")


def values(file: File) -> dict[str, Any]:
    """The columns of a file, beside the message and its position."""
    text = clean(file.text)
    return {
        "name": clean(file.name),
        "media_type": clean(file.media_type),
        "text": text,
        "size_bytes": file.size_bytes if file.size_bytes is not None else len(text.encode()),
        "sha256": file.sha256 or None,
        "details": {name: value for name in DETAILS if (value := getattr(file, name)) not in (None, "")} or None,
    }


def row(message_id: str, position: int, file: File) -> dict[str, Any]:
    return {"message_id": message_id, "position": position, **values(file)}


def of_answer(message_id: str, completion: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of what an encoded answer has beside its text that is kept among the blobs."""
    media = [part for part in parts.decode(completion.get("parts")) if isinstance(part, Picture | Document | Sound)]
    files = [
        File(
            part.name,
            media_type=part.media_type,
            sha256=part.sha256,
            size_bytes=part.size_bytes,
            width=part.width if isinstance(part, Picture) else None,
            height=part.height if isinstance(part, Picture) else None,
        )
        for part in media
        if part.sha256
    ]
    return [row(message_id, position, file) for position, file in enumerate(files)]


def file_of(row: Row[Any]) -> File:
    """From a row that has all columns of `values`."""
    details = row.details if isinstance(row.details, dict) else {}
    return File(
        row.name,
        row.text,
        row.media_type,
        sha256=row.sha256 or "",
        size_bytes=row.size_bytes if row.sha256 else None,
        **{name: details[name] for name in DETAILS if details.get(name) is not None},
    )


def attached_of(row: Row[Any]) -> Attached:
    """The same without the text."""
    details = row.details if isinstance(row.details, dict) else {}
    stored_details = {name: details[name] for name in DETAILS if details.get(name) is not None}
    return Attached(row.name, row.media_type, row.size_bytes, row.sha256 or "", **stored_details)


def of_json(value: Mapping[str, Any] | list[str]) -> File:
    """What waits in the spool: a file's columns, or its name, type and text as earlier versions wrote them."""
    if isinstance(value, list):
        name, media_type, text = value
        return File(name, text, media_type)
    flat = {**value, **(value.get("details") or {})}
    return File(**{entry.name: flat[entry.name] for entry in fields(File) if flat.get(entry.name) is not None})
