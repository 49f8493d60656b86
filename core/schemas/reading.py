"""A schema as a person gives it, made ready: JSON or the short form, sound, bounded, referring to nothing outside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from . import dialects, literals, outlines, short_form, wrappers
from .faults import BadSchema

LONGEST = 100_000  # characters
DEEPEST = 40
MOST_PARTS = 5_000  # values in a schema
IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "$ref")
DRAFT_7 = ("draft-06", "draft-07")
FENCE = re.compile(r"^[ \t]*```[\w+-]*[ \t]*\n(?P<code>.*?)\n?^[ \t]*```", re.DOTALL | re.MULTILINE)
ASSIGNED = re.compile(r"\s*+(?:(?:export\s+)?(?:const|let|var)\s+)?[\w.]*\s*+(?::[\w.\[\],\s]++)?=\s*(?=[{\[])")
# What else people describe answers in, by what tells it.
ELSEWHERE = {
    r"\bz\.(?:object|string|number|array)\(": "Zod",
    r"\bstruct\s*\{": "Go",
    r"(?i)\bcreate\s+table\b": "SQL",
    r"(?m)^[ \t]*message\s+\w+\s*\{": "Protocol Buffers",
    r"(?m)^[ \t]*type\s+\w+\s*\{": "GraphQL",
    r"\A\s*<\?*\w": "XML",
    r"\A\s*https?://\S+\s*\Z": "",
}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+|\n')


@lru_cache(maxsize=128)
def read(text: str) -> str:
    """The schema as JSON text, indented; it can be used as it is. Raises BadSchema."""
    if not text.strip(" \t\r\n\ufeff"):
        raise BadSchema("empty")
    if len(text) > LONGEST:
        raise BadSchema("long", None, str(LONGEST))
    schema = _schema_in(bare(text))
    sound(schema, text)
    return json.dumps(schema, ensure_ascii=False, indent=2)


def bare(text: str) -> str:
    """What stands in the only code block of a text, or behind `schema = `; as many lines are above it as before."""
    text = text.replace("\ufeff", "")
    fences = list(FENCE.finditer(text))
    begin, end = fences[0].span("code") if len(fences) == 1 else (0, len(text))
    if match := ASSIGNED.match(text, begin, end):
        begin = match.end()
    return "\n" * text.count("\n", 0, begin) + text[begin:end].rstrip()


def _schema_in(text: str) -> dict[str, Any]:
    """The schema that a text holds in whichever of the ways to write one."""
    for mark, name in ELSEWHERE.items():
        if re.search(mark, text):
            raise BadSchema("language", None, name)
    if not text.lstrip().startswith(("{", '"', "[")):
        if not outlines.is_outline(text):
            return short_form.parse(text)
        return _modern(outlines.read(text))
    try:
        return _modern(_loose(text))
    except BadSchema as error:
        if error.code not in ("json", "extra", "end"):
            raise
        for read_as in (_lines_of_names, short_form.parse):
            with suppress(BadSchema):
                return read_as(text)
        raise error from None


def _lines_of_names(text: str) -> dict[str, Any]:
    """`"name": "string", "age": "number"`, an object whose braces were not copied."""
    return _modern(literals.read(f"{{{text}}}"))


def _loose(text: str) -> Any:
    """JSON, else a literal of Python or JavaScript; the fault is that of JSON where it is neither."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        try:
            return literals.read(text)
        except BadSchema:
            is_cut = error.pos >= len(text)
            code = "extra" if error.msg == "Extra data" else "end" if is_cut else "json"
            raise BadSchema(code, error.lineno, error.msg) from None
    except RecursionError:
        raise BadSchema("deep", None, str(DEEPEST)) from None


def _modern(value: Any) -> dict[str, Any]:
    for number, (_each, depth) in enumerate(_values(value, 0, 2 * DEEPEST)):
        if depth > 2 * DEEPEST:
            raise BadSchema("deep", None, str(DEEPEST))
        if number > 10 * MOST_PARTS:
            raise BadSchema("large", None, str(MOST_PARTS))
    return dialects.modern(wrappers.inside(value))


def parsed(schema_json: str) -> dict[str, Any]:
    """A schema that `read` returned, or one out of the database. Raises BadSchema."""
    if len(schema_json) > 3 * LONGEST:
        raise BadSchema("long", None, str(LONGEST))
    return _json(schema_json)


def _json(text: str) -> dict[str, Any]:
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadSchema("json", error.lineno, error.msg) from None
    except ValueError:  # a number of more digits than Python reads
        raise BadSchema("json", None, "a number is too long") from None
    except RecursionError:
        raise BadSchema("deep", None, str(DEEPEST)) from None
    wrapped = schema.get("json_schema", schema) if isinstance(schema, dict) else schema
    if isinstance(wrapped, dict) and isinstance(inner := wrapped.get("schema"), dict) and "name" in wrapped:
        schema = inner  # as OpenAI's API takes it
    if not isinstance(schema, dict):
        raise BadSchema("object", 1)
    return schema


def sound(schema: Mapping[str, Any], text: str = "") -> None:
    """Raises BadSchema for a schema that is not valid, too large, or refers to what is not in it or to itself."""
    for number, (value, depth) in enumerate(_values(schema, 0)):
        if depth > DEEPEST:
            raise BadSchema("deep", None, str(DEEPEST))
        if number > MOST_PARTS:
            raise BadSchema("large", None, str(MOST_PARTS))
        if isinstance(value, float) and value != value:
            raise BadSchema("json", None, "NaN")
    _valid(schema, text)
    names = {name for node in _nodes(schema) for name in node}
    if names & {"unevaluatedProperties", "unevaluatedItems"} and "patternProperties" in names:
        raise BadSchema("unevaluated")
    _refers_inside(schema, text)


def is_draft_7(schema: Mapping[str, Any]) -> bool:
    return any(draft in str(schema.get("$schema", "")) for draft in DRAFT_7)


def resolve(schema: Mapping[str, Any], reference: str) -> Any:
    """What "#/$defs/Name" points to. KeyError where there is nothing."""
    node: Any = schema
    for step in filter(None, reference.lstrip("#").split("/")):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, Mapping):
            node = node[name]
        else:
            raise KeyError(name)
    return node


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """The line of a JSON text on which the value at a path stands; of the nearest one above it where it has none."""
    line, nearest, deepest = 1, None, -1
    steps: list[str | int] = []
    in_object: list[bool] = []
    expects_name = False
    for sign in TOKEN.findall(text):
        if sign == "\n":
            line += 1
        elif sign in ("{", "["):
            steps.append("" if sign == "{" else 0)
            in_object.append(expects_name := sign == "{")
        elif sign in ("}", "]"):
            del steps[-1:], in_object[-1:]
        elif sign == "," and steps:
            expects_name = in_object[-1]
            last = steps[-1]
            steps[-1] = last + 1 if isinstance(last, int) else ""
        elif sign.startswith('"') and expects_name:
            steps[-1], expects_name = sign[1:-1], False
        if len(steps) > deepest and steps == list(path[: len(steps)]):
            nearest, deepest = line, len(steps)
    return nearest


def _values(value: Any, depth: int, deepest: int = DEEPEST) -> Iterator[tuple[Any, int]]:
    yield value, depth
    if depth > deepest:
        return
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _values(each, depth + 1, deepest)


def _nodes(schema: Any) -> Iterator[Mapping[str, Any]]:
    return (value for value, _ in _values(schema, 0) if isinstance(value, Mapping))


def _valid(schema: Mapping[str, Any], text: str) -> None:
    from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
    from jsonschema.exceptions import SchemaError

    kind = Draft7Validator if is_draft_7(schema) else Draft202012Validator
    try:
        kind.check_schema(schema, format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        path = list(error.absolute_path)
        where = ".".join(map(str, path))
        words = error.message if len(error.message) < 160 else f"{error.message[:159]}…"
        raise BadSchema("keyword", line_of(text, path), f"{where}: {words}" if where else words) from None


def _refers_inside(schema: Mapping[str, Any], text: str) -> None:
    for node in _nodes(schema):
        reference = node.get("$ref")
        if any(name in node for name in ("$dynamicRef", "$recursiveRef")):
            raise BadSchema("remote", _line(text, "$dynamicRef") or _line(text, "$recursiveRef"), "$dynamicRef")
        if not isinstance(reference, str):
            continue
        if reference != "#" and not reference.startswith("#/"):
            raise BadSchema("remote", _line(text, reference), reference[:80])
        try:
            target = resolve(schema, reference)
        except KeyError:
            raise BadSchema("reference", _line(text, reference), reference[:80]) from None
        if not isinstance(target, Mapping | bool):
            raise BadSchema("reference", _line(text, reference), reference[:80])
    _no_circle(schema, text)


def _no_circle(schema: Mapping[str, Any], text: str) -> None:
    """A circle of what holds for one and the same value would never end."""
    done: set[int] = set()
    for start in _nodes(schema):
        trail: list[int] = []
        stack: list[tuple[Any, bool, str]] = [(start, False, "")]
        while stack:
            node, leaving, reference = stack.pop()
            if leaving:
                done.add(id(node))
                trail.pop()
            elif id(node) in trail:
                raise BadSchema("loop", _line(text, reference), reference[:80])
            elif id(node) not in done:
                trail.append(id(node))
                stack.append((node, True, ""))
                stack += [(each, False, name) for each, name in _in_place(schema, node)]


def _in_place(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for name in IN_PLACE:
        value = node.get(name)
        if name == "$ref":
            target = resolve(schema, value) if isinstance(value, str) else None
            each_of: list[Any] = [target]
        elif name == "dependentSchemas" and isinstance(value, Mapping):
            each_of = list(value.values())
        else:
            each_of = value if isinstance(value, list) else [value]
        for each in each_of:
            if isinstance(each, Mapping):
                yield each, str(value) if name == "$ref" else ""


def _line(text: str, word: str) -> int | None:
    place = text.find(json.dumps(word, ensure_ascii=False)) if word else -1
    return text.count("\n", 0, place) + 1 if place >= 0 else None
