"""The schema inside what it came in: a request, a tool's definition, OpenAPI, a list of definitions, an example. Pure.

inside(value)       the schema; BadSchema with code "several", "any_json", "example" or "object"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .dialects import TYPES, type_of
from .faults import BadSchema
from .type_names import PLAIN

# Where a schema is found, the outermost first.
PLACES = (
    "response_format", "json_schema", "output_config", "text_format", "function", "functionDeclarations",
    "function_declarations", "generationConfig", "generation_config", "responseSchema", "response_schema",
    "responseJsonSchema", "response_json_schema", "input_schema", "inputSchema", "parameters", "schema", "tools",
    "text", "format",
)  # fmt: skip
SURE = (
    "$ref", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if", "additionalProperties", "patternProperties",
    "prefixItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "contains", "minProperties", "maxProperties",
    "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems",
    "$dynamicRef", "$recursiveRef", "$schema",
)  # fmt: skip
WORDS = {"title", "description", "default", "examples", "$comment", "$id", "id", "$anchor", "nullable", "deprecated"}
DEFINITIONS = (("$defs",), ("definitions",), ("components", "schemas"), ("schemas",))
DEEPEST = 8


def inside(value: Any, depth: int = 0) -> dict[str, Any]:
    if isinstance(value, list):
        return inside(_only_one(value), depth + 1)
    if not isinstance(value, dict):
        raise BadSchema("object", 1)
    if is_schema(value) or depth > DEEPEST:
        return value
    if value.get("type") == "json_object":
        raise BadSchema("any_json")
    return _inside(value, depth)


def _inside(value: dict[str, Any], depth: int) -> dict[str, Any]:
    for name in PLACES:
        if isinstance(inner := value.get(name), dict | list) and inner:
            return inside(inner, depth + 1)
    for path in DEFINITIONS:
        if definitions := _at(value, path):
            return _only(definitions, "#/" + "/".join(path))
    if all(isinstance(each, dict) and each and is_schema(each) for each in value.values()):
        return {"type": "object", "properties": value, "required": list(value), "additionalProperties": False}
    if (named := _of_types(value, 0)) is not None:
        return named
    raise BadSchema("example")


def is_schema(value: Mapping[str, Any]) -> bool:
    """Whether it says something about a value, in words of JSON Schema; {} and descriptions alone do."""
    if any(name in value for name in SURE) or value.keys() <= WORDS:
        return True
    kinds = value.get("type")
    are_types = [type_of(kind) in TYPES for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind is not None]
    has_parts = isinstance(value.get("properties"), dict) or isinstance(value.get("items"), dict | bool)
    if has_parts or (are_types and all(are_types)):
        return True
    return "type" in value and value.keys() <= WORDS | {"type", "format"} and value.get("type") != "json_object"


def _only_one(tools: list[Any]) -> dict[str, Any]:
    """The definition of a tool in a list of them."""
    if not tools or not all(isinstance(each, dict) and _is_wrapper(each) for each in tools):
        raise BadSchema("object", 1)
    if len(tools) > 1:
        raise BadSchema("several", None, str(len(tools)))
    definition: dict[str, Any] = tools[0]
    return definition


def _is_wrapper(value: Mapping[str, Any]) -> bool:
    return not is_schema(value) and any(isinstance(value.get(name), dict | list) for name in PLACES)


def _at(value: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    node: Any = value
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    is_full = isinstance(node, dict) and node and all(isinstance(each, dict) for each in node.values())
    return node if is_full else {}


def _only(definitions: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The definition that no other uses, with those that it uses."""
    used = {name: _uses(each, prefix) for name, each in definitions.items()}
    inner = {name for owner, names in used.items() for name in names if name != owner}
    roots = [name for name in definitions if name not in inner]
    if len(roots) != 1:
        raise BadSchema("several", None, str(len(roots) or len(definitions)))
    [root] = roots
    reached, waiting = set[str](), [root]
    while waiting:
        for name in used[waiting.pop()]:
            if name not in reached and name in definitions:
                reached.add(name)
                waiting.append(name)
    schema = _moved(definitions[root], prefix)
    parts = {name: _moved(each, prefix) for name, each in definitions.items() if name in reached}
    return {**schema, "$defs": parts} if parts else schema


def _uses(schema: Any, prefix: str) -> set[str]:
    if isinstance(schema, list):
        return set().union(*(_uses(each, prefix) for each in schema)) if schema else set()
    if not isinstance(schema, Mapping):
        return set()
    reference = schema.get("$ref")
    own = {str(reference).removeprefix(f"{prefix}/").partition("/")[0]} if _is_in(reference, prefix) else set[str]()
    return own.union(*(_uses(each, prefix) for each in schema.values()))


def _moved(schema: Any, prefix: str) -> Any:
    if isinstance(schema, list):
        return [_moved(each, prefix) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {name: _moved(each, prefix) for name, each in schema.items()}
    if _is_in(reference := made.get("$ref"), prefix):
        made["$ref"] = f"#/$defs/{str(reference).removeprefix(f'{prefix}/')}"
    return made


def _is_in(reference: Any, prefix: str) -> bool:
    return isinstance(reference, str) and reference.startswith(f"{prefix}/")


def _of_types(value: Any, depth: int) -> dict[str, Any] | None:
    """The schema of an example whose values are the names of types, `{"age": "integer"}`; None where they are not."""
    if depth > 2 * DEEPEST:
        return None
    if isinstance(value, str):
        plain = PLAIN.get(value) or PLAIN.get(value.lower())
        return None if plain is None else dict(plain)
    if isinstance(value, list) and len(value) == 1:
        item = _of_types(value[0], depth + 1)
        return None if item is None else {"type": "array", "items": item}
    if not isinstance(value, dict) or not value:
        return None
    fields = {name: _of_types(each, depth + 1) for name, each in value.items()}
    if None in fields.values():
        return None
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
