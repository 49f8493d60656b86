"""The names of types in Python, TypeScript and elsewhere, and the bounds of Pydantic, as JSON Schema has them."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
PLAIN: dict[str, Schema] = {
    "str": {"type": "string"}, "string": {"type": "string"}, "text": {"type": "string"},
    "int": {"type": "integer"}, "integer": {"type": "integer"},
    "float": {"type": "number"}, "number": {"type": "number"}, "Decimal": {"type": "number"},
    "bool": {"type": "boolean"}, "boolean": {"type": "boolean"},
    "None": {"type": "null"}, "null": {"type": "null"},
    "date": {"type": "string", "format": "date"}, "datetime": {"type": "string", "format": "date-time"},
    "any": {}, "Any": {}, "object": {"type": "object"}, "dict": {"type": "object"}, "Dict": {"type": "object"},
    "list": {"type": "array"}, "List": {"type": "array"}, "array": {"type": "array"}, "tuple": {"type": "array"},
    "set": {"type": "array", "uniqueItems": True}, "unknown": {}, "undefined": {"type": "null"},
    "double": {"type": "number"}, "decimal": {"type": "number"}, "long": {"type": "integer"},
    "bytes": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"},
    "Date": {"type": "string", "format": "date-time"}, "time": {"type": "string", "format": "time"},
    "timedelta": {"type": "string", "format": "duration"}, "uuid": {"type": "string", "format": "uuid"},
    "email": {"type": "string", "format": "email"}, "EmailStr": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"}, "HttpUrl": {"type": "string", "format": "uri"},
    "AnyUrl": {"type": "string", "format": "uri"}, "AnyHttpUrl": {"type": "string", "format": "uri"},
    "PositiveInt": {"type": "integer", "exclusiveMinimum": 0}, "NonNegativeInt": {"type": "integer", "minimum": 0},
    "NegativeInt": {"type": "integer", "exclusiveMaximum": 0}, "NonPositiveInt": {"type": "integer", "maximum": 0},
    "PositiveFloat": {"type": "number", "exclusiveMinimum": 0}, "NonNegativeFloat": {"type": "number", "minimum": 0},
    "StrictStr": {"type": "string"}, "StrictInt": {"type": "integer"}, "StrictFloat": {"type": "number"},
    "StrictBool": {"type": "boolean"}, "SecretStr": {"type": "string"},
}  # fmt: skip
CONSTRAINED = {
    "constr": "string", "conint": "integer", "confloat": "number", "condecimal": "number", "conlist": "array",
    "conset": "array",
}  # fmt: skip
LISTS = (
    "list",
    "sequence",
    "set",
    "frozenset",
    "iterable",
    "collection",
    "array",
    "readonlyarray",
    "deque",
    "arraylist",
)
# Of Pydantic's `Field`, with the keyword of JSON Schema that says the same.
BOUNDS = {
    "ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "pattern": "pattern",
    "min_length": "minLength", "max_length": "maxLength", "multiple_of": "multipleOf", "regex": "pattern",
    "min_items": "minItems", "max_items": "maxItems",
}  # fmt: skip
OF_LISTS = {"minLength": "minItems", "maxLength": "maxItems"}
CONSTANTS = {"True": True, "False": False, "true": True, "false": False, "None": None, "null": None}
