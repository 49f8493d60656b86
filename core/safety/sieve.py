"""Removes keys from a text while it arrives in pieces: a key that is split between pieces is never shown whole.

    sieve = Sieve(["gsk_abc..."]); sieve.feed("It is gs"), sieve.feed("k_abc..."), sieve.close()

Only a possible beginning of a key is held back, and only from its fourth character on: the first three are shared by
all keys of a vendor. A text in which no key begins passes unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[key hidden]"
BEGINNING = 4
PIECE = 12


class Finder:
    """Finds where a key may begin; made once per set of keys."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = tuple(sorted(set(values), key=len, reverse=True))
        beginnings = sorted({value[:BEGINNING] for value in self.values})
        self.search = re.compile("|".join(map(re.escape, beginnings))).search


class Sieve:
    """One text as it arrives."""

    def __init__(self, finder: Finder) -> None:
        self._search = finder.search
        self._values = finder.values
        self._window = ""  # the last characters of the text, which may be the beginning of a key
        self._passed = 0  # how many of them were passed on
        self._held_from: int | None = None  # index in the window at which a key may begin

    def feed(self, text: str) -> str:
        """What can be shown now: the same string where nothing in it may be a key."""
        whole = self._window + text
        if self._search(whole) is not None:
            return self._sift(whole)
        self._window = whole[1 - BEGINNING :]
        self._passed = len(self._window)
        return text

    def close(self) -> str:
        """The rest, at the end of the text; a key that was cut by the end is hidden as well."""
        rest = self._window[self._passed :]
        begun = self._window[self._held_from :] if self._held_from is not None else ""
        self._window, self._passed, self._held_from = "", 0, None
        cut = any(value.startswith(begun) and len(begun) >= min(PIECE, len(value) // 2 + 1) for value in self._values)
        return HIDDEN if begun and cut else rest

    def _sift(self, whole: str) -> str:
        passed, shown = self._passed, []
        start = at = 0  # text before `start` is done with, text before `at` has been examined
        end, held = len(whole), False
        while not held and (match := self._search(whole, at)):
            begin = match.start()
            length, held = self._at(whole, begin)
            at = begin + (length or 1)
            if held:
                end = begin
            elif length:
                shown += [whole[max(start, passed) : begin], HIDDEN]
                start = at
        shown.append(whole[max(start, passed) : end])
        first = max(start, end - BEGINNING + 1)
        self._window = whole[first:]
        self._passed = max(end, passed, start) - first
        self._held_from = end - first if held else None
        return "".join(shown)

    def _at(self, whole: str, begin: int) -> tuple[int, bool]:
        """How many characters from here are a key or a long piece of one, and whether more text is needed to decide."""
        left, longest = len(whole) - begin, 0
        for value in self._values:
            if left < len(value) and value.startswith(whole[begin:]):
                return 0, True
            if whole.startswith(value, begin):
                longest = max(longest, len(value))
            elif len(value) >= 2 * PIECE and whole.startswith(value[:PIECE], begin):
                longest = max(longest, _shared(whole, begin, value))
        return longest, False


def _shared(whole: str, begin: int, value: str) -> int:
    """How many characters of the value match here."""
    return next((n for n, character in enumerate(value) if whole[begin + n : begin + n + 1] != character), len(value))
