"""Facts of a Markdown text before it is read token by token: where its lines end, and what affects code and tags."""

from __future__ import annotations

import re
from operator import or_
from typing import NamedTuple

_TABLE = re.compile(r"^(?=[^\n]*[|:])(?=[^\n]*-)[ \t>*+\d.)|:-]++$", re.MULTILINE)
_RUN = re.compile(r"`++")
_GLUED = re.compile(r"(?<!`)www\.[^\s`]*`", re.IGNORECASE)
_DEFINING = re.compile(r"^[ \t>*+\-\d.)]*+\[", re.MULTILINE)
WRAPPED_CHARS = 66  # a line that is longer was wrapped by its writer's editor, not ended
_QUOTE = re.compile(r" {0,3}>(?: {0,3}>)*+ ?")
# A line that begins a block of its own, or underlines the one above.
BLOCK = re.compile(
    r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)|\#{1,6}(?:[ \t]|$)|[>|]|`{3}|~{3}|=+[ \t]*$|-+[ \t]*$|\[\^?[^\]]+\]:)"
    r"|[-*_ \t]{3,}$"
)


def with_line_ends(text: str) -> str:
    """Keep the lines of a verse, an address or a list without markers: where a short line ends, Markdown breaks it
    too."""
    if "\n" not in text or _TABLE.search(text):
        return text
    lines = text.split("\n")
    _end_lines(lines, in_maths=False)
    return "\n".join(lines)


def _end_lines(lines: list[str], *, in_maths: bool) -> bool:
    """End all lines but the last; returns whether a formula is open there."""
    for at, line in enumerate(lines[:-1]):
        in_maths ^= line.count("$$") % 2 == 1 or (line.count("\\[") != line.count("\\]"))
        if in_maths or not line.strip() or not lines[at + 1].strip() or line.endswith(("  ", "\\")):
            continue
        line, below = _unquoted(line, lines[at + 1])
        if not line.strip() or not below.strip() or len(line.rstrip()) > WRAPPED_CHARS:
            continue
        if line.lstrip().startswith("#") or BLOCK.match(below):
            continue
        lines[at] = f"{lines[at].rstrip()}  "
    return in_maths


def _unquoted(line: str, below: str) -> tuple[str, str]:
    """Both without the marks of the quotation that they share."""
    first, second = _QUOTE.match(line), _QUOTE.match(below)
    if first and second and first[0].count(">") == second[0].count(">"):
        return line[first.end() :], below[second.end() :]
    return line, below


class LineEndsSoFar:
    """`with_line_ends` of a growing text; a line with another whole one below it is read once."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._read = self._ended = ""
        self._in_maths = self._table = False

    def update(self, text: str) -> str:
        if not text.startswith(self._read):
            self._begin()
        last = text.rfind("\n")
        if last < 0 or self._table:
            return text
        if _TABLE.search(text, len(self._read)):
            if _TABLE.search(text, len(self._read), last):  # in a line that is whole: it stays one
                self._read, self._table = text[:last], True
            return text
        whole = text.rfind("\n", 0, last) + 1
        if whole > len(self._read):
            lines = text[len(self._read) : last].split("\n")
            self._in_maths = _end_lines(lines, in_maths=self._in_maths)
            self._ended += "".join(f"{line}\n" for line in lines[:-1])
            self._read = text[:whole]
        lines = text[len(self._read) :].split("\n")
        _end_lines(lines, in_maths=self._in_maths)
        return self._ended + "\n".join(lines)


class DocumentContext(NamedTuple):
    """Facts from anywhere in a text that affect how its inline code and its tags are read."""

    cells: bool = False  # a table
    glued: bool = False  # a bare address that runs into a backtick
    defines: bool = False  # a line that begins with a bracket


NO_MARKS = DocumentContext()


def marks_of(text: str, start: int = 0, end: int | None = None) -> DocumentContext:
    """The context matters for inline code and tags only, so a text with neither has none."""
    if not may_matter(text):
        return NO_MARKS
    end = len(text) if end is None else end
    return DocumentContext(*(pattern.search(text, start, end) is not None for pattern in (_TABLE, _GLUED, _DEFINING)))


def may_matter(text: str) -> bool:
    return "`" in text or "<" in text


class MarksSoFar:
    """The marks of a growing text; a line that is whole is read once."""

    def __init__(self) -> None:
        self._text, self._marks = "", NO_MARKS

    def update(self, text: str) -> DocumentContext:
        if not may_matter(text):
            return NO_MARKS
        if not text.startswith(self._text):
            self._text, self._marks = "", NO_MARKS
        line = text.rfind("\n") + 1
        if line > len(self._text):
            self._marks = DocumentContext(*map(or_, self._marks, marks_of(text, len(self._text), line)))
            self._text = text[:line]
        return DocumentContext(*map(or_, self._marks, marks_of(text, line)))


def closers_of(text: str, at: int) -> dict[int, int | None]:
    """Where each run of backticks would end its code span: start of the run -> end of the next run of that length.

    Only runs from `at` on.
    """
    if text.find("`", at) < 0:
        return {}
    closers: dict[int, int | None] = {}
    later: dict[int, int] = {}
    for run in reversed(list(_RUN.finditer(text, at))):
        length = run.end() - run.start()
        closers[run.start()] = later.get(length)
        later[length] = run.end()
    return closers
