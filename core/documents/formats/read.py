"""What a reader hands back, and pieces of a text that has no pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..bounds import ReadingBounds
from ..reading import DocumentPage, Unit

PIECE = 3_000  # characters: about a printed page
WHOLE = 12_000  # a shorter text is one piece


@dataclass(frozen=True, slots=True)
class FoundPages:
    unit: Unit
    pages: Iterable[DocumentPage]
    page_count: int


def in_parts(text: str, budget: ReadingBounds) -> FoundPages:
    """A text without pages as parts of about a page, cut at the ends of paragraphs or lines."""
    text = budget.cut_to_room(text.strip("\n"))
    budget.chars = 0  # counted again page by page
    cuts = [0]
    while len(text) > WHOLE and len(text) - cuts[-1] > PIECE * 3 // 2:
        least, most = cuts[-1] + PIECE // 2, cuts[-1] + PIECE
        at = next(
            (breaks + len(end) for end in ("\n\n", "\n", " ") if (breaks := text.rfind(end, least, most)) > 0), most
        )
        cuts.append(at)
    spans = enumerate(zip(cuts, [*cuts[1:], len(text)], strict=True), 1)
    parts = [DocumentPage(number, "", text[start:end]) for number, (start, end) in spans]
    return FoundPages("part", [part for part in parts if budget.takes(part.number)], len(parts))
