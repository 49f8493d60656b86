"""Classes of pasted code: which one is the answer, and all written out; one inside itself becomes a reference."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .faults import BadSchema
from .script_lines import ScriptLine
from .types import constant

Schema = dict[str, Any]
MEMBER = re.compile(r"(?P<name>[^\W\d]\w*)\s*(?:=\s*(?P<value>.+))?$", re.DOTALL)
DEEPEST = 20


@dataclass
class Class:
    schema: Schema
    line: int
    uses: set[str] = field(default_factory=set)


def root_of(classes: Mapping[str, Class]) -> Schema:
    """The last one that no other uses."""
    used = {name for own, entry in classes.items() for name in entry.uses if name != own}
    roots = [name for name in classes if name not in used] or list(classes)
    if not roots:
        raise BadSchema("empty")
    entry = classes[roots[-1]]
    return {"class": (roots[-1], entry.line)} if roots[-1] in _circular(classes) else entry.schema


def resolved(schema: Schema, classes: Mapping[str, Class]) -> Schema:
    """The schema with its classes written out, those that contain themselves in `$defs`."""
    circular = _circular(classes)
    reached: dict[str, Any] = {}
    name = schema.get("class", ("",))[0]
    if name in circular:  # an answer is an object, not a reference to one
        reached[name] = None
        schema = classes[name].schema
    made: Schema = _written(schema, classes, circular, reached, ())
    waiting = [each for each in reached if reached[each] is None]
    while waiting:
        for each in waiting:
            reached[each] = _written(classes[each].schema, classes, circular, reached, ())
        waiting = [each for each in reached if reached[each] is None]
    return {**made, "$defs": reached} if reached else made


def enum_values(lines: Sequence[ScriptLine], bases: str, *, first: int = 1) -> list[Any]:
    """The values of an enumeration; what counts by itself begins with `first`, or is its own name in lower case."""
    values: list[Any] = []
    for line in lines:
        match = MEMBER.match(line.text)
        if match is None or match["name"].startswith("_"):
            continue
        value = match["value"]
        if value is None or re.match(r"(?:enum\.)?auto\(", value):
            values.append(match["name"].lower() if re.search(r"\bstr\b|StrEnum", bases) else first + len(values))
        else:
            values.append(constant(value, line.number))
    if not values:
        raise BadSchema("nothing", lines[0].number if lines else None)
    return values


def _circular(classes: Mapping[str, Class]) -> set[str]:
    names = set()
    for name in classes:
        seen, waiting = set[str](), [name]
        while waiting:
            for used in classes[waiting.pop()].uses:
                if used in classes and used not in seen:
                    seen.add(used)
                    waiting.append(used)
        if name in seen:
            names.add(name)
    return names


def _written(
    schema: Any, classes: Mapping[str, Class], circular: set[str], reached: dict[str, Any], inside: tuple[str, ...]
) -> Any:
    if isinstance(schema, list):
        return [_written(each, classes, circular, reached, inside) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(named := schema.get("class"), tuple):
        name, line = named
        if name not in classes:
            raise BadSchema("type", line, name)
        rest = {key: value for key, value in schema.items() if key != "class"}
        if name in circular:
            reached.setdefault(name, None)
            return {"$ref": f"#/$defs/{name}", **rest}
        if len(inside) > DEEPEST:
            raise BadSchema("deep", line, str(DEEPEST))
        return {**_written(classes[name].schema, classes, circular, reached, (*inside, name)), **rest}
    return {key: _written(value, classes, circular, reached, inside) for key, value in schema.items()}
