"""How far two answers of one model differ: their similarity, and where they first diverge."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0eff"
WORD = re.compile(rf"[{DENSE}]|[^\s\W{DENSE}]+|[^\w\s]")
WORDS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Drift:
    """`alike` is 0 to 1; `shared` counts the words that are the same from the start. `before` are the last of those,
    `first` and `second` what each says next; both empty where one text is the other."""

    alike: float
    shared: int
    before: str
    first: str
    second: str

    @property
    def same(self) -> bool:
        return not (self.first or self.second)


def drift(first: str, second: str, *, words_shown: int = WORDS_SHOWN) -> Drift:
    """Compare word by word (a character of a script without spaces is a word), space and line breaks aside.

    `alike` is the share of pairs of neighbouring words that both have, counted as often as both have them.
    """
    a, b = list(WORD.finditer(first)), list(WORD.finditer(second))
    shared = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x[0] != y[0]), min(len(a), len(b)))
    return Drift(
        alike=_alike([each[0] for each in a], [each[0] for each in b]),
        shared=shared,
        before=_piece(first, a, max(0, shared - words_shown), shared),
        first=_piece(first, a, shared, shared + words_shown),
        second=_piece(second, b, shared, shared + words_shown),
    )


def _alike(a: list[str], b: list[str]) -> float:
    """Dice's coefficient of the pairs of neighbours; an end counts as a neighbour, so that one word has pairs too."""
    if a == b:
        return 1.0
    pairs, others = Counter(_pairs(a)), Counter(_pairs(b))
    return 2 * (pairs & others).total() / (pairs.total() + others.total())


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    return zip(["", *words], [*words, ""], strict=True)


def _piece(text: str, words: list[re.Match[str]], start: int, end: int) -> str:
    """The text from one word to another, in one line."""
    part = words[start:end]
    return " ".join(text[part[0].start() : part[-1].end()].split()) if part else ""
