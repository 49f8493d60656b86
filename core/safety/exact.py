"""Text as Markdown that shows exactly these characters: no markup, link, emoji or symbol. For pieces of an answer that
are shown outside their Markdown: a search result, a word that differs."""

from __future__ import annotations

import re

from .address import BREAK
from .characters import cleaned

_MARK = re.compile(r"[!-/:-@\[-`{-~]")
_JOINED = re.compile(r"(?<=[:<>=~+.-])(?=[<>=~+.:-])|(?<=:)(?=[\w/])|(?<=www)(?=\.)|(?<=\S)(?=@)", re.IGNORECASE)
_LEADING = re.compile(r"(?:(?<=\n)|\A)[ \t]+")
_SPACES = re.compile(r" {2,}")
HARD = "\u00a0"  # a space that Markdown does not swallow


def exact(text: str) -> str:
    """The text as Markdown within one paragraph; a newline becomes a line break. White space is kept as it is."""
    escaped = _JOINED.sub(BREAK, cleaned(text)[0])
    escaped = _LEADING.sub(lambda spaces: HARD * len(spaces[0].expandtabs(4)), escaped)
    escaped = _SPACES.sub(lambda spaces: " " + HARD * (len(spaces[0]) - 1), escaped)
    return _MARK.sub(r"\\\g<0>", escaped).replace("\n", "  \n")
