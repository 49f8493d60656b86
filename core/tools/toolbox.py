"""Runs the tools that a model calls. A tool that fails is a result that says so in one sentence, never an exception.

Arguments are checked against the tool's schema before it is called. The calls of one answer run at the same time, each
in a thread of its own, and no longer than `timeout_s`: Python cannot end a thread, so one that takes longer is left
alone, and its value comes to nothing. Results are cut to `most_chars`.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any

from ..errors import BadRequest
from ..records import Tool, ToolCall, ToolResult
from .function_tool import FunctionTool, as_tool

ToolFunction = FunctionTool | Callable[..., Any]
TIMEOUT_S = 30.0
MOST_CHARS = 20_000
MOST_ARGUMENT_CHARS = 100_000
ERROR_CHARS = 300


class Toolbox:
    """Tools by name. Raises BadRequest where two have one name."""

    def __init__(
        self, tools: Iterable[ToolFunction], *, timeout_s: float = TIMEOUT_S, most_chars: int = MOST_CHARS
    ) -> None:
        all_tools = list(map(as_tool, tools))
        self._tools = {tool.tool.name: tool for tool in all_tools}
        if len(self._tools) < len(all_tools):
            raise BadRequest("Two tools have the same name.")
        self._timeout_s = timeout_s
        self._most_chars = most_chars

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What a model is offered."""
        return tuple(tool.tool for tool in self._tools.values())

    def run(self, calls: Sequence[ToolCall]) -> list[ToolResult]:
        """The results in the order of the calls; blocks, not for use on an event loop."""
        running = [(call, self._begin(call)) for call in calls]
        return [result if isinstance(result, ToolResult) else self._wait(call, result) for call, result in running]

    async def run_soon(self, calls: Sequence[ToolCall]) -> list[ToolResult]:
        """The same on an event loop; `async` functions run on it."""
        return list(await asyncio.gather(*map(self._run_one_soon, calls)))

    async def _run_one_soon(self, call: ToolCall) -> ToolResult:
        begun = self._begin(call, on_loop=True)
        if isinstance(begun, ToolResult):
            return begun
        try:
            waited_for = asyncio.wrap_future(begun) if isinstance(begun, Future) else begun
            return self._result(call, await asyncio.wait_for(waited_for, self._timeout_s))
        except TimeoutError:
            return self._late(call)
        except Exception as error:
            return _failed(call, error)

    def _begin(self, call: ToolCall, *, on_loop: bool = False) -> Any:
        """What will be the tool's value; a ToolResult where it was not called."""
        tool = self._tools.get(call.name)
        if tool is None:
            return _refused(call, f"There is no tool named {call.name[:60]!r}.")
        try:
            arguments = _arguments(call, tool.tool)
        except ValueError as error:
            return _refused(call, str(error))
        if on_loop and inspect.iscoroutinefunction(tool.function):
            return _on_loop(tool.function, arguments)
        return _in_a_thread(tool.function, arguments)

    def _wait(self, call: ToolCall, running: Future[Any]) -> ToolResult:
        try:
            return self._result(call, running.result(self._timeout_s))
        except TimeoutError:
            return self._late(call)
        except Exception as error:
            return _failed(call, error)

    def _late(self, call: ToolCall) -> ToolResult:
        return _refused(call, f"{call.name} took longer than {self._timeout_s:g} seconds.")

    def _result(self, call: ToolCall, value: object) -> ToolResult:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        text = text.encode("utf-8", "replace").decode()  # a lone surrogate can neither be sent nor stored
        if len(text) > self._most_chars:
            text = f"{text[: self._most_chars]}\n[cut: {len(text):,} characters]"
        return ToolResult(call.id, call.name, text)


def _in_a_thread(function: Callable[..., Any], arguments: dict[str, Any]) -> Future[Any]:
    """A thread that does not keep the program from ending."""
    future: Future[Any] = Future()

    def work() -> None:
        try:
            value = function(**arguments)
            future.set_result(asyncio.run(value) if inspect.iscoroutine(value) else value)
        except Exception as error:
            future.set_exception(error)
        except BaseException as error:  # sys.exit() ends a tool, not the program that waits for it
            future.set_exception(RuntimeError(f"ended with {type(error).__name__}"))

    future.set_running_or_notify_cancel()
    threading.Thread(target=work, name="tool", daemon=True).start()
    return future


async def _on_loop(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    try:
        return await function(**arguments)
    except (SystemExit, KeyboardInterrupt) as error:  # which would end the loop
        raise RuntimeError(f"ended with {type(error).__name__}") from None


def _arguments(call: ToolCall, tool: Tool) -> dict[str, Any]:
    """The arguments, checked. Raises ValueError with one sentence."""
    if len(call.arguments) > MOST_ARGUMENT_CHARS:
        raise ValueError(f"The arguments are longer than {MOST_ARGUMENT_CHARS:,} characters.")
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        raise ValueError("The arguments are no valid JSON.") from None
    if not isinstance(arguments, dict):
        raise ValueError("The arguments must be a JSON object.")
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import UnknownType, best_match
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    checker = Draft202012Validator(tool.parameters, registry=Registry())  # an empty one fetches nothing
    try:
        error = best_match(checker.iter_errors(arguments))
    except (Unresolvable, UnknownType, TypeError, ValueError, RecursionError):
        raise ValueError(f"The schema of {tool.name} cannot be used.") from None
    if error:
        place = ".".join(map(str, error.absolute_path))
        raise ValueError(f"Wrong arguments{f' at {place}' if place else ''}: {error.message[:ERROR_CHARS]}.")
    return arguments


def _refused(call: ToolCall, sentence: str) -> ToolResult:
    return ToolResult(call.id, call.name, sentence, is_error=True)


def _failed(call: ToolCall, error: BaseException) -> ToolResult:
    """The tool's own first line; no traceback goes to a model."""
    try:
        line = next(iter(str(error).strip().splitlines()), "")[:ERROR_CHARS].encode("utf-8", "replace").decode()
    except Exception:  # an error that cannot be written
        line = ""
    return _refused(call, line or f"{call.name} failed ({type(error).__name__}).")
