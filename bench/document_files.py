"""Near 500 documents, good and bad, made anew from nothing: each with what must come of it.

`files()` gives (name, outcome, make): `make()` returns the bytes; the outcome is "read", "pictures", the code of a
refusal, or "any" where it depends on what is left of a broken file. "read|one|two|!three": its text has these words
in this order, and not the third. The same bytes every time, but for dates that libraries write.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial

from . import document_letters, document_parts, document_pdfs
from .document_attacks import ATTACKS
from .document_damage import BOMB, OLE, OUTSIDE, TEXT, TONGUES, Case, Make, cut, damaged, remade
from .document_texts import GROUPS, HEADS, book


def files() -> Iterator[Case]:
    contents = (*document_parts.CONTENTS, *document_pdfs.CONTENTS, *document_letters.CONTENTS)
    for group in (_pdf, _word, _sheets, _slides, *GROUPS, _misnamed, *ATTACKS, *contents):
        yield from group()


def pdf(pages: int = 3, *, lines: int = 1, password: str = "", owner: str = "") -> bytes:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    encryption = StandardEncryption(password, ownerPassword=owner or password) if password or owner else None
    held = io.BytesIO()
    canvas = Canvas(held, invariant=1, encrypt=encryption)
    for page in range(1, pages + 1):
        for line in range(lines):
            canvas.drawString(40, 800 - 12 * (line % 64), f"Page {page}, line {line + 1}: {TEXT}")
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def scan(pages: int = 2) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    canvas = Canvas(held, invariant=1)
    for page in range(pages):
        canvas.rect(50, 50, 300, 400 + page, fill=1)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def raw_pdf(content: bytes, *, packed: bool = False, kids: str = "3 0 R", count: int = 1) -> bytes:
    """A PDF by hand, without a table of its objects, which readers have to rebuild."""
    body = zlib.compress(content) if packed else content
    filters = b"/Filter /FlateDecode " if packed else b""
    return b"".join(
        (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
            f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {count}>>endobj\n".encode(),
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
            b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n",
            b"4 0 obj<<" + filters + f"/Length {len(body)}>>stream\n".encode() + body + b"\nendstream endobj\n",
            b"trailer<</Root 1 0 R>>\n%%EOF",
        )
    )


def _pdf() -> Iterator[Case]:
    for pages in (1, 2, 3, 10, 50, 200, 1_000, 5_000):
        yield f"{pages} pages.pdf", "read", partial(pdf, pages)
    yield "1000 full pages.pdf", "read", partial(pdf, 1_000, lines=60)
    for name in ("secret", "пароль", "x" * 32):
        yield f"password {len(name)} {name[:6]}.pdf", "password", partial(pdf, 3, password=name)
    yield "only printing is forbidden.pdf", "read", partial(pdf, 2, owner="owner")
    for pages in (1, 3, 40):
        yield f"scan of {pages}.pdf", "pictures", partial(scan, pages)
    for tenths in range(1, 10):
        yield f"cut at {tenths}0 percent.pdf", "any", partial(cut, partial(pdf, 10), tenths)
    for seed in range(12):
        yield f"damaged {seed}.pdf", "any", partial(damaged, partial(pdf, 10), seed)
    yield "header alone.pdf", "broken", lambda: b"%PDF-1.7\n"
    yield "noise.pdf", "broken", lambda: b"%PDF-1.7\n" + random.Random(1).randbytes(50_000)
    yield "after other bytes.pdf", "read", lambda: b"\n" * 500 + pdf(2)
    yield "by hand.pdf", "read", lambda: raw_pdf(b"BT /F1 12 Tf 50 700 Td (By hand) Tj ET")
    yield "stream of 300 MB.pdf", "any", lambda: raw_pdf(b" " * 300_000_000, packed=True)
    yield (
        "a million words on a page.pdf",
        "any",
        lambda: raw_pdf(b"BT /F1 1 Tf 50 700 Td " + b"(word ) Tj " * 1_000_000 + b"ET", packed=True),
    )
    yield "page tree in a circle.pdf", "any", lambda: raw_pdf(b"", kids="2 0 R", count=9)
    yield "claims a billion pages.pdf", "any", lambda: raw_pdf(b"BT /F1 9 Tf (x) Tj ET", count=1_000_000_000)
    yield "nested 100000 deep.pdf", "any", lambda: raw_pdf(b"[" * 100_000 + b"]" * 100_000)
    yield "object nested.pdf", "any", lambda: raw_pdf(b"x").replace(b"/Parent 2 0 R", b"/X " + b"[" * 50_000)


def word(paragraphs: int = 5, text: str = TEXT, *, table: bool = False) -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Tides", 1)
    for number in range(paragraphs):
        document.add_paragraph(f"{number + 1}. {text}")
    if table:
        cells = document.add_table(3, 3)
        for row in range(3):
            for column in range(3):
                cells.cell(row, column).text = f"{row}/{column}"
    return _saved(document)


def _saved(document: object) -> bytes:
    held = io.BytesIO()
    document.save(held)  # type: ignore[attr-defined]
    return held.getvalue()


def inserted(make: Make, member: str, doctype: str) -> bytes:
    """With a document type at the head of one member."""
    with zipfile.ZipFile(io.BytesIO(make())) as old:
        text = old.read(member).decode()
    end = text.find("?>") + 2 if text.startswith("<?xml") else 0
    return remade(make, member, (text[:end] + doctype + text[end:]).encode())


def encrypted(make: Make) -> bytes:
    """A zip whose members say that they are encrypted."""
    data = bytearray(make())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    return bytes(data)


def lying(make: Make) -> bytes:
    """A zip whose directory says that each member has ten bytes."""
    data = bytearray(make())
    place = data.find(b"PK\1\2")
    while place >= 0:
        data[place + 24 : place + 28] = struct.pack("<I", 10)
        place = data.find(b"PK\1\2", place + 4)
    return bytes(data)


def large_word(paragraphs: int) -> bytes:
    piece = f"<w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p>".encode()
    space = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = b'<w:document xmlns:w="' + space + b'"><w:body>' + piece * paragraphs + b"</w:body></w:document>"
    return remade(word, "word/document.xml", xml)


def nested_word(depth: int) -> bytes:
    space = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = (
        b'<w:document xmlns:w="'
        + space
        + b'"><w:body>'
        + b"<w:p>" * depth
        + b"</w:p>" * depth
        + b"</w:body></w:document>"
    )
    return remade(word, "word/document.xml", xml)


def _office(make: Make, ending: str, main: str) -> Iterator[Case]:
    """What can be wrong with each of Office's zips."""
    for tenths in range(1, 10, 2):
        yield f"cut at {tenths}0 percent.{ending}", "broken", partial(cut, make, tenths)
    for seed in range(6):
        yield f"damaged {seed}.{ending}", "any", partial(damaged, make, seed)
    yield f"without its main part.{ending}", "broken", partial(remade, make, main, None)
    yield f"main part empty.{ending}", "broken", partial(remade, make, main, b"")
    yield f"main part no XML.{ending}", "broken", partial(remade, make, main, b"hello")
    yield f"entity bomb.{ending}", "unsafe", partial(inserted, make, main, BOMB)
    yield f"outside entity.{ending}", "unsafe", partial(inserted, make, main, OUTSIDE)
    yield f"zip bomb.{ending}", "too_large", partial(remade, make, "media.bin", b"\0" * 260_000_000)
    yield (
        f"30000 members.{ending}",
        "too_large",
        lambda: remade(make, "x", None, {f"m/{n}": b"" for n in range(30_000)}),
    )
    yield f"encrypted zip.{ending}", "password", partial(encrypted, make)
    yield f"lying about sizes.{ending}", "any", partial(lying, make)
    yield f"encrypted by Office.{ending}", "password", lambda: OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    yield f"wrong name, {ending} inside.txt", "read", make


def _word() -> Iterator[Case]:
    yield from _office(word, "docx", "word/document.xml")
    for tongue, text in TONGUES.items():
        yield f"{tongue}.docx", "read", partial(word, 5, text)
    yield "table.docx", "read", partial(word, 2, table=True)
    for paragraphs in (3_000, 20_000, 300_000):
        yield f"{paragraphs} paragraphs.docx", "read", partial(large_word, paragraphs)
    yield "no text.docx", "empty", lambda: large_word(0)
    for depth in (500, 5_000, 100_000):
        yield f"nested {depth}.docx", "any", partial(nested_word, depth)


def sheets(rows: int = 20, columns: int = 4, number: int = 1, text: str = TEXT) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for place in range(number):
        sheet = book.create_sheet(f"Sheet {place + 1}")
        for row in range(rows):
            sheet.append([f"{text[:30]} {row}", *(row * column / 2 for column in range(columns - 1))])
    return _saved(book)


def _sheets() -> Iterator[Case]:
    main = "xl/worksheets/sheet1.xml"
    yield from (
        (name, "any" if "main part" in name else outcome, make) for name, outcome, make in _office(sheets, "xlsx", main)
    )
    for number in (2, 10, 100):
        yield f"{number} sheets.xlsx", "read", partial(sheets, 5, 3, number)
    for rows, columns in ((1_000, 50), (100, 1_000), (20_000, 10), (60_000, 4)):
        yield f"{rows} rows of {columns}.xlsx", "read", partial(sheets, rows, columns)
    for tongue in ("zh", "ar", "ru"):
        yield f"{tongue}.xlsx", "read", partial(sheets, 10, 3, 1, TONGUES[tongue])
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    for cell in (b"XFD1048576", b"A1048576", b"XFD1"):
        far = (
            b'<worksheet xmlns="'
            + space
            + b'"><dimension ref="A1:XFD1048576"/><sheetData><row r="%d"><c r="%s">'
            % (int(b"".join(bytes([digit]) for digit in cell if 48 <= digit < 58)), cell)
            + b"<v>1</v></c></row></sheetData></worksheet>"
        )
        yield f"one cell at {cell.decode()}.xlsx", "any", partial(remade, sheets, main, far)
    yield "old.xls", "legacy", lambda: OLE + bytes(600) + "Workbook".encode("utf-16-le")
    yield "binary.xlsb", "legacy", lambda: remade(sheets, "xl/workbook.bin", b"x")


def slides(number: int = 3, *, notes: bool = True, text: str = TEXT) -> bytes:
    import pptx

    show = pptx.Presentation()
    for place in range(number):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = f"Slide {place + 1}"
        slide.placeholders[1].text = text
        if notes:
            slide.notes_slide.notes_text_frame.text = f"Say {place}"
    return _saved(show)


def _slides() -> Iterator[Case]:
    yield from _office(slides, "pptx", "ppt/presentation.xml")
    for number in (1, 20, 200):
        yield f"{number} slides.pptx", "read", partial(slides, number, notes=number < 50)
    for tongue in ("zh", "he", "th"):
        yield f"{tongue}.pptx", "read", partial(slides, 2, text=TONGUES[tongue])
    yield "no slides.pptx", "empty", partial(slides, 0)
    yield "old.ppt", "legacy", lambda: OLE + bytes(600) + "PowerPoint Document".encode("utf-16-le")


def _misnamed() -> Iterator[Case]:
    makes: dict[str, Make] = {"pdf": pdf, "docx": word, "xlsx": sheets, "pptx": slides, "epub": book}
    makes["rtf"] = lambda: rb"{\rtf1 text}"
    for place, (inside, make) in enumerate(makes.items()):
        for ending in ("pdf", "docx", "csv"):
            if ending != inside and (place + len(ending)) % 2:
                yield f"{inside} named.{ending}", "read", make
    yield "text named.pdf", "read", TEXT.encode
    yield "page named.docx", "read", lambda: b"<html><p>text</p></html>"
    yield "picture named.pdf", "kind", lambda: HEADS["png"] + bytes(500)
    yield "no name", "read", pdf
    yield f"{'long ' * 40}.txt", "read", TEXT.encode
    yield "../../etc/passwd.txt", "read", TEXT.encode
    yield "名前 🌊.txt", "read", TEXT.encode
