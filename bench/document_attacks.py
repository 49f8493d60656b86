"""More hostile documents: what each kind of file can hold that its reader might follow, unpack or count forever."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import partial

from .document_damage import BOMB, TEXT, TONGUES, Case, Make, remade

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OUTSIDE_LINK = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId99" TargetMode="External" Target="http://something.invalid/%s" Type='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>'
)


def pdf_of(objects: Mapping[int, bytes], pages: int = 1) -> bytes:
    """A PDF by hand: its objects from 3 on; object 1 is the catalogue, 2 the pages."""
    kids = b" ".join(b"3 0 R" for _ in range(pages))
    head = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages)}
    body = b"".join(b"%d 0 obj%s endobj\n" % (number, text) for number, text in {**head, **objects}.items())
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF"


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (more, len(data), data)


PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>%s>>>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def packed_often(times: int) -> bytes:
    """A stream that is packed over and over: a kilobyte that becomes a gigabyte."""
    data = b" " * 100_000_000
    for _ in range(times):
        data = zlib.compress(data, 9)
    names = b"/FlateDecode " * times
    return pdf_of({3: PAGE % b"", 4: stream(data, b"/Filter[%s]" % names), 5: FONT})


def object_stream(size: int) -> bytes:
    """Objects within a packed stream of so many bytes."""
    inner = b"6 0 << /A (" + b"x" * size + b") >>"
    packed = zlib.compress(inner, 9)
    held = stream(packed, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode")
    return pdf_of({3: PAGE % b"", 4: stream(b"BT /F1 12 Tf 50 700 Td (text) Tj ET"), 5: FONT, 7: held})


def form_in_itself() -> bytes:
    form = stream(b"/X0 Do /X0 Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X0 6 0 R>>>>")
    return pdf_of({3: PAGE % b"/XObject<</X0 6 0 R>>", 4: stream(b"/X0 Do"), 5: FONT, 6: form})


def forms_doubled(depth: int) -> bytes:
    """Each form is drawn twice by the one above it."""
    drawn = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F1 5 0 R>>/XObject<</X0 %d 0 R>>>>"
    forms = {6 + n: stream(b"/X0 Do /X0 Do", drawn % (7 + n)) for n in range(depth)}
    last = {6 + depth: stream(b"BT /F1 9 Tf (x) Tj ET", drawn % 6)}
    return pdf_of({3: PAGE % b"/XObject<</X0 6 0 R>>", 4: stream(b"/X0 Do"), 5: FONT, **forms, **last})


def without_unicode(codes: bytes) -> bytes:
    """Chinese by the numbers of its glyphs, in a font that does not tell which characters they are."""
    font = b"<</Type/Font/Subtype/Type0/BaseFont/Unknown/Encoding/Identity-H/DescendantFonts[6 0 R]>>"
    below = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Unknown/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)>>>>"
    content = b"BT /F1 12 Tf 50 700 Td <" + codes.hex().encode() + b"> Tj ET"
    return pdf_of({3: PAGE % b"", 4: stream(content), 5: font, 6: below})


def chinese_pdf() -> bytes:
    """Chinese by one of Adobe's character collections."""
    font = b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>"
    below = (
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>"
    )
    content = b"BT /F1 12 Tf 50 700 Td <" + TONGUES["zh"].encode("utf-16-be").hex().encode() + b"> Tj ET"
    return pdf_of({3: PAGE % b"", 4: stream(content), 5: font, 6: below})


def _pdf() -> Iterator[Case]:
    for times in (2, 3, 20):
        yield f"packed {times} times.pdf", "any", partial(packed_often, times)
    yield "stream of objects of 200 MB.pdf", "any", partial(object_stream, 200_000_000)
    yield "form in itself.pdf", "any", form_in_itself
    for depth in (10, 20, 27):
        yield f"forms doubled {depth} times.pdf", "any", partial(forms_doubled, depth)
    yield "chinese without characters.pdf", "pictures", partial(without_unicode, bytes(range(1, 201)))
    yield "chinese of Adobe's.pdf", "read", chinese_pdf
    text = b"BT /F1 9 Tf 50 700 Td (x) Tj ET\n"
    yield "a million texts on a page.pdf", "any", lambda: pdf_of({3: PAGE % b"", 4: stream(text * 1_000_000), 5: FONT})
    yield "5000 times one page.pdf", "read", lambda: pdf_of({3: PAGE % b"", 4: stream(text), 5: FONT}, 5_000)
    yield "filter in a circle.pdf", "any", lambda: pdf_of({3: PAGE % b"", 4: stream(b"x", b"/Filter 4 0 R"), 5: FONT})
    yield "length of itself.pdf", "any", lambda: pdf_of({3: PAGE % b"", 4: b"<</Length 4 0 R>>stream\nx\nendstream"})
    yield (
        "box of a billion.pdf",
        "any",
        lambda: pdf_of({3: PAGE.replace(b"600 800", b"1e9 1e9") % b"", 4: stream(text)}),
    )
    yield (
        "script in it.pdf",
        "any",
        lambda: pdf_of({3: PAGE % b"", 4: stream(text), 5: FONT, 6: b"<</S/JavaScript/JS(app.alert(1))>>"}),
    )


def sheet(rows: bytes, strings: bytes = b"") -> bytes:
    from .document_files import sheets

    xml = b'<worksheet xmlns="' + MAIN + b'"><dimension ref="A1:XFD1048576"/><sheetData>' + rows
    more = {"xl/sharedStrings.xml": b'<sst xmlns="' + MAIN + b'">' + strings + b"</sst>"} if strings else {}
    return remade(sheets, "xl/worksheets/sheet1.xml", xml + b"</sheetData></worksheet>", more)


def many_rows(number: int) -> bytes:
    return sheet(b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(1, number + 1)))


def _sheets() -> Iterator[Case]:
    for number in (100_000, 300_000, 1_000_000):
        yield f"{number} rows.xlsx", "any", partial(many_rows, number)
    yield (
        "a row at each end.xlsx",
        "read",
        lambda: sheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'),
    )
    dates = b"".join(
        b'<row r="%d"><c r="A%d" t="%s"><v>%s</v></c></row>' % (place + 1, place + 1, kind, value)
        for place, (kind, value) in enumerate(
            [(b"d", b"99999-99-99"), (b"n", b"1e308"), (b"n", b"nan"), (b"b", b"7"), (b"e", b"#REF!"), (b"s", b"-1")]
        )
    )
    yield "values that are none.xlsx", "any", lambda: sheet(dates)
    yield (
        "one cell of 30 MB.xlsx",
        "read",
        lambda: sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + TEXT.encode() * 550_000 + b"</t></is></c></row>"),
    )
    yield (
        "three million strings.xlsx",
        "any",
        lambda: sheet(b'<row r="1"><c r="A1" t="s"><v>5</v></c></row>', b"<si><t>x</t></si>" * 3_000_000),
    )
    yield "formulas without values.xlsx", "any", lambda: sheet(b'<row r="1"><c r="A1"><f>A1+1</f></c></row>' * 5)
    yield (
        "row numbers backwards.xlsx",
        "any",
        lambda: sheet(b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(5_000, 0, -1))),
    )
    yield "row of no number.xlsx", "any", lambda: sheet(b'<row r="x"><c r="?"><v>1</v></c></row>')


def body(xml: bytes) -> bytes:
    from .document_files import word

    return remade(word, "word/document.xml", b'<w:document xmlns:w="' + WORD + b'"><w:body>' + xml)


def tables_in_tables(depth: int) -> bytes:
    inner = b"<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
    end = b"</w:tc></w:tr></w:tbl>"
    return body(b"<w:tbl><w:tr><w:tc>" * depth + inner + end * depth + b"</w:body></w:document>")


def linked_outside(make: Make, member: str) -> bytes:
    """Office files that name something on another computer."""
    return remade(make, member, OUTSIDE_LINK % b"a.png" + b"</Relationships>")


def overlapping(make: Make, number: int) -> bytes:
    """A zip whose directory names the same packed 50 MB over and over, each time under another name."""
    data = remade(make, "", None, {"bomb.bin": b"\0" * 50_000_000})
    end = data.rindex(b"PK\5\6")
    begin = struct.unpack("<I", data[end + 16 : end + 20])[0]
    directory = data[begin:end]
    place = directory.rindex(b"PK\1\2")
    entry, longer = directory[place:], directory
    for n in range(number):
        longer += entry.replace(b"bomb.bin", b"b%06d.x"[:8] % n)
    tail = bytearray(data[end:])
    total = directory.count(b"PK\1\2") + number
    tail[8:12] = struct.pack("<HH", total & 0xFFFF, total & 0xFFFF)
    tail[12:20] = struct.pack("<II", len(longer), begin)
    return data[:begin] + longer + bytes(tail)


def with_a_link(make: Make) -> bytes:
    """A member that is a symbolic link to a file of the server's."""
    held = io.BytesIO(make())
    with zipfile.ZipFile(held, "a") as archive:
        link = zipfile.ZipInfo("word/media/link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return held.getvalue()


def nested_zip(depth: int) -> bytes:
    data = b"\0" * 20_000_000
    for place in range(depth):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(4):
                archive.writestr(f"{place}-{copy}.zip", data)
        data = held.getvalue()
    return data


def _word() -> Iterator[Case]:
    from .document_files import slides, word

    for depth in (20, 200, 2_000):
        yield f"tables in tables {depth}.docx", "any", partial(tables_in_tables, depth)
    yield "a million empty paragraphs.docx", "any", lambda: body(b"<w:p/>" * 1_000_000 + b"</w:body></w:document>")
    yield (
        "a run of 20 MB.docx",
        "read",
        lambda: body(b"<w:p><w:r><w:t>" + TEXT.encode() * 380_000 + b"</w:t></w:r></w:p></w:body></w:document>"),
    )
    yield "picture elsewhere.docx", "read", partial(linked_outside, word, "word/_rels/document.xml.rels")
    yield "picture elsewhere.pptx", "any", partial(linked_outside, slides, "ppt/slides/_rels/slide1.xml.rels")
    yield "same bytes 2000 times.docx", "broken", partial(overlapping, word, 2_000)
    yield "link in it.docx", "read", partial(with_a_link, word)
    yield "zips in zips.docx", "any", lambda: remade(word, "", None, {"word/x.zip": nested_zip(6)})
    yield "zips in zips.zip", "kind", partial(nested_zip, 6)
    yield (
        "25000 members.docx",
        "too_large",
        lambda: remade(word, "", None, {f"word/{number}.xml": b"" for number in range(25_000)}),
    )
    paths = {"../../../../tmp/out.xml": b"x", "/etc/cron.d/out": b"x", "C:\\out": b"x"}
    yield "paths outside.docx", "read", lambda: remade(word, "", None, paths)
    yield "grouped 5000 deep.pptx", "any", partial(grouped, 5_000)
    yield "notes alone.pptx", "read", notes_alone


def grouped(depth: int) -> bytes:
    from .document_files import slides

    begin = b"<p:grpSp><p:nvGrpSpPr><p:cNvPr id='1' name='g'/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>"
    xml = (
        b'<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:cSld><p:spTree>'
        b"<p:nvGrpSpPr><p:cNvPr id='1' name=''/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>"
        + begin * depth
        + b"</p:grpSp>" * depth
        + b"</p:spTree></p:cSld></p:sld>"
    )
    return remade(slides, "ppt/slides/slide1.xml", xml)


def notes_alone() -> bytes:
    import pptx

    show, held = pptx.Presentation(), io.BytesIO()
    show.slides.add_slide(show.slide_layouts[6]).notes_slide.notes_text_frame.text = "Only said, never shown."
    show.save(held)
    return held.getvalue()


def book_of(chapter: bytes, spine: int = 1, href: bytes = b"a.xhtml", doctype: bytes = b"") -> bytes:
    held = io.BytesIO()
    package = (
        b'<?xml version="1.0"?>' + doctype + b'<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>'
        b'<item id="a" href="'
        + href
        + b'" media-type="application/xhtml+xml"/></manifest><spine>'
        + b'<itemref idref="a"/>' * spine
        + b"</spine></package>"
    )
    container = (
        b'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        b'<rootfile full-path="b.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("b.opf", package)
        archive.writestr("a.xhtml", chapter)
    return held.getvalue()


def _books() -> Iterator[Case]:
    page = b'<html xmlns="http://www.w3.org/1999/xhtml"><body>%s</body></html>'
    script = page % b"<script>location='http://something.invalid'</script><p onclick='x()'>Tides</p>"
    yield "scripts.epub", "read", partial(book_of, script)
    yield "a chapter 100000 times.epub", "any", partial(book_of, page % b"<p>Tides</p>", 100_000)
    yield "chapter of 100 MB.epub", "any", lambda: book_of(page % (b"<p>" + TEXT.encode() * 20 + b"</p>") * 90_000)
    for href in (b"../../../../etc/passwd", b"file:///etc/passwd", b"http://something.invalid/a", b"/etc/passwd"):
        yield f"chapter at {href.decode().replace('/', '_')}.epub", "broken", partial(book_of, page, 1, href)
    yield "entities in its package.epub", "unsafe", partial(book_of, page, doctype=BOMB.encode())
    yield "nested 100000.epub", "any", lambda: book_of(page % (b"<div>" * 100_000 + b"deep"))


def noted(outputs: object, source: object = "1 + 1") -> bytes:
    cell = {"cell_type": "code", "source": source, "outputs": outputs}
    return json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}}).encode()


def printed(size: int) -> bytes:
    return noted([{"output_type": "stream", "name": "stdout", "text": "x" * 79 + "\n"}] * (size // 80))


def _texts() -> Iterator[Case]:
    yield "100 MB of output.ipynb", "any", partial(printed, 100_000_000)
    yield (
        "picture in it.ipynb",
        "read",
        lambda: noted([{"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 3_000_000}}]),
    )
    yield "a number of a million digits.ipynb", "any", lambda: b'{"nbformat":4,"cells":[' + b"9" * 1_000_000 + b"]}"
    yield "outputs of another form.ipynb", "read", partial(noted, [None, 5, {"data": []}, {"text": {"a": 1}}])
    yield "source of another form.ipynb", "any", partial(noted, {}, {"a": 1})
    table = "名称,价格\n苹果,3\n"
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "gbk", "gb18030", "big5"):
        text = table if codec != "big5" else "名稱,價格\n蘋果,3\n"
        yield f"table {codec}.csv", "read", partial(str.encode, text * 20, codec)
    for codec, text in (
        ("shift_jis", "名前,値段\nりんご,3\n"),
        ("euc_jp", "名前,値段\nりんご,3\n"),
        ("euc_kr", "이름,값\n사과,3\n"),
    ):
        yield f"table {codec}.csv", "read", partial(str.encode, text * 20, codec)
    yield "100 MB on a line.csv", "any", lambda: b"1," * 50_000_000
    yield "quote that never ends.csv", "read", lambda: b'a,b\n"' + b"x,\n" * 500_000
    yield "zeros between.csv", "any", lambda: b"a,b\0\n" * 2_000
    yield (
        "picture of 44 MB in it.html",
        "any",
        lambda: (
            b"<html><p>Tides</p><img src='data:image/png;base64," + b"iVBORw0KGgo" * 4_000_000 + b"'><p>end</p></html>"
        ),
    )
    yield "a million divisions.html", "any", lambda: b"<html><body>" + b"<div>" * 1_000_000 + b"deep"
    yield "a million tags in a row.html", "any", lambda: b"<html><body>" + b"<b>x</b>" * 1_000_000
    yield "comment that never ends.html", "any", lambda: b"<html><body><p>Tides</p><!-- " + b"- " * 3_000_000
    yield "tables in tables.html", "any", lambda: b"<html>" + b"<table><tr><td>" * 3_000 + b"deep"
    yield (
        "a table of 1000 by 1000.html",
        "any",
        lambda: b"<html><table>" + (b"<tr>" + b"<td>1</td>" * 1_000 + b"</tr>") * 1_000 + b"</table>",
    )
    yield "span of a billion.html", "read", lambda: b"<table><tr><td colspan=1000000000 rowspan=1000000000>x</table>"
    yield "claims binary.rtf", "any", lambda: rb"{\rtf1 text \bin999999999 more}"
    yield "negative letters.rtf", "read", lambda: rb"{\rtf1 \u-10000?\u99999999999? text}"
    for ending in ("pdf", "docx", "xlsx", "pptx", "epub", "html", "csv", "ipynb", "rtf"):
        yield f"nothing.{ending}", "empty", bytes
    yield "mail.eml", "read", lambda: b"Subject: Tides\nContent-Type: text/plain\n\nTides rise.\n"
    yield "letters turned round.txt", "read", lambda: ("\u202e" + TEXT).encode()
    yield "a letter with 100000 marks.txt", "read", lambda: ("e" + "\u0301" * 100_000).encode()


ATTACKS = (_pdf, _sheets, _word, _books, _texts)
