"""CSV for spreadsheets, without cells that they would run as formulas: the only writer of CSV files.

    "".join(lines(("name", "score"), [("=1+1", 7.5)]))

Spreadsheets recognise a formula by its first character, in any width, and some skip white space, control and invisible
characters before it. Such a cell, unless it is a plain number, gets an apostrophe in front.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

EMPTY_TEXT = object()  # a cell with an empty text, in quotes, where an empty cell is none at all
MARK = "\ufeff"  # by which spreadsheets know UTF-8
_FORMULA = "=+-@|%"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?%?")
_QUOTED = re.compile(r"[\",;\t\r\n\x00-\x1f\x7f]|^\s|\s$")
_SKIPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"})
_BLANK = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # invisible characters
_MINUS = "\u2010\u2011\u2012\u2013\u2014\u2212"


def lines(header: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file, line by line, beginning with the byte order mark by which spreadsheets recognise UTF-8."""
    yield MARK + row(header)
    yield from map(row, rows)


def row(cells: Iterable[object]) -> str:
    """One line of the file, its end included; None is an empty cell."""
    return ",".join(map(_written, cells)) + "\r\n"


def harmless(cell: object) -> object:
    """The cell, or a text in its place that no spreadsheet runs as a formula."""
    if cell is None:
        return ""
    if not isinstance(cell, str) or not cell or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if cell[0] in "\t\r\n" or _first_seen(cell) in _FORMULA + _MINUS else cell


def _first_seen(text: str) -> str:
    """The first visible character, in its normal width; a space where there is none."""
    for character in text:
        if unicodedata.category(character) not in _SKIPPED and character not in _BLANK:
            return unicodedata.normalize("NFKC", character)[:1] or " "
    return " "


def _written(cell: object) -> str:
    if cell is EMPTY_TEXT:
        return '""'
    text = str(harmless(cell))
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
