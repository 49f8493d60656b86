"""Text files attached to a question, decoded here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ...encodings import decode
from ...safety.incoming import MOST_FILE_BYTES, MOST_FILES
from ...views.conversation import File
from .. import uploads
from ..text import plain, t

KINDS = (
    "txt md rst csv tsv json jsonl yaml yml toml ini cfg xml html css js jsx ts tsx py ipynb java kt c h cpp hpp cs go "
    "rs rb php swift scala r sql sh ps1 tex bib log diff patch srt vtt"
)


class TextUpload(uploads.Upload, Protocol):
    """A file from Streamlit's uploader, to be read whole."""

    def getvalue(self) -> bytes: ...


def read(files: Iterable[TextUpload]) -> tuple[list[File], str]:
    """The files as text, and a sentence about the first that is rejected ("" if none is)."""
    files_read: list[File] = []
    for upload in files:
        if refusal := uploads.refusal(upload):
            return [], refusal
        data, name = upload.getvalue(), f"**{plain(upload.name)}**"
        if len(files_read) == MOST_FILES:
            return [], t("You can attach at most {number} files to one question.", number=MOST_FILES)
        if len(data) > MOST_FILE_BYTES:
            size = f"{len(data) // 1000} kB"
            return [], t("{name} is {size}; each file can be up to 200 kB.", name=name, size=size)
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
