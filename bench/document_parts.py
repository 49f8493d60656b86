"""Office files whose text hides where a reader may not look: what must come out of each is said with it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from .document_attacks import sheet
from .document_damage import BOMB, OLE, Case, remade

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
PARTS = "http://schemas.openxmlformats.org/package/2006/"
SPACES = (
    f'xmlns:w="{W}" xmlns:r="{OFFICE}relationships" xmlns:m="{OFFICE}math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def p(text: str, before: str = "") -> str:
    return f"<w:p><w:r>{before}<w:t>{text}</w:t></w:r></w:p>"


def word_of(xml: str, more: Mapping[str, str] | None = None, main: str = "word/document.xml") -> bytes:
    """A Word file by hand: the body, and more parts of word/ by name, as their root's content."""
    import zipfile

    kinds = {"footnotes", "endnotes", "comments", "header1", "footer1"} & set(more or {})
    links = "".join(
        f'<Relationship Id="r{kind}" Type="{OFFICE}relationships/{kind.rstrip("1")}" Target="{kind}.xml"/>'
        for kind in sorted(kinds)
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PARTS}content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            "</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PARTS}relationships"><Relationship Id="r1" '
            f'Type="{OFFICE}relationships/officeDocument" Target="{main}"/></Relationships>',
        )
        archive.writestr(main, f"<w:document {SPACES}><w:body>{xml}</w:body></w:document>")
        folder, _, name = main.rpartition("/")
        archive.writestr(
            f"{folder}/_rels/{name}.rels", f'<Relationships xmlns="{PARTS}relationships">{links}</Relationships>'
        )
        for part, content in (more or {}).items():
            root = {"header1": "hdr", "footer1": "ftr"}.get(part, part)
            archive.writestr(f"{folder}/{part}.xml", f"<w:{root} {SPACES}>{content}</w:{root}>")
    return held.getvalue()


def note(kind: str) -> str:
    return f'<w:{kind} w:id="2">{p("a note below")}</w:{kind}>'


def _with_notes(mark: str, kind: str) -> bytes:
    return word_of(many(mark), {f"{kind}s": note(kind)})


def many(xml: str) -> str:
    """Above the size at which only paragraphs are read."""
    return xml + p("filler " * 60) * 8_000


def _word() -> Iterator[Case]:
    box = "<w:txbxContent>" + p("inside a box") + "</w:txbxContent>"
    both = (
        f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><wps:txbx>{box}</wps:txbx></mc:Choice>'
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    yield "text box.docx", "read|inside a box", lambda: word_of(p("before") + both)
    changed = (
        '<w:p><w:ins w:id="1"><w:r><w:t>added words</w:t></w:r></w:ins>'
        '<w:del w:id="2"><w:r><w:delText>deleted words</w:delText></w:r></w:del></w:p>'
    )
    yield "tracked changes.docx", "read|added words|!deleted words", lambda: word_of(changed)
    yield "tracked changes, large.docx", "read|added words|!deleted words", lambda: word_of(many(changed))
    for kind in ("footnote", "endnote"):
        mark = f'<w:p><w:r><w:t>said</w:t></w:r><w:r><w:{kind}Reference w:id="2"/></w:r></w:p>'
        yield f"{kind}.docx", "read|said|a note below", partial(word_of, mark, {f"{kind}s": note(kind)})
        yield (
            f"{kind}, large.docx",
            "read|said|a note below",
            partial(_with_notes, mark, kind),
        )
    comment = (
        '<w:p><w:commentRangeStart w:id="2"/><w:r><w:t>said</w:t></w:r><w:r><w:commentReference w:id="2"/></w:r></w:p>'
    )
    remark = f'<w:comment w:id="2" w:author="A" w:initials="A">{p("a remark beside")}</w:comment>'
    yield "comment.docx", "read|said|a remark beside", lambda: word_of(comment, {"comments": remark})
    yield (
        "header and footer.docx",
        "read|on top|middle|at the bottom",
        lambda: word_of(
            p("middle")
            + '<w:sectPr><w:headerReference w:type="default" r:id="rheader1"/>'
            + '<w:footerReference w:type="default" r:id="rfooter1"/></w:sectPr>',
            {"header1": p("on top"), "footer1": p("at the bottom")},
        ),
    )
    raised = "<m:sSup><m:e/><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    formula = f"<w:p><m:oMath><m:r><m:t>E=mc</m:t></m:r>{raised}</m:oMath></w:p>"
    yield "formula.docx", "read|E=mc", lambda: word_of(p("x") + formula)
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{p('chosen from a list')}</w:sdtContent></w:sdt>"
    yield "content control.docx", "read|chosen from a list", lambda: word_of(control)
    yield (
        "simple field.docx",
        "read|12 May",
        lambda: word_of('<w:p><w:fldSimple w:instr=" DATE "><w:r><w:t>12 May</w:t></w:r></w:fldSimple></w:p>'),
    )
    tabs = "<w:p><w:r><w:t>left</w:t><w:tab/><w:t>right</w:t><w:br/><w:t>below</w:t></w:r></w:p>"
    yield "tabs and breaks.docx", "read|left\tright\nbelow|!leftright", lambda: word_of(tabs)
    yield "tabs and breaks, large.docx", "read|left|right|below|!leftright|!rightbelow", lambda: word_of(many(tabs))
    table = (
        "<w:tbl>"
        + "".join(
            "<w:tr>" + "".join(f"<w:tc>{p(f'{row}/{column}')}</w:tc>" for column in "abc") + "</w:tr>" for row in "123"
        )
        + "</w:tbl>"
    )
    yield "table, large.docx", "read|1/a | 1/b | 1/c|2/a | 2/b | 2/c", lambda: word_of(many(table))
    yield "main part of another name.docx", "read|anywhere", lambda: word_of(p("anywhere"), main="word/document2.xml")
    strict = lambda: word_of(p("by the strict standard")).replace(b"", b"")  # noqa: E731
    yield "strict.docx", "read|by the strict standard", partial(_strict, strict)
    yield "hidden words.docx", "any", lambda: word_of(p("seen") + p("unseen", "<w:rPr><w:vanish/></w:rPr>"))
    yield (
        "entities in a part of another name.docx",
        "any",
        lambda: remade(partial(word_of, p("x")), "word/styles.bin", BOMB.encode()),
    )
    yield (
        "styles of 60 MB.docx",
        "any",
        lambda: remade(
            partial(word_of, p("words that stay")),
            "word/styles.xml",
            f"<w:styles {SPACES}>".encode() + b'<w:style w:styleId="x"/>' * 2_500_000 + b"</w:styles>",
        ),
    )
    linked = "".join(
        f'<w:p><w:bookmarkStart w:id="{n}" w:name="b{n}"/><w:r><w:t>x</w:t></w:r></w:p>' for n in range(30_000)
    )
    yield "30000 bookmarks.docx", "read", lambda: word_of(linked)
    notes = "".join(f'<w:footnote w:id="{n}">{p(f"note {n}")}</w:footnote>' for n in range(2, 20_002))
    marks = "".join(f'<w:p><w:r><w:footnoteReference w:id="{n}"/></w:r></w:p>' for n in range(2, 20_002))
    yield "20000 footnotes.docx", "read|note 20001", lambda: word_of(marks, {"footnotes": notes})
    yield (
        "old message.msg",
        "legacy",
        lambda: OLE + bytes(600) + "__substg1.0_0037001F".encode("utf-16-le") + bytes(600),
    )


def _strict(make: Callable[[], bytes]) -> bytes:
    import zipfile

    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make())) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            data = old.read(name).replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
            new.writestr(name, data.replace(OFFICE.encode(), b"http://purl.oclc.org/ooxml/officeDocument/"))
    return held.getvalue()


def cell(place: str, value: str, formula: str = "") -> bytes:
    return f'<c r="{place}">{f"<f>{formula}</f>" if formula else ""}{f"<v>{value}</v>" if value else ""}</c>'.encode()


def row(number: int, *cells: bytes) -> bytes:
    return b'<row r="%d">' % number + b"".join(cells) + b"</row>"


def workbook(fill: Callable[[object], object]) -> bytes:
    import openpyxl

    book, held = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(held)
    return held.getvalue()


def _filled(book: object) -> None:
    from datetime import date, timedelta

    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment

    first = book.active  # type: ignore[attr-defined]
    first.append(["Item", "Share", "On", "Took"])
    first.append(["Rent", 0.5, date(2026, 5, 12), timedelta(hours=30)])
    first["B2"].number_format = "0%"
    first["A2"].comment = Comment("paid late", "A")
    first.merge_cells("A4:C4")
    first["A4"] = "over three"
    hidden = book.create_sheet("Secret")  # type: ignore[attr-defined]
    hidden["A1"], hidden.sheet_state = "in a hidden sheet", "hidden"
    chart = BarChart()
    chart.add_data(Reference(first, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    first.add_chart(chart, "F1")


def _sheets() -> Iterator[Case]:
    yield (
        "formula never calculated.xlsx",
        "read|=SUM(A1:A2)",
        lambda: sheet(row(1, cell("A1", "2")) + row(2, cell("A2", "3")) + row(3, cell("A3", "", "SUM(A1:A2)"))),
    )
    yield "formula with its value.xlsx", "read|5|!SUM", lambda: sheet(row(1, cell("A1", "5", "SUM(B1:B2)")))
    yield (
        "comment, hidden sheet, merged cells.xlsx",
        "read|Item|Rent|over three|paid late|(hidden)|in a hidden sheet",
        partial(workbook, _filled),
    )
    yield "days and shares.xlsx", "read|Rent|2026-05-12|30:00:00", partial(workbook, _filled)
    yield (
        "columns with gaps.xlsx",
        "read|: Sheet 1]",
        lambda: sheet(row(1, cell("C1", "3")) + row(2, cell("B2", "2"))),
    )
    yield (
        "cells out of order.xlsx",
        "read|1 | 2 | 3",
        lambda: sheet(row(1, cell("C1", "3"), cell("A1", "1"), cell("B1", "2"))),
    )
    yield "cells without places.xlsx", "read|1 | 2", lambda: sheet(b"<row><c><v>1</v></c><c><v>2</v></c></row>")
    yield "17 digits.xlsx", "read|12345678901234567", lambda: sheet(row(1, cell("A1", "12345678901234567")))
    yield "30000 sheets of one file.xlsx", "any", partial(_many_sheets, 30_000)
    yield (
        "10000 joined columns.xlsx",
        "read",
        lambda: sheet(b"".join(row(n, cell(f"XFD{n}", "1")) for n in range(1, 400))),
    )
    yield (
        "a million cells, all far right.xlsx",
        "any",
        lambda: sheet(b"".join(row(n, cell(f"XFD{n}", "1")) for n in range(1, 20_000))),
    )


def _many_sheets(number: int) -> bytes:
    from .document_files import sheets

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(number))
    xml = f'<workbook xmlns="{main}" xmlns:r="{OFFICE}relationships"><sheets>{rows}</sheets></workbook>'
    return remade(sheets, "xl/workbook.xml", xml.encode())


def show(fill: Callable[[object], object]) -> bytes:
    import pptx

    made, held = pptx.Presentation(), io.BytesIO()
    fill(made)
    made.save(held)
    return held.getvalue()


def _with_chart(made: object) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    slide = made.slides.add_slide(made.slide_layouts[5])  # type: ignore[attr-defined]
    slide.shapes.title.text = "Sales"
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["North", "South"]
    data.add_series("Boats sold", (17, 23))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(4), Inches(3), data)


def _hidden_slide(made: object) -> None:
    slide = made.slides.add_slide(made.slide_layouts[5])  # type: ignore[attr-defined]
    slide.shapes.title.text = "Not shown"
    slide._element.set("show", "0")


def _slides() -> Iterator[Case]:
    yield "chart.pptx", "read|Sales|Boats sold|17", partial(show, _with_chart)
    yield "hidden slide.pptx", "read|Not shown", partial(show, _hidden_slide)


CONTENTS = (_word, _sheets, _slides)
