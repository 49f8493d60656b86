"""The types of the short form, as Python and TypeScript write them: `int | None`, `list[{city: str}]`, `string[]`,
`Literal["a", "b"]`, `"a" | "b"`, `Annotated[str, Field(min_length=1)]`."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from .faults import BadSchema
from .type_names import BOUNDS, CONSTANTS, CONSTRAINED, LISTS, OF_LISTS, PLAIN

Schema = dict[str, Any]
TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<name>[^\W\d][\w.]*)|(?P<sign>[\[\](){},:|?=*;<>])|(?P<other>["'].*|\S))""",
    re.VERBOSE | re.DOTALL,
)
DEEPEST = 20


class TypeReader:
    """Reads one type; `uses` are the classes that it names, `classes` those that there are. A class stands as
    {"class": (name, line)}. `is_required`: as a field of a dictionary says of itself, None where it does not."""

    def __init__(self, text: str, line: int, classes: Collection[str] = ()) -> None:
        self._tokens = [(match.lastgroup or "", match[match.lastgroup or 0]) for match in TOKEN.finditer(text)]
        self._place = 0
        self._line = line
        self._classes = classes
        self.uses: set[str] = set()
        self.is_required: bool | None = None

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
                self.value()
        self._ended()
        return schema, has_default, about

    def _field_call(self, schema: Schema) -> tuple[Schema, str, bool]:
        """`Field(...)` and the like: the schema within its bounds, the description, whether there is a default."""
        self._place += 1
        self._need("(")
        about, has_default, bounds = "", False, dict[str, Any]()
        while not self._take(")"):
            kind, word = self._peek()
            if kind == "name" and self._tokens[self._place + 1 : self._place + 2] == [("sign", "=")]:
                self._place += 2
                value = self.value()
                if word == "description":
                    about = str(value)
                elif word in BOUNDS:
                    bounds[BOUNDS[word]] = value
                has_default = has_default or word in ("default", "default_factory")
            else:
                has_default = self.value() is not ... or has_default
            self._take(",")
        if schema.get("type") == "array":
            bounds = {OF_LISTS.get(name, name): value for name, value in bounds.items()}
        return schema | bounds, about, has_default

    def _union(self, depth: int) -> Schema:
        if depth > DEEPEST:
            raise BadSchema("deep", self._line, str(DEEPEST))
        self._take("|")  # TypeScript begins a list of choices so
        options = [self._listed(depth)]
        while self._take("|"):
            options.append(self._listed(depth))
        if self._take("?"):
            options.append(PLAIN["None"])
        return _either(options)

    def _listed(self, depth: int) -> Schema:
        """One of the choices, or lists of it: `string[]`."""
        schema = self._alternative(depth)
        while self._sees("[") and self._sees("]", 1):
            self._place += 2
            schema = {"type": "array", "items": schema}
        return schema

    def _alternative(self, depth: int) -> Schema:
        while self._peek() == ("name", "readonly"):
            self._place += 1
        kind, word = self._peek()
        self._place += 1
        match kind, word:
            case "text", _:
                name = _text(word)
                return self._class(name) if name in self._classes else {"enum": [name]}
            case "number", _:
                return {"enum": [json.loads(word)]}
            case _, "{":
                return self._braces(depth + 1)
            case _, "[":
                return _row(self._until("]", depth + 1))
            case _, "(":
                schema = self._union(depth + 1)
                self._need(")")
                return schema
            case "name", _:
                return self._named(word, depth)
        raise BadSchema("end" if not word else "type", self._line, word)

    def _named(self, word: str, depth: int) -> Schema:
        if word in ("True", "False", "true", "false"):
            return {"enum": [CONSTANTS[word]]}
        name = word.rpartition(".")[2]
        for opening, closing in (("[", "]"), ("<", ">")):
            if self._sees(opening) and not self._sees("]", 1):
                self._place += 1
                return self._generic(name, closing, depth + 1)
        if self._sees("(") and (name in CONSTRAINED or name.lower() == "enum"):
            return self._called(name, depth)
        if name in self._classes:
            return self._class(name)
        if (plain := PLAIN.get(name) or PLAIN.get(name.lower())) is not None or name in ("Any", "any", "unknown"):
            return dict(plain or {})
        return self._class(name)

    def _class(self, name: str) -> Schema:
        self.uses.add(name)
        return {"class": (name, self._line)}

    def _called(self, name: str, depth: int) -> Schema:
        """`constr(min_length=1)`, `enum("a", "b")`."""
        if name.lower() == "enum":
            self._place += 1
            return {"enum": self._constants(")")}
        schema: Schema = {"type": CONSTRAINED[name]}
        self._place -= 1
        if schema["type"] == "array" and not self._sees("=", 3):
            self._place += 2
            schema["items"] = self._union(depth + 1)
            self._take(",")
            self._tokens[self._place : self._place] = [("name", name), ("sign", "(")]
        return self._field_call(schema)[0]

    def _constants(self, closing: str) -> list[Any]:
        values = []
        while not self._take(closing):
            values.append(self.value())
            self._take(",")
        return values

    def _until(self, closing: str, depth: int) -> list[Schema]:
        options = []
        while not self._take(closing):
            options.append(self._union(depth))
            if not self._take(",") and not self._sees(closing):
                self._need(closing)
        return options

    def _generic(self, name: str, closing: str, depth: int) -> Schema:
        lower = name.lower()
        if lower in ("literal", "enum"):
            return {"enum": self._constants(closing)}
        if lower == "annotated":
            return self._annotated(closing, depth)
        if lower == "tuple":
            return self._tuple(closing, depth)
        options = self._until(closing, depth)
        if lower == "union" and options:
            return _either(options)
        if lower in ("dict", "mapping", "record", "map", "defaultdict") and len(options) == 2:
            return {"type": "object", "additionalProperties": options[1]}
        if len(options) != 1:
            raise BadSchema("type", self._line, name)
        [schema] = options
        if lower in LISTS:
            return {"type": "array", "items": schema} | ({"uniqueItems": True} if "set" in lower else {})
        if lower == "optional":
            return _either([schema, PLAIN["None"]])
        if lower in ("required", "notrequired"):
            self.is_required = lower == "required"
            return schema
        if lower in ("readonly", "final"):
            return schema
        raise BadSchema("type", self._line, name)

    def _annotated(self, closing: str, depth: int) -> Schema:
        schema = self._union(depth)
        while not self._take(closing):
            self._need(",")
            if self._peek()[0] == "name" and self._sees("(", 1):
                schema, about, _ = self._field_call(schema)
                schema = schema | ({"description": about} if about else {})
            else:
                self.value()
        return schema

    def _tuple(self, closing: str, depth: int) -> Schema:
        options: list[Schema] = []
        while not self._take(closing):
            if self._peek()[1] == ".":
                self.value()
                self._need(closing)
                return {"type": "array", "items": options[0]} if options else {"type": "array"}
            options.append(self._union(depth))
            self._take(",")
        return _row(options, is_tuple=True)

    def _braces(self, depth: int) -> Schema:
        properties: dict[str, Schema] = {}
        required = []
        while not self._take("}"):
            kind, word = self._peek()
            self._place += 1
            if word == "readonly" and self._peek()[0] in ("name", "text"):
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
            if not self._take(",") and not self._take(";") and not self._sees("}") and self._peek()[0] != "name":
                self._need("}")
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def value(self, depth: int = 0) -> Any:
        """A constant, or something that only Python can work out, as "..."."""
        if depth > DEEPEST:
            raise BadSchema("deep", self._line, str(DEEPEST))
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
            self._arguments(closing, depth + 1)
        elif word == "lambda":
            self._take(":")
            self.value(depth + 1)
        elif kind != "name":
            raise BadSchema("end" if not word else "after", self._line, word)
        elif self._take("("):
            self._arguments(")", depth + 1)
        return None

    def _arguments(self, closing: str, depth: int) -> None:
        while not self._take(closing):
            self.value(depth)
            for sign in (",", ":", "="):
                self._take(sign)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("", "")

    def _sees(self, sign: str, ahead: int = 0) -> bool:
        place = self._place + ahead
        return place < len(self._tokens) and self._tokens[place] == ("sign", sign)

    def _take(self, sign: str) -> bool:
        if self._sees(sign):
            self._place += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise BadSchema("after" if self._peek()[1] else "end", self._line, self._peek()[1])

    def _ended(self) -> None:
        if self._peek()[1]:
            raise BadSchema("after", self._line, self._peek()[1])


def _row(options: list[Schema], *, is_tuple: bool = False) -> Schema:
    """What stands in square brackets: constants to choose from, the one type of a list, or a type a place."""
    if not is_tuple and options and all(set(option) == {"enum"} for option in options):
        return {"enum": [value for option in options for value in option["enum"]]}
    if len(options) == 1 and not is_tuple:
        return {"type": "array", "items": options[0]}
    size = len(options)
    return {"type": "array", "prefixItems": options, "items": False, "minItems": size, "maxItems": size}


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


def constant(text: str, line: int) -> Any:
    """The value of a constant, or the first of several."""
    reader = TypeReader(text, line)
    return reader.value()
