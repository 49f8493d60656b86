"""The types of the short form: `int | None`, `list[{city: str}]`, `Literal["a", "b"]`, `"a" | "b"`."""

from __future__ import annotations

import json
import re
from typing import Any

from .faults import BadSchema

Schema = dict[str, Any]
TOKEN = re.compile(r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<name>[^\W\d][\w.]*)|(?P<sign>[\[\](){},:|?=*])|(?P<other>\S))""", re.VERBOSE)  # fmt: skip
PLAIN: dict[str, Schema] = {
    "str": {"type": "string"}, "string": {"type": "string"}, "text": {"type": "string"},
    "int": {"type": "integer"}, "integer": {"type": "integer"},
    "float": {"type": "number"}, "number": {"type": "number"}, "Decimal": {"type": "number"},
    "bool": {"type": "boolean"}, "boolean": {"type": "boolean"},
    "None": {"type": "null"}, "null": {"type": "null"},
    "date": {"type": "string", "format": "date"}, "datetime": {"type": "string", "format": "date-time"},
    "any": {}, "Any": {}, "object": {"type": "object"}, "dict": {"type": "object"}, "Dict": {"type": "object"},
    "list": {"type": "array"}, "List": {"type": "array"},
}  # fmt: skip
# Of Pydantic's `Field`, with the keyword of JSON Schema that says the same.
BOUNDS = {
    "ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "pattern": "pattern",
    "min_length": "minLength", "max_length": "maxLength", "multiple_of": "multipleOf",
}  # fmt: skip
OF_LISTS = {"minLength": "minItems", "maxLength": "maxItems"}
CONSTANTS = {"True": True, "False": False, "true": True, "false": False, "None": None, "null": None}
DEEPEST = 20


class TypeReader:
    """Reads one type; `uses` are the classes that it names. A class stands as {"class": (name, line)}."""

    def __init__(self, text: str, line: int) -> None:
        self._tokens = [(match.lastgroup or "", match[match.lastgroup or 0]) for match in TOKEN.finditer(text)]
        self._place = 0
        self._line = line
        self.uses: set[str] = set()

    def whole(self) -> Schema:
        schema = self._union(0)
        self._ended()
        return schema

    def field(self) -> tuple[Schema, bool, str]:
        """A type with its default: the schema, whether there is a default, the description."""
        schema, about, has_default = self._union(0), "", False
        if self._take("="):
            has_default = True
            if self._peek()[1] == "Field":
                schema, about, has_default = self._field_call(schema)
            else:
                self._value()
        self._ended()
        return schema, has_default, about

    def _field_call(self, schema: Schema) -> tuple[Schema, str, bool]:
        self._place += 1
        self._need("(")
        about, has_default, bounds = "", False, dict[str, Any]()
        while not self._take(")"):
            kind, word = self._peek()
            if kind == "name" and self._tokens[self._place + 1 : self._place + 2] == [("sign", "=")]:
                self._place += 2
                value = self._value()
                if word == "description":
                    about = str(value)
                elif word in BOUNDS:
                    bounds[BOUNDS[word]] = value
                has_default = has_default or word in ("default", "default_factory")
            else:
                has_default = self._value() is not ... or has_default
            self._take(",")
        if schema.get("type") == "array":
            bounds = {OF_LISTS.get(name, name): value for name, value in bounds.items()}
        return schema | bounds, about, has_default

    def _union(self, depth: int) -> Schema:
        if depth > DEEPEST:
            raise BadSchema("deep", self._line, str(DEEPEST))
        options = [self._alternative(depth)]
        while self._take("|"):
            options.append(self._alternative(depth))
        if self._take("?"):
            options.append(PLAIN["None"])
        return _either(options)

    def _alternative(self, depth: int) -> Schema:
        kind, word = self._peek()
        self._place += 1
        if kind == "text":
            return {"enum": [_text(word)]}
        if kind == "number":
            return {"enum": [json.loads(word)]}
        if word == "{":
            return self._braces(depth + 1)
        if kind != "name":
            raise BadSchema("end" if not word else "type", self._line, word)
        if word in ("True", "False", "true", "false"):
            return {"enum": [CONSTANTS[word]]}
        name = word.rpartition(".")[2]
        if self._take("["):
            return self._generic(name, depth + 1)
        if name in PLAIN:
            return dict(PLAIN[name])
        self.uses.add(name)
        return {"class": (name, self._line)}

    def _generic(self, name: str, depth: int) -> Schema:
        match name:
            case "Literal":
                values = [self._value()]
                while self._take(","):
                    values.append(self._value())
                self._need("]")
                return {"enum": values}
            case "dict" | "Dict" | "Mapping":
                self._union(depth)
                self._need(",")
                schema: Schema = {"type": "object", "additionalProperties": self._union(depth)}
            case "list" | "List" | "Sequence" | "set" | "Set":
                schema = {"type": "array", "items": self._union(depth)}
                if name in ("set", "Set"):
                    schema["uniqueItems"] = True
            case "Optional":
                schema = _either([self._union(depth), PLAIN["None"]])
            case "Union":
                options = [self._union(depth)]
                while self._take(","):
                    options.append(self._union(depth))
                schema = _either(options)
            case _:
                raise BadSchema("type", self._line, name)
        self._need("]")
        return schema

    def _braces(self, depth: int) -> Schema:
        properties: dict[str, Schema] = {}
        required = []
        while not self._take("}"):
            kind, word = self._peek()
            self._place += 1
            if kind not in ("name", "text"):
                raise BadSchema("end" if not word else "type", self._line, word)
            name = _text(word) if kind == "text" else word
            if name in properties:
                raise BadSchema("twice", self._line, name)
            is_optional = self._take("?")
            self._need(":")
            properties[name] = self._union(depth)
            if not is_optional:
                required.append(name)
            self._take(",")
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def _value(self) -> Any:
        """A constant, or something that only Python can work out, as "..."."""
        kind, word = self._peek()
        self._place += 1
        if kind == "text":
            return _text(word)
        if kind == "number":
            return json.loads(word)
        if word in CONSTANTS:
            return CONSTANTS[word]
        if word == ".":
            while self._peek()[1] == ".":
                self._place += 1
            return ...
        if closing := {"[": "]", "{": "}", "(": ")"}.get(word):
            while not self._take(closing):
                self._value()
                self._take(",")
                self._take(":")
            return None
        if kind == "name":
            if self._take("("):
                while not self._take(")"):
                    self._value()
                    self._take(",")
                    self._take("=")
            return None
        raise BadSchema("end" if not word else "after", self._line, word)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("", "")

    def _take(self, sign: str) -> bool:
        if self._peek() == ("sign", sign):
            self._place += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise BadSchema("after" if self._peek()[1] else "end", self._line, self._peek()[1])

    def _ended(self) -> None:
        if self._peek()[1]:
            raise BadSchema("after", self._line, self._peek()[1])


def _either(options: list[Schema]) -> Schema:
    """One of several: constants in one list, plain types in one, else `anyOf`."""
    if len(options) == 1:
        return options[0]
    if all(set(option) == {"enum"} or option == PLAIN["None"] for option in options):
        return {"enum": [value for option in options for value in option.get("enum", [None])]}
    if all(set(option) == {"type"} and isinstance(option["type"], str) for option in options):
        return {"type": list(dict.fromkeys(option["type"] for option in options))}
    constants = [value for option in options if set(option) == {"enum"} for value in option["enum"]]
    rest = [option for option in options if set(option) != {"enum"}]
    return {"anyOf": [*rest, *([{"enum": constants}] if constants else [])]}


def _text(quoted: str) -> str:
    inner = quoted[1:-1]
    if quoted[0] == "'":
        inner = inner.replace("\\'", "'").replace('"', '\\"')
    try:
        return str(json.loads(f'"{inner}"'))
    except ValueError:
        return inner
