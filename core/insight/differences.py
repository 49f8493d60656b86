"""The word-by-word difference of two texts: a list of pieces that are in both, only left, or only right.

Words are runs of letters, numbers with their separators, single Chinese, Japanese or Korean characters, and single
marks; white space goes along as it is. The fewest words to take away and add are found by rapidfuzz. What two texts
share only by chance (a lone "the" between two long changes) is then taken for changed as well, so that a person can
read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["same", "gone", "new"]
MOST_CHARS = 40_000
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
    r"|\d+(?:[.,:]\d+)*|(?:(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff])[^\W\d_])+(?:['’]\w{1,2}\b)?"
    r"|\n|[^\S\n]+|."
)


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """`gone` is only in the left text, `new` only in the right one."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The pieces in their order: without the new ones they are the left text, without the gone ones the right one.

    `alike` is the share (0 to 1) of the words of both that are in both, None where there are none. `cut`: a text was
    longer than `MOST_CHARS`; its end is left out.
    """

    pieces: tuple[DiffPiece, ...]
    alike: float | None
    cut: bool = False


def words(text: str) -> list[str]:
    """The text in its smallest pieces, white space included."""
    pieces: list[str] = _WORD.findall(text)
    return pieces


def differences(left: str, right: str) -> Difference:
    """Compare two texts; lines end with a newline."""
    from rapidfuzz.distance import Indel

    left_words, right_words = words(left[:MOST_CHARS]), words(right[:MOST_CHARS])
    pieces: list[DiffPiece] = []
    same = 0
    for code in Indel.opcodes(left_words, right_words):
        if code.tag == "equal":
            both = left_words[code.src_start : code.src_end]
            same += sum(1 for word in both if not word.isspace())
            pieces.append(DiffPiece("same", "".join(both)))
            continue
        if code.src_end > code.src_start:
            pieces.append(DiffPiece("gone", "".join(left_words[code.src_start : code.src_end])))
        if code.dest_end > code.dest_start:
            pieces.append(DiffPiece("new", "".join(right_words[code.dest_start : code.dest_end])))
    count = sum(1 for word in (*left_words, *right_words) if not word.isspace())
    cut = max(len(left), len(right)) > MOST_CHARS
    readable = _joined(_joined(pieces, gaps=True), gaps=False)
    return Difference(tuple(readable), 2 * same / count if count else None, cut)


def _joined(pieces: Sequence[DiffPiece], *, gaps: bool) -> list[DiffPiece]:
    """The pieces with chance matches taken for changes: mere gaps, else what is shorter than the changes around it."""
    out: list[DiffPiece] = []
    gone = new = ""
    for place, piece in enumerate(pieces):
        if piece.kind == "gone":
            gone += piece.text
            continue
        if piece.kind == "new":
            new += piece.text
            continue
        size, around = _size(piece.text), min(max(_size(gone), _size(new)), _change_at(pieces, place + 1))
        if around and "\n" not in piece.text and (size == 0 if gaps else size < around):
            gone, new = gone + piece.text, new + piece.text
            continue
        out += [*_changes(gone, new), piece]
        gone = new = ""
    return [*out, *_changes(gone, new)]


def _changes(gone: str, new: str) -> list[DiffPiece]:
    return [piece for piece in (DiffPiece("gone", gone), DiffPiece("new", new)) if piece.text]


def _change_at(pieces: Sequence[DiffPiece], place: int) -> int:
    """The size of the change that begins here, 0 where none does."""
    sizes = [0]
    for piece in pieces[place : place + 2]:
        if piece.kind == "same":
            break
        sizes.append(_size(piece.text))
    return max(sizes)


def _size(text: str) -> int:
    """How many characters a person sees of it."""
    return len(text) - sum(map(str.isspace, text))
