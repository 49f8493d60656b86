"""A short way to write a schema, like the fields of a Pydantic model.

    name: str                          # a comment becomes the field's description
    age: int | None
    kind: "a" | "b"
    tags: list[str]
    note?: str                         may be absent, as with `note: str = ""`
    address:                           an object of its own; `rows: list` followed by fields is a list of them
        city: str

A single type is the whole answer: `list[str]`. Whole classes can be pasted; the last one that no other uses is it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .faults import BadSchema
from .types import TypeReader

Schema = dict[str, Any]
FIELD = re.compile(r"""(?P<name>[^\W\d]\w*|"(?:[^"\\]|\\.)+")\s*(?P<optional>\?)?\s*:(?P<rest>.*)""", re.DOTALL)
CLASS = re.compile(r"class\s+(?P<name>[^\W\d]\w*)\s*(?:\(.*\))?\s*:\s*$", re.DOTALL)
SKIPPED = re.compile(r"(?:from\s|import\s|@|model_config\b|pass$|\.\.\.$)")
DOC = re.compile(r"""(?:[rR])?(?P<quote>\"{3}|'{3}|"|')(?P<text>.*?)(?P=quote)$""", re.DOTALL)
PIECE = re.compile(r"\"{3}.*?\"{3}|'{3}.*?'{3}|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|#[^\n]*|\n|.", re.DOTALL)
DEEPEST = 20


@dataclass
class _Line:
    number: int
    indent: int
    text: str
    comment: str = ""


@dataclass
class _Class:
    schema: Schema
    line: int
    uses: set[str] = field(default_factory=set)


def parse(text: str) -> Schema:
    """The JSON schema. Raises BadSchema with the line."""
    reader = _Reader(list(_lines(text)))
    return reader.whole()


class _Reader:
    def __init__(self, lines: list[_Line]) -> None:
        self._lines = lines
        self._place = 0
        self._classes: dict[str, _Class] = {}

    def whole(self) -> Schema:
        own: list[_Line] = []
        fields: Schema | None = None
        root: Schema | None = None
        while (line := self._next()) is not None:
            if match := CLASS.match(line.text):
                self._place += 1
                body, uses = self._object(line, 1)
                self._classes[match["name"]] = _Class(body, line.number, uses)
            elif SKIPPED.match(line.text) or (DOC.match(line.text) and not FIELD.match(line.text)):
                self._place += 1
            elif FIELD.match(line.text):
                if fields is not None:
                    raise BadSchema("field", line.number, line.text[:60])
                fields, _ = self._fields(line.indent, 0)
            elif root is None:
                self._place += 1
                root = self._type(line)
                own.append(line)
            else:
                raise BadSchema("field", line.number, line.text[:60])
        if fields is not None and own:
            raise BadSchema("field", own[0].number, own[0].text[:60])
        schema = fields or root or self._last_class()
        resolved: Schema = _resolved(schema, self._classes, ())
        return resolved

    @staticmethod
    def _type(line: _Line) -> Schema:
        try:
            return TypeReader(line.text, line.number).whole()
        except BadSchema:
            if re.match(r"[\w.]+\s*[\[|]|[{\"']", line.text):
                raise
            raise BadSchema("field", line.number, line.text[:60]) from None

    def _last_class(self) -> Schema:
        used = {name for entry in self._classes.values() for name in entry.uses}
        roots = [name for name in self._classes if name not in used] or list(self._classes)
        if not roots:
            raise BadSchema("empty")
        return self._classes[roots[-1]].schema

    def _next(self) -> _Line | None:
        return self._lines[self._place] if self._place < len(self._lines) else None

    def _object(self, head: _Line, depth: int) -> tuple[Schema, set[str]]:
        """The fields that stand deeper than their head."""
        line = self._next()
        if line is None or line.indent <= head.indent:
            raise BadSchema("nothing", head.number)
        return self._fields(line.indent, depth)

    def _fields(self, indent: int, depth: int) -> tuple[Schema, set[str]]:
        if depth > DEEPEST:
            raise BadSchema("deep", None, str(DEEPEST))
        properties: dict[str, Schema] = {}
        required: list[str] = []
        about, uses = "", set[str]()
        while (line := self._next()) is not None and line.indent >= indent:
            if line.indent > indent:
                raise BadSchema("indent", line.number)
            match = FIELD.match(line.text)
            if match is None or CLASS.match(line.text):
                doc = DOC.match(line.text)
                if depth == 0 and (CLASS.match(line.text) or doc is None):
                    break
                if doc is None and not SKIPPED.match(line.text):
                    raise BadSchema("field", line.number, line.text[:60])
                about = about or (" ".join(doc["text"].split()) if doc else "")
                self._place += 1
                continue
            self._place += 1
            name = match["name"].strip('"')
            if name in properties:
                raise BadSchema("twice", line.number, name)
            schema, has_default, used = self._field(line, match["rest"].strip(), depth)
            properties[name] = schema
            uses |= used
            if not (match["optional"] or has_default):
                required.append(name)
        whole: Schema = {"type": "object", "properties": properties, "required": required}
        return whole | {"additionalProperties": False} | ({"description": about} if about else {}), uses

    def _field(self, line: _Line, rest: str, depth: int) -> tuple[Schema, bool, set[str]]:
        """The schema of a field, whether it may be absent, and the classes that it uses."""
        following = self._next()
        is_deeper = following is not None and following.indent > line.indent
        if not rest or (rest in ("list", "List") and is_deeper):
            body, uses = self._object(line, depth + 1)
            schema: Schema = {"type": "array", "items": body} if rest else body
            return _described(schema, line.comment), False, uses
        reader = TypeReader(rest, line.number)
        schema, has_default, about = reader.field()
        return _described(schema, about or line.comment), has_default, reader.uses


def _described(schema: Schema, about: str) -> Schema:
    return {**schema, "description": about} if about else schema


def _resolved(schema: Any, classes: Mapping[str, _Class], inside: tuple[str, ...]) -> Any:
    """The schema with its classes written out."""
    if isinstance(schema, list):
        return [_resolved(each, classes, inside) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(name := schema.get("class"), tuple):
        class_name, line = name
        if class_name not in classes:
            raise BadSchema("type", line, class_name)
        if class_name in inside:
            raise BadSchema("itself", classes[class_name].line, class_name)
        if len(inside) > DEEPEST:
            raise BadSchema("deep", line, str(DEEPEST))
        body = _resolved(classes[class_name].schema, classes, (*inside, class_name))
        rest = {key: value for key, value in schema.items() if key != "class"}
        return {**body, **rest}
    return {key: _resolved(value, classes, inside) for key, value in schema.items()}


def _lines(text: str) -> Iterator[_Line]:
    """The lines that say something; one with an open bracket goes on in the next."""
    number, begun, words, comment, opened = 1, 1, "", "", 0
    for match in PIECE.finditer(text.replace("\r\n", "\n").replace("\t", "    ") + "\n"):
        piece = match[0]
        if piece == "\n" and opened <= 0:
            if words.strip():
                yield _Line(begun, len(words) - len(words.lstrip()), words.strip(), comment)
            words, comment, opened = "", "", 0
            begun = number + 1
        elif piece.startswith("#"):
            comment = comment or piece.lstrip("# ").strip()
        else:
            words += " " if piece == "\n" else piece
            opened += (piece in "([{") - (piece in ")]}") if len(piece) == 1 else 0
        number += piece.count("\n")
    if words.strip():
        raise BadSchema("end", begun)
