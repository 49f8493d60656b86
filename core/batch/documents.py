"""JSON as people upload it: a document that holds a list, one value per line, or values one after another. Pure.

values(text)    [(value, line)]; BadJson names the line that is not JSON
"""

from __future__ import annotations

import json
import re
from typing import Any

from . import shapes

LINE_END = re.compile(r"\r\n|\r|\n")
BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)  # NaN is nothing
Numbered = list[tuple[Any, int]]


class BadJson(ValueError):
    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line, self.why = line, why


def values(text: str) -> Numbered:
    records = _whole(text)
    if records is not None:
        return [(value, number) for number, value in enumerate(records, 1)]
    numbered: Numbered = []
    for number, line in enumerate(LINE_END.split(text), 1):
        if not line.strip():
            continue
        try:
            numbered.append((_value(line.strip()), number))
        except (ValueError, RecursionError) as error:
            if (others := _one_after_another(text)) is not None:
                return others
            raise BadJson(number, getattr(error, "msg", "")) from None
    return numbered


def _whole(text: str) -> list[Any] | None:
    """The records of a text that is one JSON document; None where it is one object per line, or broken."""
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        return shapes.records(_value(text.strip()))
    except (ValueError, RecursionError):
        return None


def _value(text: str) -> Any:
    return _DECODER.decode(text)


def _one_after_another(text: str) -> Numbered | None:
    """The values of a text that is neither a document nor one value per line, as people assemble them by hand."""
    text = text.strip()
    text = text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text
    numbered: Numbered = []
    at, line = 0, 1
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        numbered.append((value, line))
        between = BETWEEN.match(text, end)
        line += text.count("\n", at, at := between.end() if between else end)
    return numbered
