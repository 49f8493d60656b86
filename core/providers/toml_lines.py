"""Line numbers in a TOML file, so that each fault names its line; a broken file is read table by table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

_HEADING = re.compile(r"""\s*\[\[?\s*["']?([\w-]+)["']?\s*(?:\.\s*["']?([\w-]+))?""")
_BROKEN = "not valid TOML, left out"


@dataclass(slots=True)
class ParsedTables:
    """`tables`: name to (value, line of its heading); value None: it does not parse. `faults`: (line, sentence)."""

    tables: dict[str, tuple[Any, int]] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)


def tables(text: str) -> ParsedTables:
    """The top-level tables of a file."""
    lines = text.splitlines()
    result = ParsedTables()
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        for first, name, piece in _pieces(lines):
            _read_piece(result, first, name, piece)
        return result
    starts = {name: first for first, name, _ in reversed(list(_pieces(lines))) if name}
    result.tables = {name: (value, starts.get(name, 1)) for name, value in document.items()}
    return result


def line_of(path: str, lines: list[str], first: int) -> int:
    """The line of the field that `path` ("limits[2].amount") begins with, or `first`, its table's heading."""
    name = re.split(r"[.\[]", path)[0]
    for number, line in enumerate(lines[first:], first + 1):
        heading = _HEADING.match(line)
        if heading and not heading[2]:
            break
        if name and ((heading and heading[2] == name) or re.match(rf"\s*{re.escape(name)}\s*[=.]", line)):
            return number
    return first


def _read_piece(result: ParsedTables, first: int, name: str, piece: str) -> None:
    try:
        parsed = tomllib.loads(piece, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        result.faults.append((first - 1 + (int(line[1]) if line else piece.count("\n") + 1), _BROKEN))
        parsed = {name: None} if name else {}
    for key, value in parsed.items():
        if key in result.tables:
            result.faults.append((first, "this table was written before, the first one counts"))
        else:
            result.tables[key] = value, first


def _pieces(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """(first line, name, text) of the part before the first table, then of each table with its subtables."""
    first, name, collected = 1, "", list[str]()
    for number, line in enumerate(lines, 1):
        heading = _HEADING.match(line)
        if heading and not (heading[2] and heading[1] == name):
            yield first, name, "\n".join(collected)
            first, name, collected = number, heading[1], []
        collected.append(line)
    yield first, name, "\n".join(collected)
