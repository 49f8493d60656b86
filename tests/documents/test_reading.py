"""A sample of `bench.document_files` through one worker, which is replaced only when a file was too much for it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench import document_files as made
from bench import document_texts as texts
from bench.document_damage import TEXT
from core.documents import ranges, worker
from core.documents.formats.web import STYLED_TAGS, markdown
from core.documents.process import DocumentReader
from core.errors import BlockedInput

NAMES = {
    "3 pages.pdf",
    "scan of 1.pdf",
    "only printing is forbidden.pdf",
    "noise.pdf",
    "by hand.pdf",
    "zh.docx",
    "table.docx",
    "entity bomb.docx",
    "outside entity.xlsx",
    "without its main part.pptx",
    "encrypted by Office.xlsx",
    "2 sheets.xlsx",
    "1 slides.pptx",
    "old.ppt",
    "1 chapters.epub",
    "protected.epub",
    "declares koi8.html",
    "nested 1000.html",
    "zh gb18030.txt",
    "blanks.txt",
    "zeros.txt",
    "1 cells.ipynb",
    "letters.rtf",
    "file.png",
    "empty.zip",
    "page named.docx",
    "open.odt",
    "chinese without characters.pdf",
    "chinese of Adobe's.pdf",
    "25000 members.docx",
    "link in it.docx",
    "notes alone.pptx",
    "scripts.epub",
    "table utf-16-be.csv",
    "table utf-32.csv",
}


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    reader = DocumentReader()
    yield reader
    reader.close()


def refusal(reader: DocumentReader, name: str, data: bytes, **options: object) -> BlockedInput:
    with pytest.raises(BlockedInput) as caught:
        reader.read(name, data, **options)  # type: ignore[arg-type]
    return caught.value


def test_each_file_comes_to_what_it_must_and_a_refusal_says_what_to_do(reader: DocumentReader) -> None:
    cases = [case for case in made.files() if case[0] in NAMES]
    assert {name for name, _, _ in cases} == NAMES
    for name, must, make in cases:
        if must in ("read", "pictures"):
            assert reader.read(name, make()).is_pictures == (must == "pictures"), name
        else:
            error = refusal(reader, name, make())
            assert (name, error.code) == (name, must)
            assert re.fullmatch(rf"{re.escape(name)} .*[^.]\.", str(error))


def test_pages_slides_sheets_and_chapters_keep_their_numbers(reader: DocumentReader) -> None:
    assert reader.read("a", made.pdf(3)).text.startswith("[Page 1]\nPage 1, line 1: Tides")
    assert reader.read("a", made.sheets(2, 3, 2)).text.count("[Sheet 2: Sheet 2]\n| Tides") == 1
    slides = reader.read("a", made.slides(2))
    assert slides.pages[1].label == "Slide 2"
    assert "Notes: Say 1" in slides.pages[1].text
    book = reader.read("a", texts.book(2))
    assert (book.unit, book.pages[1].number, book.pages[1].label) == ("chapter", 2, "Chapter 2")


def test_only_the_chosen_pages_are_read(reader: DocumentReader) -> None:
    reading = reader.read("a.pdf", made.pdf(9), pages=ranges.parse("2-3, 9", 9))
    assert [page.number for page in reading.pages] == [2, 3, 9]
    assert reading.page_count == 9


def test_a_word_file_keeps_headings_and_tables_and_a_long_text_comes_in_parts(reader: DocumentReader) -> None:
    text = reader.read("a.docx", made.word(2, table=True)).text
    assert text.startswith("# Tides\n\n1. Tides rise")
    assert "| 1/0 | 1/1 | 1/2 |" in text
    long = reader.read("a.txt", TEXT.encode() * 1_000)
    assert long.unit == "part"
    assert long.page_count > 10
    assert "".join(page.text for page in long.pages) == TEXT * 1_000


def test_a_page_of_many_tags_is_read_as_its_text_alone() -> None:
    html = "<html><head><title>no</title></head><!-- no --><p>a &lt;b&gt; &amp; 1 < 2</p><SCRIPT>no</script >"
    table = "<tr><td>x</td><td>y</td></tr>" * (STYLED_TAGS // 4)
    text = markdown(f"{html}<table>{table}</table><style>no")
    assert text.startswith("a <b> & 1 < 2\n")
    assert text.count("x\ty") == STYLED_TAGS // 4
    assert "no" not in text


def test_a_password_opens_a_pdf_and_a_wrong_one_is_told_apart(reader: DocumentReader) -> None:
    data = made.pdf(1, password="open sesame")
    assert "attach a copy that has none" in str(refusal(reader, "a.pdf", data))
    assert "does not open" in str(refusal(reader, "a.pdf", data, password="no"))
    assert "line 1" in reader.read("a.pdf", data, password="open sesame").text


def test_a_document_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    reader = DocumentReader(hard_s=0.001)
    assert refusal(reader, "a.pdf", made.pdf(2_000)).code == "too_slow"
    patient = DocumentReader()
    assert patient.read("a.txt", b"hello").text == "hello"
    patient.close()
    reader.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its bound")
def test_a_page_that_needs_more_than_a_gigabyte_ends_its_process_alone(reader: DocumentReader) -> None:
    page = made.raw_pdf(b"BT /F1 1 Tf 50 700 Td " + b"(word ) Tj " * 1_000_000 + b"ET", packed=True)
    assert refusal(reader, "a.pdf", page).code == "too_large"
    assert reader.read("a.txt", b"hello").text == "hello"


def test_the_app_imports_no_reader_of_documents_and_a_worker_gets_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    heavy = "pypdfium2 openpyxl pptx bs4 lxml markdownify defusedxml"
    code = f"import sys, core.documents.process; print([name for name in {heavy.split()} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
    monkeypatch.setenv("GROQ_API_KEY", "gsk_" + "x" * 40)
    reader = DocumentReader()
    reader.read("a.txt", b"hello")
    [worker] = reader._idle
    if sys.platform == "linux":
        with open(f"/proc/{worker._process.pid}/environ", "rb") as environment:
            assert b"GROQ" not in environment.read()
    reader.close()
    assert os.environ["GROQ_API_KEY"]


def test_a_missing_library_is_not_taken_for_a_broken_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    reply = worker.answer({"name": "a.pdf"}, made.pdf(1))
    assert (reply["code"], "lacks pypdfium2" in reply["error"]) == ("off", True)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("", {1, 2, 3, 4, 5, 6, 7, 8, 9}),
        ("3-5, 8", {3, 4, 5, 8}),
        ("3 – 5；8", {3, 4, 5, 8}),
        ("8-", {8, 9}),
        ("-2", {1, 2}),
        ("2，2 1", {1, 2}),
    ],
)
def test_ranges_of_pages(written: str, numbers: set[int]) -> None:
    assert ranges.parse(written, 9) == numbers


@pytest.mark.parametrize("written", ["0", "5-3", "x", "10", "3-12", "1.5", "-", "²"])
def test_what_is_no_page_is_told(written: str) -> None:
    with pytest.raises(BlockedInput, match=r"write pages as in|ends at 9"):
        ranges.parse(written, 9)


def test_a_choice_is_written_in_its_shortest_form() -> None:
    assert ranges.written(ranges.parse("3,4,5,9,1", 9), 9) == "1, 3-5, 9"
    assert ranges.written(ranges.parse("1-9", 9), 9) == ""
