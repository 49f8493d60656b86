"""PDF, by PDFium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..bounds import ReadingBounds
from ..kinds import broken, fault
from ..reading import DocumentPage
from .read import FoundPages

LOOKED_AT = 200  # characters of a page


def read(name: str, data: bytes, budget: ReadingBounds, password: str = "") -> FoundPages:
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

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
    return FoundPages("page", _pages(pdf, page_count, budget), page_count)


def _pages(pdf: Any, page_count: int, budget: ReadingBounds) -> Iterator[DocumentPage]:
    import pypdfium2

    for number in range(1, page_count + 1):
        if not budget.takes(number):
            continue
        if budget.over():
            return
        text = ""
        try:
            page = pdf[number - 1]
            textpage = page.get_textpage()
            text = textpage.get_text_bounded() if _has_text(textpage) else ""
            textpage.close()
            page.close()
        except pypdfium2.PdfiumError:
            pass  # one broken page leaves the others readable
        yield DocumentPage(number, "", text.replace("\r\n", "\n").replace("\ufffe", "-").strip())


def _has_text(textpage: Any) -> bool:
    """Whether the page tells which characters its glyphs are: some fonts, mostly of Chinese, do not, and what is read
    of them is other letters than those that are seen."""
    from pypdfium2.raw import FPDFText_HasUnicodeMapError

    number = textpage.count_chars()
    looked_at = range(0, number, max(1, number // LOOKED_AT))
    unknown: int = sum(FPDFText_HasUnicodeMapError(textpage.raw, place) == 1 for place in looked_at)
    return 2 * unknown < len(looked_at)
