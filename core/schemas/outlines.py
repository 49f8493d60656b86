"""Schemas written as an outline, as YAML has it: names with colons, indents, dashes. No anchors, no tags."""

from __future__ import annotations

import re
from typing import Any

from . import literals
from .faults import BadSchema

SURE = re.compile(r"^[ \t]*(?:\$schema|\$ref|openapi|swagger)\s*:", re.MULTILINE)
FIELDS = re.compile(r"^[ \t]*properties[ \t]*:[ \t]*(?:[{#].*)?$", re.MULTILINE)
OBJECT = re.compile(r"""^[ \t]*type[ \t]*:[ \t]*["']?object\b""", re.MULTILINE)
LIST = re.compile(r"""\A\s*type[ \t]*:[ \t]*["']?array["']?[ \t]*$.*^items[ \t]*:""", re.MULTILINE | re.DOTALL)
NAME = re.compile(
    r"""(?:"(?P<double>[^"]*)"\s*+|'(?P<single>[^']*)'\s*+|(?P<bare>[^\s:"'{\[#-][^:#]*+)):(?:\s+(?P<rest>.*))?$"""
)
COMMENT = re.compile(r"""^((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#]|(?<!\s)#)*)\s#.*$""")
BLOCKS = ("|", ">", "|-", ">-", "|+", ">+")
DEEPEST = 60
Line = tuple[int, int, str]  # its number, its indent, what it says


def is_outline(text: str) -> bool:
    """Whether it is a schema in YAML rather than the short form."""
    if text.lstrip().startswith(("{", "[")):
        return False
    return bool(SURE.search(text) or LIST.search(text) or (FIELDS.search(text) and OBJECT.search(text)))


def read(text: str) -> Any:
    """Raises BadSchema with code "outline"."""
    lines = []
    for number, line in enumerate(text.replace("\t", "    ").splitlines(), 1):
        content = COMMENT.sub(r"\1", line).rstrip()
        if content.strip() and not content.lstrip().startswith("#") and content.strip() not in ("---", "..."):
            lines.append((number, len(content) - len(content.lstrip()), content.strip()))
    reader = _Reader(lines)
    return reader.whole()


class _Reader:
    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._place = 0

    def whole(self) -> Any:
        value = self._block(0, 0)
        if self._place < len(self._lines):
            raise BadSchema("outline", self._lines[self._place][0])
        return value

    def _block(self, indent: int, depth: int) -> Any:
        if depth > DEEPEST:
            raise BadSchema("deep", self._lines[self._place][0], str(DEEPEST))
        _number, own, content = self._lines[self._place]
        return (
            self._list(own, depth)
            if content == "-" or content.startswith("- ")
            else self._fields(max(own, indent), depth)
        )

    def _fields(self, indent: int, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while self._place < len(self._lines):
            number, own, content = self._lines[self._place]
            if own < indent:
                break
            match = NAME.match(content)
            if own > indent or match is None:
                raise BadSchema("outline", number)
            self._place += 1
            name = next(part for part in (match["double"], match["single"], match["bare"]) if part is not None)
            made[name.strip()] = self._value(number, indent, (match["rest"] or "").strip(), depth)
        return made

    def _list(self, indent: int, depth: int) -> list[Any]:
        made = []
        while self._place < len(self._lines):
            number, own, content = self._lines[self._place]
            if own != indent or not (content == "-" or content.startswith("- ")):
                break
            rest = content[1:].strip()
            if NAME.match(rest):  # the first name of an object stands behind the dash
                self._lines[self._place] = (number, own + len(content) - len(rest), rest)
                made.append(self._fields(own + len(content) - len(rest), depth + 1))
            else:
                self._place += 1
                made.append(self._value(number, indent, rest, depth))
        return made

    def _value(self, number: int, indent: int, rest: str, depth: int) -> Any:
        following = self._lines[self._place] if self._place < len(self._lines) else None
        if rest in BLOCKS:
            words = []
            while self._place < len(self._lines) and self._lines[self._place][1] > indent:
                words.append(self._lines[self._place][2])
                self._place += 1
            return " ".join(words)
        if not rest:
            is_list = following is not None and following[1] == indent and following[2].startswith("- ")
            if following is not None and (following[1] > indent or is_list):
                return self._block(following[1], depth + 1)
            return None
        if rest[0] in "{[\"'":
            while rest[0] in "{[" and _is_open(rest) and self._place < len(self._lines):
                rest += " " + self._lines[self._place][2]
                self._place += 1
            try:
                return literals.read(rest)
            except BadSchema:
                raise BadSchema("outline", number) from None
        return literals.value_of(rest)


def _is_open(text: str) -> bool:
    return text.count("{") + text.count("[") > text.count("}") + text.count("]")
