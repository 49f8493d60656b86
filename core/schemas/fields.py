"""The fields of an answer in a fixed form: their names, their values, and whether those are as expected.

A field is named by its path: `name`, `address.city`. Fields inside lists are not told apart: the list is the field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ..insight.expected import bare, even
from .reading import resolve

MOST = 40
DEEPEST = 6
PREFIX = "expected."
EMPTY = '""'  # in a cell: an empty text


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


def names(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of the answers of a schema, at most 40; () where an answer is no object."""
    return tuple(dict.fromkeys(name for name, _ in zip(_names(schema, schema, "", 0), range(MOST), strict=False)))


def _names(root: Mapping[str, Any], schema: Any, before: str, depth: int) -> Iterator[str]:
    schema = _followed(root, schema)
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping) or depth > DEEPEST:
        if before:
            yield before
        return
    for name, inner in properties.items():
        yield from _names(root, inner, f"{before}.{name}" if before else name, depth + 1)


def may_be_in(schema: Mapping[str, Any], path: str) -> bool:
    """Whether an answer that fits the schema may have a field of this path, whole objects included."""
    return _leads(schema, schema, path, 0, set())


def _leads(root: Mapping[str, Any], schema: Any, path: str, depth: int, seen: set[tuple[int, str]]) -> bool:
    """`seen`: where it was looked already, which references lead to again and again."""
    schema = _followed(root, schema)
    if schema is True:
        return True
    if not isinstance(schema, Mapping) or depth > DEEPEST or (id(schema), path) in seen:
        return False
    seen.add((id(schema), path))
    either = [branch for name in ("anyOf", "oneOf", "allOf") for branch in schema.get(name) or ()]
    if any(_leads(root, branch, path, depth + 1, seen) for branch in either):
        return True
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    if path in properties:
        return True
    places = [place for place, sign in enumerate(path) if sign == "."]
    if any(_leads(root, properties.get(path[:place]), path[place + 1 :], depth + 1, seen) for place in places):
        return True
    is_object = "object" in str(schema.get("type", "object")) and not either
    return is_object and bool(schema.get("additionalProperties", not properties) or schema.get("patternProperties"))


def _followed(root: Mapping[str, Any], schema: Any) -> Any:
    for _ in range(DEEPEST):
        if not (isinstance(schema, Mapping) and isinstance(reference := schema.get("$ref"), str)):
            break
        try:
            schema = resolve(root, reference)
        except KeyError:
            break
    return schema


def at(value: Any, path: str) -> Any:
    """The value of a field; MISSING where the answer has none."""
    if not isinstance(value, Mapping):
        return MISSING
    if path in value:
        return value[path]
    first, _, rest = path.partition(".")
    while rest:
        if first in value:
            return at(value[first], rest)
        more, _, rest = rest.partition(".")
        first = f"{first}.{more}"
    return MISSING


def text_of(value: Any) -> str:
    """A value in a cell."""
    if value is MISSING:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and not any(isinstance(each, list | dict) for each in value):
        return ", ".join(map(text_of, value))
    return json.dumps(value, ensure_ascii=False)


def is_as_expected(value: Any, expected: str) -> bool:
    """Whether a field has the value that a cell of a table names: texts as the rule "equals" compares them, `""` for
    an empty one, numbers by their value, lists as JSON or with commas, in any order."""
    expected = expected.strip()
    if value is MISSING:
        return False
    if isinstance(value, str):
        return bare(value, True) == ("" if expected == EMPTY else bare(expected, True))
    if isinstance(value, bool):
        return expected.casefold() in (("true", "yes", "1") if value else ("false", "no", "0"))
    if value is None:
        return expected.casefold() in ("null", "none")
    if isinstance(value, int | float):
        return _number(expected) == _number(str(value)) is not None
    wanted = _parsed(expected)
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        cells = wanted if isinstance(wanted, list) else [cell for cell in expected.split(",") if cell.strip()]
        return sorted(even(text_of(each), True) for each in value) == sorted(
            even(text_of(each), True) for each in cells
        )
    return bool(value == wanted)


def expected_in(columns: Sequence[str]) -> dict[str, str]:
    """The columns of a table that hold expected values: the field by the column's name."""
    return {
        column: column.strip()[len(PREFIX) :].strip()
        for column in columns
        if column.strip().casefold().startswith(PREFIX) and column.strip()[len(PREFIX) :].strip()
    }


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
