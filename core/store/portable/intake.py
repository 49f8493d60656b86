"""The parts of a file that do not fit: counted by kind, with the first reasons, so that the rest can be imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ...views.imports import Kind, LeftOut

MOST_CHARS = 2_000_000
FAULTS = {
    "missing": "is missing",
    "string_type": "is not text",
    "bool_type": "is not true or false",
    "int_type": "is not a whole number",
    "int_parsing_size": "is too large",
    "float_type": "is not a number",
    "finite_number": "is not a number",
    "list_type": "is not a list",
    "dict_type": "is not an object",
    "model_type": "is not an object",
    "model_attributes_type": "is not an object",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "string_too_short": "is empty",
    "too_short": "is empty",
    "too_long": "is too long",
    "string_too_long": "is too long",
}


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """The position of a record in a file, and the counter of its faults; the context of a validation.

    `most_chars` bounds the text of one message, one file, one system prompt.
    """

    name: str
    left: LeftOut
    most_chars: int = MOST_CHARS

    def within(self, noun: str) -> RecordPlace:
        return RecordPlace(f"{self.name}, {noun}", self.left, self.most_chars)

    def leave(self, kind: Kind, why: ValidationError | str) -> None:
        self.left.add(kind, f"{self.name}{why if isinstance(why, str) else _sentence(why)}")


def _sentence(error: ValidationError) -> str:
    """The first fault of a record as a sentence, without values from the file."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(step) for step in first["loc"] if isinstance(step, int | str))[:60]
    return f": “{where}” {_words(first)}" if where else f" {_words(first)}"


def _words(fault: Any) -> str:
    if fault["type"] == "literal_error":
        return f"is not one of {fault['ctx']['expected'].replace(' or ', ', ').replace(chr(39), '')}"
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    return FAULTS.get(fault["type"], "does not fit")
