"""PowerPoint: the texts, tables, figures of charts, comments and notes of each slide."""

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
MOST_SERIES, MOST_ROWS = 50, 1_000  # of a chart


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
        with suppress(Exception):  # as are comments and drawings
            texts += _beside(slide.part)
        yield DocumentPage(number, title, "\n".join(texts))


def _beside(part: Any) -> Iterator[str]:
    """The texts of diagrams (SmartArt) and of comments, which are parts of their own."""
    from defusedxml.ElementTree import fromstring

    for link in list(part.rels.values()):
        kind = link.reltype.rpartition("/")[2]
        if link.is_external or kind not in ("diagramData", "comments"):
            continue
        prefix = "Comment: " if kind == "comments" else ""
        for element in fromstring(link.target_part.blob).iter():
            tag = str(element.tag).rpartition("}")[2]
            if tag in (("p",) if kind == "diagramData" else ("text", "txBody")):
                text = " ".join("".join(element.itertext()).split())
                if text:
                    yield f"{prefix}{text}"


def _chart(chart: Any) -> Iterator[str]:
    """Its figures as a table: a row for each category."""
    with suppress(Exception):  # a kind of chart without categories
        if chart.has_title and chart.chart_title.has_text_frame:
            yield chart.chart_title.text_frame.text.strip()
    with suppress(Exception):
        for plot in chart.plots:
            series = list(plot.series)[:MOST_SERIES]
            rows = zip(list(plot.categories), *(each.values for each in series), strict=False)
            yield f"| | {' | '.join(each.name for each in series)} |"
            yield "|" + " --- |" * (len(series) + 1)
            for row in list(rows)[:MOST_ROWS]:
                yield f"| {' | '.join('' if value is None else str(value) for value in row)} |"


def _texts(shapes: Any, depth: int = 0) -> Iterator[str]:
    for shape in shapes:
        if getattr(shape, "shapes", None) is not None and depth < DEEPEST:
            yield from _texts(shape.shapes, depth + 1)
        elif getattr(shape, "has_table", False) and shape.has_table:
            for row in shape.table.rows:
                yield f"| {' | '.join(' '.join(cell.text.split()) for cell in row.cells)} |"
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            yield "\n".join(_chart(shape.chart))
        elif getattr(shape, "has_text_frame", False) and shape.has_text_frame:
            yield shape.text_frame.text.replace("\x0b", "\n").strip()
