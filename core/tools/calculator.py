"""The calculator as a tool: `{"expression": "17 * 23"}` is answered with `391`."""

from __future__ import annotations

import json

from ..records import Tool
from .arithmetic import evaluate
from .function_tool import FunctionTool

DESCRIPTION = (
    "Calculates exactly. Use it for every sum with more than two digits. It knows + - * / // % ** ! and parentheses, "
    "percentages (15% of 80), pi and e, and sqrt, root(x, n), log(x, base), ln, exp, sin, cos, tan (radians), abs, "
    "round(x, places), floor, ceil, min, max, sum, mean, median, stdev, comb, perm, gcd, lcm. No variables, no units, "
    "no commas in numbers."
)
EXPRESSION = {"type": "string", "description": "One expression, such as (17 * 23) / 4 or sqrt(2)"}
PARAMETERS = {
    "type": "object",
    "properties": {"expression": EXPRESSION},
    "required": ["expression"],
    "additionalProperties": False,
}


def calculate(expression: str) -> str:
    """The value; "about" stands before one that is rounded. Raises ArithmeticRefusal with one sentence."""
    value = evaluate(expression)
    return value.text if value.exact else f"about {value.text}"


CALCULATOR = FunctionTool(Tool("calculator", DESCRIPTION, json.dumps(PARAMETERS)), calculate)
