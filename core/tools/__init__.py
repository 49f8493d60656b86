"""Functions that a model may call, and the calculator.

function_tool.py  a Python function as a tool: its name, its description, the schema of its arguments
toolbox.py        runs the calls of one answer, each in its bounds
calculator.py     the one tool that the chat has; arithmetic.py and functions.py do its sums
"""

from collections.abc import Iterable

from ..records import Tool
from .calculator import CALCULATOR
from .function_tool import FunctionTool, as_tool, function_tool
from .toolbox import Toolbox, ToolFunction


def built_in(offered: Iterable[Tool]) -> list[FunctionTool]:
    """Those of our own tools that are offered to a model, with their functions."""
    return [CALCULATOR] if CALCULATOR.tool in offered else []


__all__ = ["CALCULATOR", "FunctionTool", "ToolFunction", "Toolbox", "as_tool", "built_in", "function_tool"]
