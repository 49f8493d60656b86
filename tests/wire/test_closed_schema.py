"""Schemas as Anthropic enforces them: its own client finds nothing left to change in them."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic import transform_schema
from jsonschema import Draft202012Validator

from core.wire.closed_schema import closed

PERSON: dict[str, Any] = {
    "type": "object",
    "title": "Person",
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "Both names."},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "mail": {"type": ["string", "null"], "format": "email"},
        "born": {"type": "string", "format": "iso-week"},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1, "maxItems": 3},
        "home": {"$ref": "#/$defs/place"},
        "work": {"oneOf": [{"$ref": "#/$defs/place"}, {"type": "null"}]},
    },
    "required": ["name"],
    "$defs": {"place": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


def test_a_schema_is_closed_and_the_rest_is_told() -> None:
    strict = closed(PERSON)
    assert strict
    assert transform_schema(strict) == strict
    assert strict["additionalProperties"] is False
    assert strict["$defs"]["place"]["additionalProperties"] is False
    assert strict["properties"]["name"] == {"type": "string", "description": "Both names.\n\n{minLength: 1}"}
    assert strict["properties"]["age"]["description"] == "{minimum: 0, maximum: 150}"
    assert strict["properties"]["mail"] == {"anyOf": [{"type": "string", "format": "email"}, {"type": "null"}]}
    assert strict["properties"]["born"]["description"] == "{format: iso-week}"
    assert strict["properties"]["tags"]["minItems"] == 1
    assert strict["properties"]["work"] == {"anyOf": [{"$ref": "#/$defs/place"}, {"type": "null"}]}
    Draft202012Validator.check_schema(strict)


def test_what_fits_the_closed_schema_fits_the_person_s() -> None:
    strict = closed(PERSON)
    assert strict
    answer = {"name": "Ada", "mail": None, "tags": ["a"], "home": {"city": "London"}, "work": None}
    assert Draft202012Validator(strict).is_valid(answer)
    assert Draft202012Validator(PERSON).is_valid(answer)
    assert closed(strict) == strict


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "number"}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
        {"type": "object", "properties": {"a": {"type": "object", "patternProperties": {"^x": {}}}}},
        {"type": "object", "properties": {"a": {}}},
        {"type": "array"},
        {"type": "array", "prefixItems": [{"type": "string"}], "items": False},
        {"type": "object", "properties": {"a": True}},
        {},
    ],
)
def test_what_cannot_be_closed_is_no_schema_for_it(schema: dict[str, Any]) -> None:
    assert closed(schema) is None
