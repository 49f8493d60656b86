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
    """The files, and a sentence about the first that is rejected ("" if none is)."""
    files_read: list[File] = []
    for upload in files:
        if refusal := uploads.refusal(upload):
            return [], refusal
        data, name = upload.getvalue(), f"**{plain(upload.name)}**"
        if len(files_read) == MOST_FILES:
            return [], t("You can attach at most {number} files to one question.", number=MOST_FILES)
        if is_picture(data):
            file, refused = _picture(upload.name[-200:], data)
            if file is None:
                return [], refused
            files_read.append(file)
            continue
        if documents.is_document(upload.name, data):
            document, refused = documents.read(upload.name[-200:], data)
            if document is None:
                return [], refused
            files_read.append(document)
            continue
        try:
            text = decode(data).text
        except UnicodeError:
            text = "\0"
        if "\0" in text:
            return [], t(
                "{name} is not a text file. Attach text; if it is text, save it as UTF-8 and attach it again.",
                name=name,
            )
        files_read.append(File(upload.name[-200:], text))
    return files_read, ""


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
