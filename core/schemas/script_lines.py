"""The lines of pasted code: without comments and marks of lists, with quotes and colons of any keyboard. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .faults import BadSchema

PIECE = re.compile(
    r"\"{3}(?:.*?\"{3}|.*)|'{3}(?:.*?'{3}|.*)|\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?|#[^\n]*|(?<!:)//[^\n]*"
    r"|/\*(?:.*?\*/|.*)|\n|.",
    re.DOTALL,
)
BULLET = re.compile(r"(?:[-*•–]|\d+[.)])\s+")
CHOICES = re.compile(r"\n[ ]*(?=\|\s*[\"'\w\[{(])")  # TypeScript writes each choice in a line
PLAIN_SIGNS = str.maketrans(
    {"：": ":", "，": ",", "；": ";", "（": "(", "）": ")", "？": "?", "｜": "|", "\u00a0": " "}
)
PLAIN_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})
QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"?|[“”„][^“”„\n]*[“”]|‘[^‘’\n]*’")


@dataclass
class ScriptLine:
    number: int
    indent: int
    text: str
    comment: str = ""


def lines_of(text: str) -> Iterator[ScriptLine]:
    """The lines that say something; one with an open bracket goes on in the next."""
    plain = QUOTED.sub(_plainly_quoted, text.replace("\r\n", "\n"))
    lines = list(_joined(plain.replace("\t", "    ")))
    if lines and all(BULLET.match(line.text) for line in lines):
        for line in lines:
            line.text = BULLET.sub("", line.text, count=1)
    yield from lines


def _joined(text: str) -> Iterator[ScriptLine]:
    number, begun, words, comment, opened = 1, 1, "", "", 0
    if not text.lstrip().startswith("|"):
        text = CHOICES.sub(lambda match: " " * match[0].count("\n"), text)
    for match in PIECE.finditer(text + "\n"):
        piece = match[0]
        if piece == "\n" and opened <= 0:
            if words.strip():
                yield ScriptLine(begun, len(words) - len(words.lstrip()), words.strip().rstrip(",; "), comment)
            words, comment, opened = "", "", 0
            begun = number + 1
        elif piece.startswith(("#", "//")):
            comment = comment or piece.lstrip("#/ ").strip()
        elif not piece.startswith("/*"):
            words += " " if piece == "\n" else piece.translate(PLAIN_SIGNS) if len(piece) == 1 else piece
            opened += (piece in "([{") - (piece in ")]}") if len(piece) == 1 else 0
        number += piece.count("\n")
    if words.strip():
        raise BadSchema("end", begun)


def _plainly_quoted(match: re.Match[str]) -> str:
    quoted = match[0]
    return quoted if quoted.startswith('"') else quoted.translate(PLAIN_QUOTES)
