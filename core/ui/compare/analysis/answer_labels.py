"""A judge's letters in its reasons: it saw the answers in a chance order, the page calls them by their columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ....insight.judging import LETTERS

_NAMED = re.compile(r"((?:\b[Aa]nswers?|\b[Rr]esponse|回答|答案)\s?)([A-Z])(?:-[0-9a-f]{8})?(?![A-Za-z])")
_SEALED = re.compile(r"(?<![\w-])([A-Z])-[0-9a-f]{8}(?![\w-])")


def in_our_labels(reason: str, letters: Sequence[str]) -> str:
    """ "Answer B" means the judge's B: `letters` are what its A, B, C are called here, "" for one that is gone."""

    def ours(match: re.Match[str]) -> str:
        at = LETTERS.index(match[2])
        return f"{match[1]}{letters[at]}" if at < len(letters) and letters[at] else match[0]

    def called(match: re.Match[str]) -> str:
        at = LETTERS.index(match[1])
        return letters[at] if at < len(letters) and letters[at] else match[0]

    return _SEALED.sub(called, _NAMED.sub(ours, reason))
