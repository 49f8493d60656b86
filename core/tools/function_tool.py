"""A Python function as a tool: what a model is text of it follows from its signature and its docstring."""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from ..errors import BadRequest
from ..records import Tool

SIMPLE: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True)
class FunctionTool:
    """`tool` is offered to the model, `function` called with its arguments by name; it may be `async`."""

    tool: Tool
    function: Callable[..., Any]


def function_tool(function: Callable[..., Any], *, name: str = "", description: str = "") -> FunctionTool:
    """The function under its own name, with the first paragraph of its docstring; the types of its parameters become a
    JSON schema. Raises BadRequest for a parameter that cannot be given by name."""
    properties, required = {}, []
    hints = typing.get_type_hints(function)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise BadRequest(f"The tool {function.__name__} has a parameter that cannot be given by its name.")
        properties[parameter.name] = _schema(hints.get(parameter.name, Any))
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    text = description or " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())
    return FunctionTool(Tool(name or function.__name__, text, json.dumps(schema)), function)


def as_tool(tool: FunctionTool | Callable[..., Any]) -> FunctionTool:
    return tool if isinstance(tool, FunctionTool) else function_tool(tool)


def _schema(hint: Any) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if hint in SIMPLE:
        return {"type": SIMPLE[hint]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if kind is type(None) else _schema(kind) for kind in inner]}
    if origin in (list, tuple, set, frozenset) or (origin and issubclass(origin, typing.Sequence)):
        return {"type": "array", "items": _schema(inner[0]) if inner else {}}
    if origin and issubclass(origin, typing.Mapping):
        return {"type": "object", "additionalProperties": _schema(inner[1]) if len(inner) > 1 else {}}
    return {}
