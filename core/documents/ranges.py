"""Pages as a person writes them: "3-7, 9, 12-" (to the end). Pure."""

from __future__ import annotations

import re

from .kinds import fault

MOST_RANGES = 100
_RANGE = re.compile(r"(\d{1,7})?\s*(?:([-–—~〜至])\s*(\d{1,7})?)?")


def parse(text: str, page_count: int) -> frozenset[int]:
    """The page numbers; all of them where nothing is written.

    Raises BlockedInput (code `pages`) for what is no page of this document.
    """
    text = re.sub(r"\s*([-–—~〜至])\s*", r"\1", text.strip())
    if not text:
        return frozenset(range(1, page_count + 1))
    numbers: set[int] = set()
    pieces = [piece for piece in re.split(r"[,;，；、\s]+", text) if piece]
    for piece in pieces[:MOST_RANGES]:
        match = _RANGE.fullmatch(piece)
        if match is None or not (match[1] or match[3]):
            raise fault(f"“{piece[:20]}” is no page or range: write pages as in 3-7, 9.", "pages")
        first = int(match[1] or 1)
        last = int(match[3] or page_count) if match[2] else first
        if first < 1 or last < first:
            raise fault(f"“{piece[:20]}” is no page or range: write pages as in 3-7, 9.", "pages")
        if first > page_count or last > page_count:
            raise fault(f"The document ends at {page_count}: choose pages from 1 to {page_count}.", "pages")
        numbers.update(range(first, last + 1))
    if len(pieces) > MOST_RANGES:
        raise fault(f"At most {MOST_RANGES} ranges can be chosen: join some of them.", "pages")
    return frozenset(numbers)


def written(numbers: frozenset[int], page_count: int) -> str:
    """The same in its shortest form, "3-7, 9"; "" for all pages."""
    if len(numbers) == page_count:
        return ""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
