"""`read_file`: what each kind of file becomes, and what is said of one that cannot be read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from core import BlockedInput, Document, Picture, Sound, local_files, read_file


def pdf(pages: int, password: str | None = None) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=password)
    for number in range(1, pages + 1):
        canvas.drawString(72, 720, f"This is page {number} of the report.")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_a_file_becomes_the_part_that_its_content_is(tmp_path: Path) -> None:
    picture, report, sound = tmp_path / "wide.txt", tmp_path / "report.pdf", tmp_path / "said.ogg"
    Image.new("RGB", (3000, 300), "navy").save(picture, "PNG")
    report.write_bytes(pdf(3))
    sound.write_bytes(b"OggS" + bytes(40))
    seen, whole, heard = read_file(picture), read_file(report), read_file(sound)
    assert isinstance(seen, Picture)
    assert (seen.name, seen.width, seen.height) == ("wide.txt", 2048, 205)
    assert isinstance(whole, Document)
    assert (whole.data, whole.pages, whole.page_count) == (report.read_bytes(), "", 3)
    assert (type(heard), heard.media_type) == (Sound, "audio/ogg")
    some = read_file(report, pages="2-3")
    assert isinstance(some, Document)
    assert (some.data, some.pages) == (b"", "2-3")
    assert "page 1 of" not in some.text
    assert "page 2 of" in some.text


def test_a_locked_document_needs_its_password_and_goes_as_text(tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    locked.write_bytes(pdf(1, "secret"))
    with pytest.raises(BlockedInput, match=r"locked\.pdf .*password"):
        read_file(locked)
    opened = read_file(locked, password="secret")
    assert isinstance(opened, Document)
    assert ("page 1 of" in opened.text, opened.data) == (True, b"")


def test_what_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, large = tmp_path / "broken.png", tmp_path / "large.bin"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    large.write_bytes(bytes(11))
    with pytest.raises(BlockedInput, match=r"broken\.png is broken"):
        read_file(broken)
    monkeypatch.setattr(local_files, "MOST_MB", 1e-5)
    with pytest.raises(BlockedInput, match=r"large\.bin is too large"):
        read_file(large)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "gone.pdf")
