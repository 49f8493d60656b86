"""Footnotes of a text that is ready to draw: `[^1]` becomes a raised number, and each note stands on a line of its own.

Markdown's own footnotes would need the whole answer in one piece, and links of the model's making inside the page. Only
raised digits take the place of a mark, so nothing can come of it that was not there.
"""

from __future__ import annotations

import re

_MARK = re.compile(
    r"(?P<code>(?P<ticks>`+)(?:(?!(?P=ticks))[\s\S])*?(?P=ticks)(?!`))"
    r"|(?P<begin>(?:\A|\n)[ ]{0,3})?\\?\[\\?\^(?P<number>\d{1,3})\\?\](?!\()(?P<colon>\\?:[ \t]+)?"
)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_footnotes(text: str) -> str:
    """`text` is one block of Markdown from `core.safety.outgoing`."""
    return _MARK.sub(_drawn, text) if "^" in text and "[" in text else text


def _drawn(mark: re.Match[str]) -> str:
    if mark["code"]:
        return mark["code"]
    raised = f"⁽{mark['number'].translate(_RAISED)}⁾"
    if mark["begin"] is None or mark["colon"] is None:
        return (mark["begin"] or "") + raised + (mark["colon"] or "")
    return ("  \n" if mark.start() else "") + raised + " "
