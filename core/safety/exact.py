"""Text as Markdown that shows exactly these characters: no mark in it has a meaning, no link, emoji or symbol comes of
it. For pieces of an answer that are shown apart from their Markdown: a sentence that was found, a word that differs."""

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
    known = _JOINED.sub(BREAK, cleaned(text)[0])
    known = _LEADING.sub(lambda found: HARD * len(found[0].expandtabs(4)), known)
    known = _SPACES.sub(lambda found: " " + HARD * (len(found[0]) - 1), known)
    return _MARK.sub(r"\\\g<0>", known).replace("\n", "  \n")
