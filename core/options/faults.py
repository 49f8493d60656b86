"""What is wrong with an option, in one sentence for people: what it may be, never its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ..providers.environ import Environ, problem


def sentences(error: ValidationError, fields: Mapping[str, FieldInfo], merged: Environ, prefix: str) -> str:
    """One line per fault."""
    lines = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        option = str(fault["loc"][0])
        name = prefix + option.upper()
        own = fault["msg"].removeprefix("Value error, ") if fault["type"] == "value_error" else None
        lines.append(problem(f"{name} ({merged.source(name) or 'given'}):", own or rule(fields[option])))
    return "\n".join(lines)


def rule(field: FieldInfo) -> str:
    """What an option may be, as the end of a sentence. pydantic's own messages are in English only and name one
    bound."""
    bounds = {
        name: value
        for rule in field.metadata
        for name in ("gt", "ge", "le", "min_length", "max_length", "pattern")
        if (value := getattr(rule, name, None)) is not None
    }
    kinds = get_args(field.annotation) or (field.annotation,)
    if bool in kinds:
        return "must be true or false"
    if int in kinds:
        return f"must be a whole number from {bounds['ge']} to {bounds['le']}"
    if float in kinds and "gt" in bounds:
        return f"must be a number above {bounds['gt']} and at most {bounds['le']}"
    if float in kinds:
        return f"must be a number from {bounds['ge']} to {bounds['le']}"
    if "pattern" in bounds:
        return "must be a model such as groq/openai/gpt-oss-20b, or auto"
    if "max_length" in bounds:
        return f"must be a text of {bounds.get('min_length', 1)} to {bounds['max_length']} characters"
    choices = [str(word) for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    choices += [word for word in kinds if isinstance(word, str)]  # of a Literal that cannot be unset
    return f"must be one of {', '.join(choices)}" if choices else "must be a text"
