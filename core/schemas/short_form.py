"""A short way to write a schema, like the fields of a Pydantic model.

    name: str                          # a comment becomes the field's description
    age: int | None
    kind: "a" | "b"
    tags: list[str]
    note?: str                         may be absent, as with `note: str = ""`
    address:                           an object of its own; `rows: list` followed by fields is a list of them
        city: str

A single type is the whole answer: `list[str]`. Whole classes can be pasted, and types of TypeScript; the last one that
no other uses is it. What else stands in pasted code, such as methods, is left alone.
"""

from __future__ import annotations

import re

from .classes import Class, Schema, enum_values, resolved, root_of
from .faults import BadSchema
from .script_lines import ScriptLine, lines_of
from .types import TypeReader

FIELD = re.compile(r"""(?P<name>[^\W\d][\w-]*|"(?:[^"\\]|\\.)+")\s*+(?P<optional>\?)?\s*+:(?P<rest>.*)""", re.DOTALL)
CLASS = re.compile(r"class\s+(?P<name>[^\W\d]\w*)\s*(?:\((?P<bases>.*)\))?\s*:\s*(?:\.\.\.|pass)?$", re.DOTALL)
DECLARED = re.compile(
    r"(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:const\s+)?(?P<kind>interface|type|enum)\s+(?P<name>[^\W\d]\w*)"
    r"(?:\s+extends\s(?P<bases>[\w\s,.]++))?\s*+(?:(?P<body>\{.*\})|=\s*(?P<type>.+))$",
    re.DOTALL,
)
SKIPPED = re.compile(r"(?:from\s|import\s|@|model_config\b|pass$|\.\.\.$)")
ASSIGNED = re.compile(r"[^\W\d]\w*\s*=")
METHOD = re.compile(r"(?:async\s+)?def\s|class\s+(?:Config|Meta)\b")
ROOT = re.compile(r"(?:list|sequence|iterable|array|optional|union)\s*[\[<]", re.IGNORECASE)
DOC = re.compile(r"""(?:[rR])?(?P<quote>\"{3}|'{3}|"|')(?P<text>.*?)(?P=quote)$""", re.DOTALL)
DEEPEST = 20


def parse(text: str) -> Schema:
    """The JSON schema. Raises BadSchema with the line."""
    return _Reader(list(lines_of(text))).whole()


class _Reader:
    def __init__(self, lines: list[ScriptLine]) -> None:
        self._lines = lines
        self._place = 0
        self._classes: dict[str, Class] = {}
        matches = (CLASS.match(line.text) or DECLARED.match(line.text) for line in lines)
        self._names = {match["name"] for match in matches if match}

    def whole(self) -> Schema:
        fields: Schema | None = None
        root: Schema | None = None
        while (line := self._next()) is not None:
            if match := CLASS.match(line.text):
                self._place += 1
                self._class(line, match["name"], match["bases"] or "")
            elif match := DECLARED.match(line.text):
                self._place += 1
                self._declared(line, match)
            elif METHOD.match(line.text):
                self._skip_whole(line)
            elif SKIPPED.match(line.text) or (DOC.match(line.text) and not FIELD.match(line.text)):
                self._place += 1
            elif FIELD.match(line.text):
                if fields is not None or root is not None:
                    raise BadSchema("field", line.number, line.text[:60])
                fields, _ = self._fields(line.indent, 0)
            elif root is None and fields is None and (not self._names or ROOT.match(line.text)):
                self._place += 1
                root = self._type(line)
            elif self._names:
                self._place += 1  # other code below the classes
            else:
                raise BadSchema("field", line.number, line.text[:60])
        if fields or root:
            return resolved(fields or root or {}, self._classes)
        return resolved(root_of(self._classes), self._classes)

    def _type(self, line: ScriptLine) -> Schema:
        try:
            return self._reader(line.text, line).whole()
        except BadSchema:
            if re.match(r"[\w.]+\s*[\[|]|[{\"']", line.text):
                raise
            raise BadSchema("field", line.number, line.text[:60]) from None

    def _reader(self, text: str, line: ScriptLine) -> TypeReader:
        return TypeReader(text, line.number, self._names)

    def _next(self) -> ScriptLine | None:
        return self._lines[self._place] if self._place < len(self._lines) else None

    def _skip_whole(self, head: ScriptLine) -> None:
        self._place += 1
        while (line := self._next()) is not None and line.indent > head.indent:
            self._place += 1

    def _class(self, head: ScriptLine, name: str, bases: str) -> None:
        if re.search(r"\w*Enum\b", bases):
            values = []
            while (line := self._next()) is not None and line.indent > head.indent:
                self._place += 1
                values.append(line)
            self._classes[name] = Class({"enum": enum_values(values, bases)}, head.number)
            return
        if root := re.search(r"RootModel\s*(\[.*\])", bases, re.DOTALL):
            reader = self._reader(f"Union{root[1]}", head)
            self._place -= 1
            self._skip_whole(head)
            self._classes[name] = Class(reader.whole(), head.number, reader.uses)
            return
        line = self._next()
        if line is not None and line.indent > head.indent:
            body, uses = self._fields(line.indent, 1)
        elif bases and self._names & set(re.findall(r"\w+", bases)):
            body, uses = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}, set()
        else:
            raise BadSchema("nothing", head.number)
        if re.search(r"total\s*=\s*False", bases):
            body["required"] = body.pop("needed", [])
        body.pop("needed", None)
        if list(body["properties"]) == ["__root__"]:
            body = body["properties"]["__root__"]
        self._keep(name, head, body, uses, bases)

    def _declared(self, line: ScriptLine, match: re.Match[str]) -> None:
        """`interface A { … }`, `type A = …` and `enum A { … }` of TypeScript."""
        if match["kind"] == "enum":
            words = [ScriptLine(line.number, 1, word.strip()) for word in (match["body"] or "{}")[1:-1].split(",")]
            self._classes[match["name"]] = Class({"enum": enum_values(words, "", first=0)}, line.number)
            return
        reader = self._reader(match["body"] or match["type"].rstrip("; "), line)
        self._keep(match["name"], line, reader.whole(), reader.uses, match["bases"] or "")

    def _keep(self, name: str, head: ScriptLine, body: Schema, uses: set[str], bases: str) -> None:
        """With the fields of the classes that it extends, which are nobody's answer themselves."""
        for base in reversed(re.findall(r"[^\W\d]\w*", bases)):
            if (above := self._classes.get(base)) is not None and "properties" in above.schema and "properties" in body:
                own = body["properties"]
                needed = [each for each in above.schema["required"] if each not in own]
                body = {
                    **body,
                    "properties": {**above.schema["properties"], **own},
                    "required": [*needed, *body["required"]],
                }
                uses = {*uses, base, *above.uses}
        needed_fields = (body["properties"][each] for each in body.get("required", ()))
        if any(each.get("class", ("",))[0] == name for each in needed_fields):
            raise BadSchema("itself", head.number, name)
        self._classes[name] = Class(body, head.number, uses)

    def _object(self, head: ScriptLine, depth: int) -> tuple[Schema, set[str]]:
        """The fields that stand deeper than their head."""
        line = self._next()
        if line is None or line.indent <= head.indent:
            raise BadSchema("nothing", head.number)
        body, uses = self._fields(line.indent, depth)
        body.pop("needed", None)
        return body, uses

    def _fields(self, indent: int, depth: int) -> tuple[Schema, set[str]]:
        """`needed` of the schema: the fields that say themselves that they must be there."""
        if depth > DEEPEST:
            raise BadSchema("deep", None, str(DEEPEST))
        properties: dict[str, Schema] = {}
        required, needed = list[str](), list[str]()
        about, uses = "", set[str]()
        while (line := self._next()) is not None and line.indent >= indent:
            if METHOD.match(line.text) and depth:
                self._skip_whole(line)
                continue
            if line.indent > indent:
                raise BadSchema("indent", line.number)
            match = FIELD.match(line.text)
            if match is None or CLASS.match(line.text):
                doc = DOC.match(line.text)
                if depth == 0 and (CLASS.match(line.text) or doc is None):
                    break
                is_code = SKIPPED.match(line.text) or (self._names and ASSIGNED.match(line.text))
                if doc is None and not is_code:
                    raise BadSchema("field", line.number, line.text[:60])
                about = about or (" ".join(doc["text"].split()) if doc else "")
                self._place += 1
                continue
            self._place += 1
            name = match["name"].strip('"')
            if name in properties:
                raise BadSchema("twice", line.number, name)
            schema, has_default, used, is_required = self._field(line, match["rest"].strip(), depth)
            properties[name] = schema
            uses |= used
            if not (match["optional"] or has_default or is_required is False):
                required.append(name)
            if is_required:
                needed.append(name)
        whole: Schema = {"type": "object", "properties": properties, "required": required}
        whole |= {"additionalProperties": False} | ({"description": about} if about else {})
        return whole | ({"needed": needed} if depth else {}), uses

    def _field(self, line: ScriptLine, rest: str, depth: int) -> tuple[Schema, bool, set[str], bool | None]:
        """The schema of a field, whether it may be absent, the classes that it uses, whether it says it is required."""
        following = self._next()
        is_deeper = following is not None and following.indent > line.indent
        if not rest or (rest in ("list", "List") and is_deeper):
            body, uses = self._object(line, depth + 1)
            schema: Schema = {"type": "array", "items": body} if rest else body
            return _described(schema, line.comment), False, uses, None
        reader = self._reader(rest, line)
        schema, has_default, about = reader.field()
        return _described(schema, about or line.comment), has_default, reader.uses, reader.is_required


def _described(schema: Schema, about: str) -> Schema:
    return {**schema, "description": about} if about else schema
