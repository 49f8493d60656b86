"""What was read of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Unit = Literal["page", "slide", "sheet", "chapter", "part"]
MARKED: Sequence[Unit] = ("page", "slide", "sheet", "chapter")  # a part is only a piece of a text that has no pages
SAID = {"page": "Page", "slide": "Slide", "sheet": "Sheet", "chapter": "Chapter"}


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A page, slide, sheet or chapter, counted from 1; `label` is its title or name, "" where it has none.
    `is_picture`: it shows something, and has no text."""

    number: int
    label: str
    text: str
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class DocumentText:
    """The pages that were read, of `page_count`.

    `left_out`: why not all that was asked for was read: "time", "size" (more text than is taken), "" if it was.
    `is_pictures`: its pages have no text, as those of a scan.
    """

    kind: str
    media_type: str
    unit: Unit
    pages: tuple[DocumentPage, ...]
    page_count: int
    left_out: str = ""
    is_pictures: bool = False

    @property
    def text(self) -> str:
        """All pages as one text. Numbers of pages, slides, sheets and chapters stand above them."""
        if self.unit not in MARKED or (self.page_count == 1 and self.unit == "page"):
            return "\n\n".join(page.text for page in self.pages)
        return "\n\n".join(
            f"[{self._heading(page)}]\n{page.text}"
            for page in self.pages
            if page.text or page.label or (page.is_picture and not self.is_pictures)
        )

    @property
    def pictures(self) -> frozenset[int]:
        """The pages that have no text, where others have."""
        return frozenset(page.number for page in self.pages if page.is_picture and not self.is_pictures)

    @property
    def has_pages(self) -> bool:
        """Whether pages can be chosen."""
        return self.page_count > 1

    def only(self, numbers: frozenset[int]) -> DocumentText:
        """The same with these pages alone."""
        pages = tuple(page for page in self.pages if page.number in numbers)
        return DocumentText(
            self.kind, self.media_type, self.unit, pages, self.page_count, self.left_out, self.is_pictures
        )

    def lacks(self, numbers: frozenset[int]) -> bool:
        """Whether some of these pages were not read."""
        return not numbers <= {page.number for page in self.pages}

    def _heading(self, page: DocumentPage) -> str:
        named = f"{SAID[self.unit]} {page.number}"
        if page.is_picture and not self.is_pictures:
            return f"{named} is a picture, which was not read"
        return f"{named}: {page.label}" if page.label else named
