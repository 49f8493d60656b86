"""Translates a judge's letters to the columns': it saw the answers in random order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ....insight.judging import LETTERS

_NAMED = re.compile(r"((?:\b[Aa]nswers?|\b[Rr]esponse|回答|答案)\s?)([A-Z])(?:-[0-9a-f]{8})?(?![A-Za-z])")
_SEALED = re.compile(r"(?<![\w-])([A-Z])-[0-9a-f]{8}(?![\w-])")


def in_our_labels(reason: str, letters: Sequence[str]) -> str:
    """`letters` are the columns of the judge's A, B, C; "" for a removed column."""

    def named_label(match: re.Match[str]) -> str:
        index = LETTERS.index(match[2])
        return f"{match[1]}{letters[index]}" if index < len(letters) and letters[index] else match[0]

    def sealed_label(match: re.Match[str]) -> str:
        index = LETTERS.index(match[1])
        return letters[index] if index < len(letters) and letters[index] else match[0]

    return _SEALED.sub(sealed_label, _NAMED.sub(named_label, reason))
