"""The bounds of reading one document, counted while it is read."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

HARD_S = 20.0  # then the process is killed
SOFT_S = 12.0  # then what has been read is handed back
MOST_CHARS = 4_000_000  # about a million tokens: more than almost every model reads
MEMORY_BYTES = 1_000_000_000
UNPACKED_BYTES = 250_000_000
MEMBERS = 20_000


@dataclass
class ReadingBounds:
    """`wanted`: the pages to read, None for all."""

    wanted: frozenset[int] | None = None
    most_chars: int = MOST_CHARS
    until: float = field(default_factory=lambda: time.monotonic() + SOFT_S)
    chars: int = 0
    left_out: str = ""

    def takes(self, number: int) -> bool:
        return self.wanted is None or number in self.wanted

    def over(self, more: int = 0) -> bool:
        """Whether reading must end here, with `more` characters beside those counted."""
        if self.chars + more >= self.most_chars:
            self.left_out = "size"
        elif time.monotonic() > self.until:
            self.left_out = "time"
        return bool(self.left_out)

    def cut_to_room(self, text: str) -> str:
        """As much of this text as there is room for, counted."""
        room = self.most_chars - self.chars
        if len(text) > room:
            self.left_out, text = "size", text[:room]
        self.chars += len(text)
        return text
