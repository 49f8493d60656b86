"""Words of a document that a reader may lose, take from another letter, or refuse: those of `bench` that are small."""

from collections.abc import Iterator
from typing import Any

import pytest

from bench import document_letters, document_parts, document_pdfs
from bench.document_damage import OLE, Case
from bench.documents import comes_to
from core.documents import worker
from core.documents.reading import DocumentPage, DocumentText

LARGE = ("large", "0000", "MB", "closes itself")


def cases(module: object) -> Iterator[Case]:
    for group in module.CONTENTS:  # type: ignore[attr-defined]
        yield from (case for case in group() if "|" in case[1] and not any(word in case[0] for word in LARGE))


@pytest.mark.parametrize("module", [document_parts, document_pdfs, document_letters])
def test_the_words_of_each_come_out_in_their_order(module: object) -> None:
    wrong = []
    for name, must, make in cases(module):
        reply = worker.answer({"name": name}, make())
        reading = None if "error" in reply else _reading(reply)
        text = reading.text if reading else str(reply["error"])
        if not comes_to(must, "read" if reading else str(reply["code"]), text):
            wrong.append((name, must, text[:300]))
    assert wrong == []


def test_a_word_file_of_any_size_keeps_its_notes_tables_and_breaks() -> None:
    xml = document_parts.p("said[", "").replace("</w:r></w:p>", '<w:footnoteReference w:id="2"/></w:r></w:p>')
    tabs = "<w:p><w:r><w:t>left</w:t><w:tab/><w:t>right</w:t><w:br/><w:t>below</w:t></w:r></w:p>"
    data = document_parts.word_of(document_parts.many(xml + tabs), {"footnotes": document_parts.note("footnote")})
    text = _reading(worker.answer({"name": "a.docx"}, data)).text
    assert "left\tright\nbelow" in text
    assert text.endswith("[^1]: a note below")


def test_pages_that_are_pictures_are_told_apart_from_those_that_are_blank() -> None:
    reading = _reading(worker.answer({"name": "a.pdf"}, document_pdfs.mixed()))
    assert (reading.pictures, reading.is_pictures) == (frozenset([2, 3]), False)
    blank = _reading(worker.answer({"name": "a.pdf"}, document_pdfs.mixed().replace(b"/I Do", b"    q")))
    assert blank.pictures == frozenset()


def test_a_form_of_adobes_a_message_of_outlook_and_a_text_about_files_are_told_apart() -> None:
    assert "(XFA)" in worker.answer({"name": "a.pdf"}, document_pdfs.xfa())["error"]
    message = OLE + "__substg1.0_0037001F".encode("utf-16-le")
    assert "Outlook" in worker.answer({"name": "a.msg"}, message)["error"]
    assert _reading(worker.answer({"name": "a.py"}, b"SIGN = '%PDF-1.7'\n")).kind == "text"


def _reading(reply: dict[str, Any]) -> DocumentText:
    assert "error" not in reply, reply
    pages = tuple(DocumentPage(**page) for page in reply["pages"])
    return DocumentText(reply["kind"], "", reply["unit"], pages, reply["page_count"], "", reply["is_pictures"])
