"""PDFs whose text hides where a reader may not look, or that lead it in a circle."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from .document_attacks import FONT, PAGE, pdf_of, stream
from .document_damage import Case


def text_page(content: bytes, more: bytes = b"", objects: Mapping[int, bytes] | None = None) -> bytes:
    page = PAGE.replace(b"/Contents", more + b"/Contents") % b""
    return pdf_of({3: page, 4: stream(content), 5: FONT, **(objects or {})})


def form(value: bytes = b"Ada Example") -> bytes:
    """A form that was filled in: the words stand in the field alone."""
    look = stream(
        b"BT /F1 12 Tf 2 5 Td (" + value + b") Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 5 0 R>>>>",
    )
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(" + value + b")/Rect[100 600 300 620]/F 4/AP<</N 7 0 R>>>>"
    data = text_page(b"BT /F1 12 Tf 50 600 Td (Name:) Tj ET", b"/Annots[6 0 R]", {6: field, 7: look})
    return data.replace(b"/Type/Catalog", b"/Type/Catalog/AcroForm<</Fields[6 0 R]>>")


def annotated(number: int) -> bytes:
    annotation = b"<</Type/Annot/Subtype/Text/Rect[1 1 9 9]/Contents(x)>>"
    return text_page(b"BT /F1 12 Tf 50 600 Td (Words) Tj ET", b"/Annots[" + b"6 0 R " * number + b"]", {6: annotation})


def xfa() -> bytes:
    data = text_page(b"BT /F1 12 Tf 50 600 Td (Please wait...) Tj ET", b"", {6: stream(b"<xdp:xdp/>")})
    return data.replace(b"/Type/Catalog", b"/Type/Catalog/NeedsRendering true/AcroForm<</Fields[]/XFA 6 0 R>>")


def portfolio() -> bytes:
    file = b"<</Type/Filespec/F(plan.txt)/EF<</F 7 0 R>>>>"
    names = b"/Type/Catalog/Collection<<>>/Names<</EmbeddedFiles<</Names[(plan.txt) 6 0 R]>>>>"
    data = text_page(
        b"BT /F1 12 Tf 50 600 Td (Open this portfolio in Acrobat) Tj ET", b"", {6: file, 7: stream(b"tides")}
    )
    return data.replace(b"/Type/Catalog", names)


IMAGE = stream(b"\0", b"/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray")


def mixed() -> bytes:
    """A cover with text, then two scanned pages."""
    kids = b"<</Type/Pages/Kids[3 0 R 6 0 R 6 0 R]/Count 3>>"
    blank = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 7 0 R/Resources<</XObject<</I 8 0 R>>>>>>"
    page = PAGE % b""
    return pdf_of(
        {
            2: kids,
            3: page,
            4: stream(b"BT /F1 12 Tf 50 700 Td (Cover) Tj ET"),
            5: FONT,
            6: blank,
            7: stream(b"/I Do"),
            8: IMAGE,
        }
    )


def drawn(draw: Callable[[object], object]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    canvas = Canvas(held, invariant=1)
    draw(canvas)
    canvas.save()
    return held.getvalue()


def _columns(canvas: object) -> None:
    for line in range(5):  # each column in one go, as layout programs write them
        canvas.drawString(50, 700 - 14 * line, f"left {line}")  # type: ignore[attr-defined]
    for line in range(5):
        canvas.drawString(320, 700 - 14 * line, f"right {line}")  # type: ignore[attr-defined]


def _rotated(canvas: object, degrees: int) -> None:
    canvas.setPageRotation(degrees)  # type: ignore[attr-defined]
    canvas.drawString(50, 700, "A turned page")  # type: ignore[attr-defined]


def _vertical(canvas: object, vertical: bool) -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(font := UnicodeCIDFont("HeiseiMin-W3", isVertical=vertical))
    canvas.setFont(font.fontName, 16)  # type: ignore[attr-defined]
    canvas.drawString(300, 700, "潮は一日に二度満ち引きします")  # type: ignore[attr-defined]


def _arabic(canvas: object) -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont("DejaVu", "DejaVuSans.ttf"))
    canvas.setFont("DejaVu", 14)  # type: ignore[attr-defined]
    canvas.drawString(100, 700, "מלח הים"[::-1])  # type: ignore[attr-defined]


def page_tree(depth: int) -> bytes:
    nodes = {6 + n: b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>" % (5 + n, 7 + n) for n in range(depth)}
    last = {6 + depth: PAGE % b""}
    root = {2: b"<</Type/Pages/Kids[6 0 R]/Count 1>>"}
    return pdf_of({**root, 4: stream(b"BT /F1 12 Tf 50 700 Td (deep) Tj ET"), 5: FONT, **nodes, **last})


def _pdf() -> Iterator[Case]:
    yield "filled form.pdf", "read|Name:|Ada Example", form
    yield "100000 annotations.pdf", "read|Words", partial(annotated, 100_000)
    yield (
        "free text.pdf",
        "read|Name:|Checked",
        lambda: form(b"Checked").replace(b"/Widget/FT/Tx/T(name)", b"/FreeText"),
    )
    yield "XFA.pdf", "legacy", xfa
    yield "portfolio.pdf", "read|plan.txt", portfolio
    yield "cover and scans.pdf", "read|Cover|Page 2 is a picture|Page 3 is a picture", mixed
    yield "two columns.pdf", "read|left 0|left 4|right 0|right 4", partial(drawn, _columns)
    for degrees in (90, 180, 270):
        yield f"turned by {degrees}.pdf", "read|A turned page", partial(drawn, partial(_rotated, degrees=degrees))
    for vertical in (False, True):
        yield (
            f"japanese, vertical {vertical}.pdf",
            "read|潮は一日に二度満ち引きします",
            partial(drawn, partial(_vertical, vertical=vertical)),
        )
    yield "hebrew.pdf", "read|מלח הים", partial(drawn, _arabic)
    for depth in (500, 5_000, 100_000):
        yield f"page tree {depth} deep.pdf", "any", partial(page_tree, depth)
    yield "object of itself.pdf", "any", lambda: pdf_of({3: b"3 0 R"})
    yield (
        "previous table is itself.pdf",
        "any",
        lambda: (
            text_page(b"BT /F1 9 Tf (x) Tj ET").replace(b"<</Root 1 0 R>>", b"<</Root 1 0 R/Prev 0>>")
            + b"\nstartxref\n0\n%%EOF"
        ),
    )
    yield (
        "invisible words over a scan.pdf",
        "read|Recognised",
        lambda: text_page(b"0 0 300 400 re f BT 3 Tr /F1 12 Tf 50 700 Td (Recognised) Tj ET"),
    )
    yield (
        "a picture of 30000 by 30000.pdf",
        "any",
        lambda: pdf_of(
            {
                3: PAGE % b"/XObject<</I 6 0 R>>",
                4: stream(b"/I Do"),
                5: FONT,
                6: stream(
                    zlib.compress(bytes(1000)),
                    b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/BitsPerComponent 8"
                    b"/ColorSpace/DeviceGray/Filter/FlateDecode",
                ),
            }
        ),
    )


CONTENTS = (_pdf,)
