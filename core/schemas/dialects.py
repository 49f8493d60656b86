"""Schemas of older drafts, of OpenAPI and of Gemini, as JSON Schema 2020-12 or draft 7 has them. Pure.

modern(schema)      with what those write otherwise: nullable, upper-case types, `exclusiveMinimum: true`, `required`
                    inside a field, lists in `items`, references by `$id` or `$anchor`
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .faults import BadSchema

DEEPEST = 60
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
OLDER = re.compile(r"draft-0[34]\b")
SEVEN = re.compile(r"draft-0[67]\b")
BY_NAME = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SINGLE = (
    "items", "additionalProperties", "additionalItems", "not", "if", "then", "else", "contains", "propertyNames",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
OTHER_TYPES = {
    "str": "string", "text": "string", "int": "integer", "float": "number", "double": "number", "decimal": "number",
    "bool": "boolean", "list": "array", "dict": "object", "none": "null",
}  # fmt: skip
NOT_OF_SCHEMAS = ("example", "xml", "externalDocs", "discriminator", "propertyOrdering", "nullable")


def modern(schema: Mapping[str, Any]) -> dict[str, Any]:
    declared = str(schema.get("$schema", ""))
    is_seven = bool(SEVEN.search(declared) or OLDER.search(declared))
    made: dict[str, Any] = _Writer(is_seven, _names_of(schema)).written(schema, 0)
    if OLDER.search(declared):
        made = {"$schema": DRAFT_7, **{name: value for name, value in made.items() if name not in ("$schema", "id")}}
    return made


def type_of(name: object) -> object:
    """A type as JSON Schema calls it; what is none, unchanged."""
    if not isinstance(name, str) or name in TYPES:
        return name
    lower = name.lower()
    return lower if lower in TYPES else OTHER_TYPES.get(lower, name)


class _Writer:
    def __init__(self, is_seven: bool, places: Mapping[str, str]) -> None:
        self._is_seven = is_seven
        self._places = places

    def written(self, schema: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise BadSchema("deep", None, str(DEEPEST))
        if not isinstance(schema, Mapping):
            return schema
        made = {name: self._value(name, value, depth) for name, value in schema.items()}
        if isinstance(reference := made.get("$ref"), str):
            made["$ref"] = self._places.get(reference) or self._own(reference)
        _require(made)
        _bounds(made)
        if "type" in made:
            of = made["type"]
            made["type"] = [type_of(each) for each in of] if isinstance(of, list) else type_of(of)
        if not self._is_seven and isinstance(made.get("items"), list):
            made["prefixItems"] = made.pop("items")
            if "additionalItems" in made:
                made["items"] = made.pop("additionalItems")
        nullable = made.get("nullable") is True
        for name in NOT_OF_SCHEMAS:
            made.pop(name, None)
        return _nullable(made) if nullable else made

    def _value(self, name: str, value: Any, depth: int) -> Any:
        if name in BY_NAME and isinstance(value, Mapping):
            return {each: self.written(inner, depth + 1) for each, inner in value.items()}
        if name in LISTS and isinstance(value, list):
            return [self.written(inner, depth + 1) for inner in value]
        if name in SINGLE:
            if isinstance(value, list):
                return [self.written(inner, depth + 1) for inner in value]
            return self.written(value, depth + 1)
        return value

    def _own(self, reference: str) -> str:
        """A reference to the schema itself by its address, without it."""
        base, sign, place = reference.partition("#")
        return f"#{place}" if sign and base and f"{base}#" in self._places else reference


def _names_of(schema: Mapping[str, Any]) -> dict[str, str]:
    """Where `$anchor`s and the schema's own address lead."""
    places: dict[str, str] = {}
    address = schema.get("$id") or schema.get("id")
    if isinstance(address, str) and address.rstrip("#"):
        places |= {address: "#", f"{address.rstrip('#')}#": "#"}
    for path, node in _nodes(schema, "#", 0):
        if isinstance(anchor := node.get("$anchor"), str):
            places.setdefault(f"#{anchor}", path)
    return places


def _nodes(value: Any, path: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        yield path, value
        for name, inner in value.items():
            yield from _nodes(inner, f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}", depth + 1)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _nodes(inner, f"{path}/{place}", depth + 1)


def _require(made: dict[str, Any]) -> None:
    """`required: true` inside a field is a name in the list of the object."""
    fields = made.get("properties")
    if not isinstance(fields, dict):
        return
    flags = {name: field["required"] for name, field in fields.items() if isinstance(_flag(field), bool)}
    if not flags:
        return
    made["properties"] = {
        name: {key: value for key, value in field.items() if key != "required"} if name in flags else field
        for name, field in fields.items()
    }
    listed = made.get("required")
    required = [*(listed if isinstance(listed, list) else ()), *(name for name, needed in flags.items() if needed)]
    if required:
        made["required"] = list(dict.fromkeys(required))


def _flag(field: Any) -> Any:
    return field.get("required") if isinstance(field, dict) else None


def _bounds(made: dict[str, Any]) -> None:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(flag := made.get(exclusive), bool):
            del made[exclusive]
            if flag and bound in made:
                made[exclusive] = made.pop(bound)


def _nullable(made: dict[str, Any]) -> dict[str, Any]:
    if isinstance(values := made.get("enum"), list) and None not in values:
        made["enum"] = [*values, None]
    kind = made.get("type")
    if kind is not None:
        kinds = kind if isinstance(kind, list) else [kind]
        return made | {"type": kinds if "null" in kinds else [*kinds, "null"]}
    return made if "enum" in made or not made else {"anyOf": [made, {"type": "null"}]}
