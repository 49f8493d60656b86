"""Pictures of questions and answers in the files of a comparison: in the page itself, by name in tables."""

from __future__ import annotations

import base64
import csv
import io
import json
from dataclasses import replace

import pytest

from core.records import Picture
from core.report import files
from core.report.files import ReportFiles
from core.report.page import page
from core.report.tables import markdown, table, whole
from core.views.comparison import Comparison
from core.views.conversation import Attached, File
from tests.workspace.test_report import answered, columns, comparison

ASKED, MADE = "a" * 64, "b" * 64
DATA = {ASKED: b"asked", MADE: b"made"}


def with_pictures(size_bytes: int = 4, name: str = "plan.png", media_type: str = "image/png") -> Comparison:
    """Two columns, asked with one picture; the second has answered with another."""
    run = comparison("Words", "Here it is")
    attached = (Attached("cat.png", "image/png", 5, ASKED, width=640, height=480),)
    part = Picture(media_type, sha256=MADE, name=name, size_bytes=size_bytes, width=30, height=20)
    first, second = (lane.turns[0] for lane in run.lanes)
    drawn = replace(answered("1", "Here it is", parts=(part,)), attached=attached)
    turns = (replace(first, attached=attached), drawn)
    assert first.question_id != second.question_id
    return replace(run, lanes=tuple(replace(lane, turns=(turn,)) for lane, turn in zip(run.lanes, turns, strict=True)))


def source(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def test_the_page_holds_each_picture_once() -> None:
    run = with_pictures()
    html = page(run, columns(run), files=ReportFiles(data_of=DATA))
    assert (html.count("<img "), html.count(source(b"asked")), html.count(source(b"made"))) == (2, 1, 1)
    assert html.index(source(b"asked")) < html.index("Words") < html.index(source(b"made"))
    assert "img-src data:" in html


@pytest.mark.parametrize(("size_bytes", "hashes"), [(4, [ASKED, MADE]), (files.MOST_BYTES, [ASKED])])
def test_what_does_not_fit_the_page_is_named(size_bytes: int, hashes: list[str]) -> None:
    run = with_pictures(size_bytes)
    assert files.wanted(run) == hashes
    html = page(run, columns(run), files=ReportFiles(data_of={name: DATA[name] for name in hashes}))
    assert ("plan.png (30 × 20)" in html) == (MADE not in hashes)
    assert html.count("<img ") == len(hashes)


def test_an_svg_is_never_drawn_and_a_name_is_no_tag() -> None:
    run = with_pictures(name='"><script>x</script>', media_type="image/svg+xml")
    assert files.wanted(run) == [ASKED]
    html = page(run, columns(run), files=ReportFiles(data_of=DATA))
    assert "svg+xml;base64" not in html
    assert "<script>" not in html
    hostile = with_pictures(name='" onerror="x')
    assert 'alt="&quot; onerror=&quot;x"' in page(hostile, columns(hostile), files=ReportFiles(data_of=DATA))


def test_tables_name_them() -> None:
    run = with_pictures()
    rows = list(csv.DictReader(io.StringIO(table(run, columns(run)).lstrip("\ufeff"))))
    assert [(row["files"], row["pictures"]) for row in rows] == [
        ("cat.png (640 × 480)", ""),
        ("cat.png (640 × 480)", "plan.png (30 × 20)"),
    ]
    line = markdown(run, columns(run)).splitlines()[4]
    assert "cat.png (640 × 480)" in line
    assert "plan.png (30 × 20)" in line
    [turn] = json.loads(whole(run, columns(run)))["turns"]
    cat = {"name": "cat.png", "media_type": "image/png", "sha256": ASKED, "size_bytes": 5, "width": 640, "height": 480}
    assert turn["files"] == [cat]
    assert [len(answer.get("pictures", ())) for answer in turn["answers"]] == [0, 1]


def test_tables_without_pictures_have_no_columns_for_them() -> None:
    run = comparison("a", "b")
    assert not {"files", "pictures"} & set(table(run, columns(run)).splitlines()[0].lstrip("\ufeff").split(","))


def test_the_files_of_a_question_are_named_where_one_column_was_asked_without_them() -> None:
    run = with_pictures()
    [turn] = run.lanes[1].turns
    run = replace(run, lanes=(run.lanes[0], replace(run.lanes[1], turns=(replace(turn, attached=()),))))
    rows = list(csv.DictReader(io.StringIO(table(run, columns(run)).lstrip("\ufeff"))))
    assert {row["files"] for row in rows} == {"cat.png (640 × 480)"}


def with_document(pages: str, text: str = "<b>Ebb</b> & flow") -> tuple[Comparison, ReportFiles]:
    run = comparison("Words")
    document = File("plan.pdf", text, "application/pdf", "c" * 64, 9, pages=pages, page_count=12)
    attached = (Attached("plan.pdf", "application/pdf", 9, "c" * 64, pages=pages, page_count=12),)
    [lane] = run.lanes
    run = replace(run, lanes=(replace(lane, turns=(replace(lane.turns[0], attached=attached),)),))
    return run, ReportFiles({1: [document]})


def test_the_page_holds_what_was_read_of_a_document() -> None:
    run, report_files = with_document("3-7")
    html = page(run, columns(run), files=report_files)
    assert '<summary>plan.pdf (pages 3–7)</summary><pre tabindex="0">&lt;b&gt;Ebb&lt;/b&gt; &amp; flow</pre>' in html
    assert '<p class="dim">plan.pdf (pages 3–7)</p>' in page(run, columns(run))
    assert "plan.pdf (pages 3–7)" in markdown(run, columns(run))
    assert "plan.pdf (pages 3–7)" in table(run, columns(run))
    [turn] = json.loads(whole(run, columns(run), files=report_files))["turns"]
    assert [(file["text"], file["pages"], file["page_count"]) for file in turn["files"]] == [
        ("<b>Ebb</b> & flow", "3-7", 12)
    ]
    run, report_files = with_document("1-12", "x" * (files.MOST_CHARS + 1))
    html = page(run, columns(run), files=report_files)
    assert "<summary>plan.pdf</summary>" in html
    assert f"{'x' * files.MOST_CHARS}…</pre>" in html
