"""Word: mammoth to HTML, then Markdown; paragraphs alone where the file is very large."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress

from ..bounds import ReadingBounds
from ..kinds import broken
from . import packed, web
from .read import FoundPages, in_parts

STYLED_BYTES = 3_000_000  # of document.xml: above, the styles would take too long
WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read(name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    import mammoth

    with packed.opened(name, data) as members:
        sizes = {member.filename: member.file_size for member in members.infolist()}
        main = "word/document.xml"
        if main not in sizes:
            raise broken(name)
        if sizes[main] <= STYLED_BYTES:
            no_pictures = mammoth.images.img_element(lambda _image: {})
            with suppress(RecursionError):  # nested too deep: its paragraphs alone
                html = mammoth.convert_to_html(io.BytesIO(data), convert_image=no_pictures).value
                return in_parts(web.markdown(html), budget)
        with members.open(main) as stream:
            return in_parts("\n\n".join(_paragraphs(stream, budget)), budget)


def _paragraphs(stream: object, budget: ReadingBounds) -> Iterator[str]:
    from defusedxml.ElementTree import iterparse

    chars = 0
    for _, element in iterparse(stream, events=("end",)):
        if element.tag != f"{WORDS}p":
            continue
        text = "".join(piece.text or "" for piece in element.iter(f"{WORDS}t"))
        element.clear()
        chars += len(text)
        if text:
            yield text
        if budget.over(chars):
            return
