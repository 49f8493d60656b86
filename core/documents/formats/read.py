"""What a reader hands back, and pieces of a text that has no pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..bounds import Budget
from ..reading import Page, Unit

PIECE = 3_000  # characters: about a printed page
WHOLE = 12_000  # a shorter text is one piece


@dataclass(frozen=True, slots=True)
class Read:
    unit: Unit
    pages: Iterable[Page]
    page_count: int


def in_parts(text: str, budget: Budget) -> Read:
    """A text without pages as parts of about a page, cut at the ends of paragraphs or lines."""
    text = budget.taken(text.strip("\n"))
    budget.chars = 0  # counted again page by page
    cuts = [0]
    while len(text) > WHOLE and len(text) - cuts[-1] > PIECE * 3 // 2:
        least, most = cuts[-1] + PIECE // 2, cuts[-1] + PIECE
        at = next(
            (found + len(end) for end in ("\n\n", "\n", " ") if (found := text.rfind(end, least, most)) > 0), most
        )
        cuts.append(at)
    ends = [*cuts[1:], len(text)]
    parts = [Page(number, "", text[start:end]) for number, (start, end) in enumerate(zip(cuts, ends, strict=True), 1)]
    return Read("part", [part for part in parts if budget.takes(part.number)], len(parts))
