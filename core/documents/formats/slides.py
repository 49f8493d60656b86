"""PowerPoint: the texts, tables and notes of each slide."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ..bounds import ReadingBounds
from ..reading import DocumentPage
from . import packed
from .read import FoundPages

DEEPEST = 20  # groups in groups


def read(name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    import pptx

    packed.opened(name, data).close()
    slides = pptx.Presentation(io.BytesIO(data)).slides
    return FoundPages("slide", _pages(slides, budget), max(len(slides), 1))


def _pages(slides: Any, budget: ReadingBounds) -> Iterator[DocumentPage]:
    for number, slide in enumerate(slides, 1):
        if not budget.takes(number):
            continue
        if budget.over():
            return
        title = ""
        with suppress(Exception):  # a slide without its layout
            title = " ".join(slide.shapes.title.text_frame.text.split()) if slide.shapes.title is not None else ""
        texts = [text for text in _texts(slide.shapes) if text and " ".join(text.split()) != title]
        with suppress(Exception):  # notes are a file of their own, which may be missing
            if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame.text.strip()):
                texts.append(f"Notes: {notes}")
        yield DocumentPage(number, title, "\n".join(texts))


def _texts(shapes: Any, depth: int = 0) -> Iterator[str]:
    for shape in shapes:
        if getattr(shape, "shapes", None) is not None and depth < DEEPEST:
            yield from _texts(shape.shapes, depth + 1)
        elif getattr(shape, "has_table", False) and shape.has_table:
            for row in shape.table.rows:
                yield f"| {' | '.join(' '.join(cell.text.split()) for cell in row.cells)} |"
        elif getattr(shape, "has_text_frame", False) and shape.has_text_frame:
            yield shape.text_frame.text.replace("\x0b", "\n").strip()
