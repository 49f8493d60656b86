"""A file of this computer as part of a question: a picture, a document as text, or a sound.

    Message("user", [Text("What is on it?"), read_file("photo.jpg")])
    read_file("report.pdf", pages="3-7")

A picture is turned upright, made smaller and loses its metadata. A document is read in a process of its own, with
bounds of time and memory; a whole PDF keeps its bytes too, for models that read PDFs. The packages for both are in the
extra "files".
"""

from __future__ import annotations

import os
from pathlib import Path

from .documents import ranges
from .documents.process import DocumentReader
from .errors import BlockedInput
from .pictures import UnreadablePicture, is_picture, prepared
from .records import Document, Media, Picture, Sound
from .wire.base64_media import kind_of

MOST_MB = 50
PDF = "application/pdf"


def read_file(path: str | os.PathLike[str], *, pages: str = "", password: str = "") -> Media:
    """The part that the file becomes. `pages` ("3-7, 9") and `password` are those of a document.

    Raises OSError where it cannot be opened, and BlockedInput with one sentence where it cannot be read.
    """
    path = Path(path)
    if path.stat().st_size > MOST_MB * 1_000_000:
        raise _fault(f"{path.name} is too large: a file can have up to {MOST_MB} MB.", "too_large")
    data = path.read_bytes()
    if is_picture(data):
        return _picture(path.name, data)
    media_type = kind_of(data)
    if media_type.startswith("audio/"):
        return Sound(media_type, data, name=path.name)
    return _document(path.name, data, pages, password)


def _picture(name: str, data: bytes) -> Picture:
    try:
        ready = prepared(data, name)
    except ImportError:
        raise _lacks_package(name) from None
    except UnreadablePicture as error:
        raise _fault(str(error), "broken") from None
    return Picture(ready.media_type, ready.data, name=name, width=ready.width, height=ready.height)


def _document(name: str, data: bytes, pages: str, password: str) -> Document:
    reader = DocumentReader()
    try:
        reading = reader.read(name, data, password=password)
        numbers = ranges.parse(pages, reading.page_count)
        if reading.lacks(numbers):
            reading = reader.read(name, data, pages=numbers, password=password)
    except BlockedInput as error:
        raise _lacks_package(name) if error.code == "off" else error from None
    finally:
        reader.close()
    chosen = ranges.written(numbers, reading.page_count)
    text = reading.only(numbers).text
    if reading.is_pictures and chosen:
        raise _fault(f"{name} has no text on these pages, only pictures: attach them as pictures.", "empty")
    goes_as_it_is = reading.media_type == PDF and not chosen and not password  # a locked one nobody else can open
    return Document(
        name,
        text,
        reading.media_type,
        data if goes_as_it_is else b"",
        pages=chosen,
        page_count=reading.page_count,
    )


def _lacks_package(name: str) -> BlockedInput:
    return _fault(
        f'{name} cannot be read here: it needs packages, pip install ".[files]" in the project\'s folder.', "off"
    )


def _fault(sentence: str, code: str) -> BlockedInput:
    return BlockedInput(sentence, code=code, param="files")
