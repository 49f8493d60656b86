"""Values as people write them: JSON with comments and trailing commas, Python's and JavaScript's literals, bare words.

read(text)          the one value of a text
value_of(text)      a scalar of YAML: a number, a constant, or a text without quotes
"""

from __future__ import annotations

import json
import re
from typing import Any

from .faults import BadSchema

DEEPEST = 60
PIECE = re.compile(
    r"""(?P<gap>[\s\ufeff]+|//[^\n]*|\#[^\n]*|/\*(?:.*?\*/|.*))
    |"(?P<double>(?:[^"\\\n]|\\.)*+)"|'(?P<single>(?:[^'\\\n]|\\.)*+)'|[“”„](?P<curled>[^“”„\n]*)[“”]|[‘’](?P<curl>[^‘’\n]*)’
    |(?P<word>[^\s{}\[\],:;"'“”„‘’\#=()]+)|(?P<sign>[{}\[\],:;=()])|(?P<other>["'].*|.)""",
    re.VERBOSE | re.DOTALL,
)
CONSTANTS: dict[str, Any] = {
    "true": True, "True": True, "false": False, "False": False, "null": None, "None": None, "undefined": None,
    "~": None,
}  # fmt: skip
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")


def read(text: str) -> Any:
    """Raises BadSchema with code "json"."""
    reader = _Reader(text)
    value = reader.value(0)
    reader.ended()
    return value


def value_of(word: str) -> Any:
    if word in CONSTANTS:
        return CONSTANTS[word]
    return json.loads(word) if NUMBER.fullmatch(word) else word


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces = [match for match in PIECE.finditer(text) if match.lastgroup != "gap"]
        self._place = 0

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise BadSchema("deep", self._line(), str(DEEPEST))
        kind, word = self._next()
        if kind in ("double", "single", "curled", "curl"):
            return _text(kind, word)
        if kind == "word":
            return value_of(word)
        if word == "{":
            return self._object(depth + 1)
        if word in ("[", "("):
            return self._list({"[": "]", "(": ")"}[word], depth + 1)
        raise self._wrong("a value")

    def ended(self) -> None:
        while self._takes(";") or self._takes(","):
            pass
        if self._place < len(self._pieces):
            self._place += 1
            raise self._wrong("nothing more")

    def _object(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not self._takes("}"):
            kind, word = self._next()
            if kind in ("sign", "other", ""):
                raise self._wrong("a name")
            name = _text(kind, word) if kind != "word" else word
            if not self._takes(":"):
                self._place += 1
                raise self._wrong("a colon")
            made[name] = self.value(depth)
            if not self._takes(",") and not self._sees("}"):
                self._place += 1
                raise self._wrong("a comma or }")
        return made

    def _list(self, closing: str, depth: int) -> list[Any]:
        made = []
        while not self._takes(closing):
            made.append(self.value(depth))
            if not self._takes(",") and not self._sees(closing):
                self._place += 1
                raise self._wrong(f"a comma or {closing}")
        return made

    def _next(self) -> tuple[str, str]:
        self._place += 1
        if self._place > len(self._pieces):
            return "", ""
        match = self._pieces[self._place - 1]
        kind = match.lastgroup or ""
        return kind, match[kind] if kind else ""

    def _sees(self, sign: str) -> bool:
        return self._place < len(self._pieces) and self._pieces[self._place]["sign"] == sign

    def _takes(self, sign: str) -> bool:
        if self._sees(sign):
            self._place += 1
            return True
        return False

    def _line(self) -> int:
        place = self._pieces[self._place - 1].start() if 0 < self._place <= len(self._pieces) else len(self._text)
        return self._text.count("\n", 0, place) + 1

    def _wrong(self, expected: str) -> BadSchema:
        return BadSchema("json", self._line(), f"Expecting {expected}")


def _text(kind: str, inner: str) -> str:
    if kind == "single":
        inner = inner.replace("\\'", "'").replace('"', '\\"')
    if kind in ("curled", "curl"):
        return inner
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return inner
