"""A JSON schema as Anthropic enforces it: every object closed, and what it does not check told in words beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# String formats that are enforced; others are told.
FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
_ANNOTATIONS = ("$schema", "$id", "$comment", "default", "examples", "deprecated", "readOnly", "writeOnly")


class _CannotBeClosed(Exception):
    """Objects of any keys, conditions and the like."""


def closed(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema with closed objects; None where it means something that cannot be said so, such as objects of any
    keys."""
    try:
        return _closed(schema)
    except _CannotBeClosed:
        return None


def _closed(schema: Any) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        raise _CannotBeClosed
    rest = {name: value for name, value in schema.items() if name not in _ANNOTATIONS}
    out: dict[str, Any] = {}
    for name in ("$defs", "definitions"):
        if isinstance(definitions := rest.pop(name, None), Mapping):
            out[name] = {key: _closed(value) for key, value in definitions.items()}
    if "$ref" in rest:
        return {**out, "$ref": rest["$ref"]}
    kind = rest.pop("type", None)
    if isinstance(kind, list):
        if len(kind) != 1:
            of_each = [_closed({**_of_type(rest, each), "type": each}) for each in kind]
            return {**out, "anyOf": of_each}
        (kind,) = kind
    if variants := rest.pop("anyOf", None) or rest.pop("oneOf", None):
        out["anyOf"] = [_closed(variant) for variant in variants]
    elif "enum" in rest or "const" in rest:
        name = "const" if "const" in rest else "enum"
        out[name] = rest.pop(name)
    elif kind is None:
        raise _CannotBeClosed
    else:
        out |= {"type": kind, **_parts(kind, rest)}
    out |= {name: rest.pop(name) for name in ("title", "description") if name in rest}
    if rest:
        in_words = "{" + ", ".join(f"{name}: {value}" for name, value in rest.items()) + "}"
        out["description"] = "\n\n".join(filter(None, (out.get("description"), in_words)))
    return out


def _parts(kind: str, rest: dict[str, Any]) -> dict[str, Any]:
    """What is enforced of a value of this type, taken out of `rest`."""
    match kind:
        case "object":
            if rest.pop("additionalProperties", False) is not False or not rest.get("properties"):
                raise _CannotBeClosed
            if rest.keys() & {"patternProperties", "if", "allOf", "dependentSchemas", "not"}:
                raise _CannotBeClosed
            properties = {name: _closed(value) for name, value in rest.pop("properties").items()}
            required = {"required": list(rest.pop("required"))} if "required" in rest else {}
            return {"properties": properties, "additionalProperties": False, **required}
        case "array":
            if "prefixItems" in rest or "items" not in rest:
                raise _CannotBeClosed
            least = {"minItems": rest.pop("minItems")} if rest.get("minItems") in (0, 1) else {}
            return {"items": _closed(rest.pop("items")), **least}
        case "string" if rest.get("format") in FORMATS:
            return {"format": rest.pop("format")}
    return {}


_OF_TYPE = {
    "object": ("properties", "additionalProperties", "required", "patternProperties", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "string": ("format", "pattern", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def _of_type(rest: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What of a schema of several types concerns one of them."""
    own = _OF_TYPE.get("number" if kind == "integer" else kind, ())
    foreign = {name for names in _OF_TYPE.values() for name in names}.difference(own)
    if kind == "null":
        foreign |= {"enum", "const"}
    return {name: value for name, value in rest.items() if name not in foreign}
