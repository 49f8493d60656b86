"""PDF, by PDFium."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ..bounds import ReadingBounds
from ..kinds import broken, fault
from ..reading import DocumentPage
from .read import FoundPages

LOOKED_AT = 200  # characters of a page
MOST_COMMENTS = 500  # of a page
MOST_COMMENT_CHARS = 5_000
MOST_FLATTENED = 5_000  # form fields and other annotations of a page
DRAWN = 50  # shapes: a page with so many is drawn, not blank


def read(name: str, data: bytes, budget: ReadingBounds, password: str = "") -> FoundPages:
    import pypdfium2
    from pypdfium2.raw import FORMTYPE_XFA_FULL, FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY, FPDF_GetFormType

    try:
        pdf = pypdfium2.PdfDocument(data, password=password or None)
        page_count = len(pdf)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY) or "password" in str(error):
            if password:
                raise fault(f"This password does not open {name}: type it again.", "password") from None
            raise fault(f"{name} is protected with a password: attach a copy that has none.", "password") from None
        raise broken(name) from None
    if not page_count:
        raise broken(name)
    if FPDF_GetFormType(pdf.raw) == FORMTYPE_XFA_FULL:
        raise fault(
            f"{name} is a form (XFA) that only Adobe's programs show: print it into a new PDF and attach that.",
            "legacy",
        )
    return FoundPages("page", _pages(pdf, page_count, budget), page_count)


def _pages(pdf: Any, page_count: int, budget: ReadingBounds) -> Iterator[DocumentPage]:
    import pypdfium2

    for number in range(1, page_count + 1):
        if not budget.takes(number):
            continue
        if budget.over():
            return
        text, is_picture = "", True
        with suppress(pypdfium2.PdfiumError):  # one broken page leaves the others readable
            text, is_picture = _text(pdf, number - 1)
        if number == 1 and (names := _attached(pdf)):
            text = f"{text}\n\n[Files in this PDF, not read: {', '.join(names)}]"
        yield DocumentPage(number, "", text.strip(), is_picture)


def _text(pdf: Any, index: int) -> tuple[str, bool]:
    """The page's text, with what stands in its form fields and comments, and whether it shows what is no text."""
    from pypdfium2.raw import FLAT_NORMALDISPLAY, FLATTEN_SUCCESS, FPDFPage_Flatten, FPDFPage_GetAnnotCount

    page = pdf[index]
    comments: list[str] = []
    if (annotations := FPDFPage_GetAnnotCount(page.raw)) > 0:
        comments = list(_comments(page, min(annotations, MOST_COMMENTS)))
        # What was typed into a form is part of the page's text only once it is drawn there.
        if annotations <= MOST_FLATTENED and FPDFPage_Flatten(page.raw, FLAT_NORMALDISPLAY) == FLATTEN_SUCCESS:
            page.close()
            page = pdf[index]
    textpage = page.get_textpage()
    has_text = _has_text(textpage)
    # Not get_text_bounded(): its bounds are those of the page before it is turned.
    text = textpage.get_text_range() if has_text else ""
    is_picture = not text.strip() and (not has_text or _shows_something(page))
    textpage.close()
    page.close()
    return "\n".join([text.replace("\r\n", "\n").replace("\ufffe", "-").strip(), *comments]), is_picture


def _comments(page: Any, number: int) -> Iterator[str]:
    """What readers have written on the page, in notes that are closed."""
    from pypdfium2 import raw

    for place in range(number):
        annotation = raw.FPDFPage_GetAnnot(page.raw, place)
        if annotation and raw.FPDFAnnot_GetSubtype(annotation) in (
            *(raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_STRIKEOUT),
            *(raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_CARET),
        ):
            room = ctypes.create_string_buffer(2 * MOST_COMMENT_CHARS)
            size = raw.FPDFAnnot_GetStringValue(
                annotation, b"Contents", ctypes.cast(room, ctypes.POINTER(raw.FPDF_WCHAR)), len(room)
            )
            if 2 < size <= len(room) and (text := room.raw[: size - 2].decode("utf-16-le", "replace").strip()):
                yield f"Comment: {text}"
        raw.FPDFPage_CloseAnnot(annotation)


def _shows_something(page: Any) -> bool:
    """Whether a page without text is more than blank."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDFPage_CountObjects, FPDFPage_GetObject, FPDFPageObj_GetType

    number = FPDFPage_CountObjects(page.raw)
    kinds = (FPDFPageObj_GetType(FPDFPage_GetObject(page.raw, place)) for place in range(min(number, DRAWN)))
    return number >= DRAWN or FPDF_PAGEOBJ_IMAGE in kinds


def _attached(pdf: Any) -> list[str]:
    import pypdfium2

    with suppress(pypdfium2.PdfiumError):
        files = [pdf.get_attachment(place) for place in range(min(pdf.count_attachments(), 50))]
        return [" ".join(file.get_name().split())[:100] for file in files]
    return []


def _has_text(textpage: Any) -> bool:
    """Whether the page tells which characters its glyphs are: some fonts, mostly of Chinese, do not, and what is read
    of them is other letters than those that are seen."""
    from pypdfium2.raw import FPDFText_HasUnicodeMapError

    number = textpage.count_chars()
    looked_at = range(0, number, max(1, number // LOOKED_AT))
    unknown: int = sum(FPDFText_HasUnicodeMapError(textpage.raw, place) == 1 for place in looked_at)
    return not looked_at or 2 * unknown < len(looked_at)
