"""Files from a box, read: pictures made ready to be sent, documents and text as what a model reads of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from ....documents import ranges
from ....documents.kinds import is_pdf
from ....documents.reading import DocumentText
from ....encodings import readable
from ....errors import BlockedInput
from ....pictures import UnreadablePicture, is_picture, prepared
from ....safety.incoming import MOST_FILE_BYTES, MOST_FILES
from ....store import StoreError
from ....views.conversation import File
from ... import session, uploads
from ...base.flash import blocked
from ...text import plain, sentences, t, tn, whole
from .held import HeldFile

KINDS = (
    "txt md rst csv tsv json jsonl yaml yml toml ini cfg xml html css js jsx ts tsx py ipynb java kt c h cpp hpp cs go "
    "rs rb php swift scala r sql sh ps1 tex bib svg log diff patch srt vtt"
)
PICTURES = "png jpg jpeg webp gif bmp tif tiff heic"
# Old ones too: they are told what to save.
DOCUMENTS = "pdf docx xlsx pptx epub rtf htm doc xls ppt xlsb odt ods odp eml msg"
STARTS = (b"PK\3\4", b"\xd0\xcf\x11\xe0", b"{\\rtf")
PDF = "application/pdf"
PAGES = "pages "  # of `left_out`: those of the document that are pictures
TOLD = 3


class WholeUpload(uploads.Upload, Protocol):
    """A file from Streamlit's uploader, to be read whole."""

    def getvalue(self) -> bytes: ...


def endings() -> list[str]:
    """Of the files that a box takes."""
    return f"{KINDS} {PICTURES} {DOCUMENTS}".split()


def read(uploaded: Iterable[WholeUpload], most: int = MOST_FILES) -> tuple[list[HeldFile], str]:
    """The files that can be kept, and sentences about those that cannot be ("" if all can)."""
    files_read: list[HeldFile] = []
    faults: list[str] = []
    for upload in uploaded:
        if len(files_read) == most:
            faults.append(
                t(
                    "Not all files were attached: at most {number} go with one question. "
                    "Send these first, then attach the others.",
                    number=MOST_FILES,
                )
            )
            break
        file, fault = _read(upload)
        if file:
            files_read.append(file)
        else:
            faults.append(fault)
    reasons = list(dict.fromkeys(faults))
    if len(reasons) > TOLD:
        number = len(reasons) - TOLD
        reasons[TOLD:] = [tn("{number} more file was not attached.", "{number} more files were not attached.", number)]
    return files_read, sentences(*reasons)


def document(
    name: str, data: bytes, *, pages: str = "", page_count: int = 0, password: str = ""
) -> tuple[HeldFile | None, str]:
    """The document as it is kept and sent, or why it cannot be. `pages` of its `page_count`; "": all.

    A PDF that needs a password is kept as it is until somebody types it; the password itself is kept nowhere.
    """
    try:
        numbers = ranges.parse(pages, page_count) if pages else None
        reading = session.person().documents.read(name, data, pages=None if password else numbers, password=password)
    except BlockedInput as error:
        if error.code == "password" and is_pdf(data):
            locked = HeldFile(File(name, media_type=PDF), needs_password=True, is_wrong=bool(password))
            return _stored(name, data, locked)
        return None, blocked(error)
    if password:
        return _stored(name, data, opened(name, reading))
    return _stored(name, data, _whole(name, reading, ranges.written(numbers, page_count) if numbers else ""))


def opened(name: str, reading: DocumentText, pages: str = "") -> HeldFile:
    """A PDF that a password has opened, with these pages: it goes as text, since nobody else can open its bytes.

    Raises BlockedInput for what are no pages of it.
    """
    numbers = ranges.parse(pages, reading.page_count)
    held = _whole(name, reading.only(numbers), ranges.written(numbers, reading.page_count))
    chosen = held.file.pages or f"1-{reading.page_count}"
    return replace(held, file=replace(held.file, pages=chosen), needs_password=True, opened=reading)


def _whole(name: str, reading: DocumentText, chosen: str = "") -> HeldFile:
    """The document before it is kept. `chosen`: the pages that were read, "": all."""
    # A whole PDF whose pages are named goes as its text, one without as the file itself.
    pages = chosen or ("" if reading.is_pictures or not reading.has_pages else f"1-{reading.page_count}")
    file = File(name, reading.text, reading.media_type, pages=pages, page_count=reading.page_count)
    some = f"{PAGES}{ranges.written(reading.pictures, reading.page_count)}" if reading.pictures else ""
    left_out = "pictures" if reading.is_pictures else reading.left_out or some
    return HeldFile(file, reading.unit, left_out)


def left_out(held: HeldFile) -> str:
    """What of the document was not read, as a sentence; "" where all of it was."""
    match held.left_out:
        case "pictures" if held.needs_password:
            return t("It has no text: its pages are pictures. Attach a copy without a password to send the PDF itself.")
        case "pictures":
            return t("It has no text: its pages are pictures. Send the PDF itself to a model that reads PDFs.")
        case "size":
            number = whole(len(held.file.text))
            return t("Only the first {number} characters were read: choose some pages.", number=number)
        case "time":
            return t("Reading took too long and ended before its last page: choose some pages.")
        case str(some) if some.startswith(PAGES):
            pages = some.removeprefix(PAGES).replace("-", "–")
            if pages.isdecimal():
                return t("Page {pages} was not read: it has no text.", pages=pages)
            return t("Pages {pages} were not read: they have no text.", pages=pages)
    return ""


def _read(upload: WholeUpload) -> tuple[HeldFile | None, str]:
    """One file, or why it is rejected."""
    if refusal := uploads.refusal(upload):
        return None, refusal
    data, name = upload.getvalue(), upload.name[-200:]
    if not data.strip():
        return None, t("{name} is empty: attach a file with content.", name=f"**{plain(name)}**")
    if is_picture(data):
        return _picture(name, data)
    return document(name, data) if _is_document(upload.name, data) else _text(name, data)


def _is_document(name: str, data: bytes) -> bool:
    """Whether it is read in the process for documents; a short text is decoded here."""
    if data.startswith(STARTS) or is_pdf(data) or len(data) > MOST_FILE_BYTES:
        return True
    return name.lower().endswith((*(f".{ending}" for ending in DOCUMENTS.split()), ".html", ".ipynb"))


def _text(name: str, data: bytes) -> tuple[HeldFile | None, str]:
    """A file that is no picture, as text."""
    try:
        text = readable(data)
    except UnicodeError:
        bold = f"**{plain(name)}**"
        return None, t(
            "{name} is not a text file. Attach text; if it is text, save it as UTF-8 and attach it again.", name=bold
        )
    return HeldFile(File(name, text)), ""


def _picture(name: str, data: bytes) -> tuple[HeldFile | None, str]:
    """The picture as it is kept and sent, or why it cannot be."""
    try:
        picture = prepared(data, name)
    except UnreadablePicture as error:
        return None, _unreadable(name, error)
    file = File(name, media_type=picture.media_type, width=picture.width, height=picture.height)
    return _stored(name, picture.data, HeldFile(file))


def _stored(name: str, data: bytes, held: HeldFile) -> tuple[HeldFile | None, str]:
    """With its bytes among the person's files, or why they are not."""
    file = held.file
    try:
        stored = session.person().files.put(
            name,
            data,
            file.media_type,
            text=file.text,
            width=file.width,
            height=file.height,
            pages=file.pages,
            page_count=file.page_count,
        )
    except BlockedInput as error:
        return None, blocked(error)
    except StoreError:
        return None, t("Not attached: nothing can be saved right now. Attach the file again in a moment.")
    return replace(held, file=stored), ""


def _unreadable(name: str, error: UnreadablePicture) -> str:
    bold = f"**{plain(name)}**"
    if error.reason == "form":
        return t("{name} is {form}, which cannot be read here. Save it as JPEG or PNG.", name=bold, form=error.form)
    if error.reason == "too_many_pixels":
        return t("{name} has more than {most} million pixels. Make it smaller first.", name=bold, most=error.form)
    if error.reason == "pages":
        return t(
            "{name} has {pages} pages. Save it as PDF, or each page as a picture of its own.",
            name=bold,
            pages=error.form,
        )
    return t("{name} is broken or no picture. Open it, save it again as PNG or JPEG, and attach that.", name=bold)
