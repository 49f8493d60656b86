"""What a question may ask for beside a text: how hard to think, an answer in a fixed form, tools."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

# How hard a model should think: a level, or a budget in tokens.
AskedEffort = Literal["none", "low", "medium", "high"] | int
ToolChoice = Literal["auto", "none", "required"] | str


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """The form of an answer. `schema_json`: a JSON schema as text, where `kind` is "schema"."""

    kind: Literal["text", "json", "schema"] = "text"
    schema_json: str = ""
    name: str = "answer"

    @property
    def schema(self) -> dict[str, Any]:
        """The parsed schema; ValueError where it is no JSON object."""
        return _object(self.schema_json)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model may call. `parameters_json`: the JSON schema of its arguments, as text."""

    name: str
    description: str = ""
    parameters_json: str = '{"type": "object", "properties": {}}'

    @property
    def parameters(self) -> dict[str, Any]:
        """The parsed schema; ValueError where it is no JSON object."""
        return _object(self.parameters_json)


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text or "{}")
    if not isinstance(value, dict):
        raise ValueError("a JSON object is needed")
    return value
