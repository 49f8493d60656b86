"""Files attached to a question: pictures made ready to be sent, documents read, and text decoded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ...encodings import decode
from ...errors import BlockedInput
from ...pictures import MOST_PIXELS, UnreadablePicture, is_picture, prepared
from ...safety.incoming import MOST_FILES
from ...store import StoreError
from ...views.conversation import File
from .. import session, uploads
from ..base.flash import blocked
from ..text import plain, t
from . import documents

KINDS = (
    "txt md rst csv tsv json jsonl yaml yml toml ini cfg xml html css js jsx ts tsx py ipynb java kt c h cpp hpp cs go "
    "rs rb php swift scala r sql sh ps1 tex bib log diff patch srt vtt"
)
PICTURES = "png jpg jpeg webp gif bmp tif tiff heic"


class WholeUpload(uploads.Upload, Protocol):
    """A file from Streamlit's uploader, to be read whole."""

    def getvalue(self) -> bytes: ...


def read(files: Iterable[WholeUpload]) -> tuple[list[File], str]:
    """The files that can be read, and a sentence about the first that cannot be ("" if all can)."""
    files_read: list[File] = []
    faults: list[str] = []
    for upload in files:
        if len(files_read) == MOST_FILES:
            faults.append(t("You can attach at most {number} files to one question.", number=MOST_FILES))
            break
        file, fault = _read(upload)
        if file:
            files_read.append(file)
        else:
            faults.append(fault)
    return files_read, next(iter(faults), "")


def _read(upload: WholeUpload) -> tuple[File | None, str]:
    """One file, or why it is rejected."""
    if refusal := uploads.refusal(upload):
        return None, refusal
    data, name = upload.getvalue(), upload.name[-200:]
    if is_picture(data):
        return _picture(name, data)
    return documents.read(name, data) if documents.is_document(upload.name, data) else _text(name, data)


def _text(name: str, data: bytes) -> tuple[File | None, str]:
    """A file that is no picture, as text."""
    bold = f"**{plain(name)}**"
    try:
        text = decode(data).text
    except UnicodeError:
        text = "\0"
    if "\0" in text:
        return None, t(
            "{name} is not a text file. Attach text; if it is text, save it as UTF-8 and attach it again.",
            name=bold,
        )
    return File(name, text), ""


def _picture(name: str, data: bytes) -> tuple[File | None, str]:
    """The picture as it is kept and sent, or why it cannot be."""
    try:
        picture = prepared(data, name)
        file = session.person().files.put(
            name, picture.data, picture.media_type, width=picture.width, height=picture.height
        )
    except UnreadablePicture as error:
        return None, _unreadable(name, error)
    except BlockedInput as error:
        return None, blocked(error)
    except StoreError:
        return None, t("Not attached: nothing can be saved right now. Attach the file again in a moment.")
    return file, ""


def _unreadable(name: str, error: UnreadablePicture) -> str:
    bold = f"**{plain(name)}**"
    if error.reason == "form":
        return t("{name} is {form}, which cannot be read here. Save it as JPEG or PNG.", name=bold, form=error.form)
    if error.reason == "too_many_pixels":
        most = MOST_PIXELS // 1_000_000
        return t("{name} has more than {most} million pixels. Make it smaller first.", name=bold, most=most)
    return t("{name} is broken or no picture. Open it, save it again as PNG or JPEG, and attach that.", name=bold)
