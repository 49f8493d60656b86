"""Functions as tools: what a model is told of them, how they are run, and what becomes of all that goes wrong."""

from __future__ import annotations

import json
import sys
import threading
from typing import Literal

import pytest

from core.errors import BadRequest
from core.records import Tool, ToolCall, ToolResult
from core.tools import FunctionTool, Toolbox, function_tool


def weather(city: str, unit: Literal["C", "F"] = "C", days: list[int] | None = None) -> str:
    """Tell the weather
    of a city.

    It always rains.
    """
    return f"{city}: 12 {unit} {days}"


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall("call_1", name, json.dumps(arguments))


def test_a_function_tells_its_name_its_use_and_its_arguments() -> None:
    tool = function_tool(weather).tool
    assert (tool.name, tool.description) == ("weather", "Tell the weather of a city.")
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"enum": ["C", "F"]},
            "days": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    with pytest.raises(BadRequest, match="by its name"):
        function_tool(lambda *words: words)
    with pytest.raises(BadRequest, match="same name"):
        Toolbox([weather, weather])


def test_a_call_is_run_with_its_arguments() -> None:
    assert Toolbox([weather]).run([call("weather", city="Oslo", days=[1])]) == [
        ToolResult("call_1", "weather", "Oslo: 12 C [1]")
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (ToolCall("1", "weather", "{"), "no valid JSON"),
        (ToolCall("1", "weather", "[1]"), "JSON object"),
        (ToolCall("1", "weather", "[" * 90_000), "no valid JSON"),
        (ToolCall("1", "weather", " " * 200_000), "longer than 100,000"),
        (call("weather"), "'city' is a required property"),
        (call("weather", city=3), "at city: 3 is not of type 'string'"),
        (call("weather", city="Oslo", unit="K"), "at unit"),
        (call("weather", city="Oslo", more=1), "Additional properties"),
        (call("rain"), "no tool named 'rain'"),
    ],
)
def test_a_wrong_call_is_a_result_that_says_so(wrong: ToolCall, words: str) -> None:
    result = Toolbox([weather]).run([wrong])[0]
    assert result.is_error
    assert words in result.text
    assert result.call_id == wrong.id


def test_a_schema_fetches_nothing() -> None:
    def ask(value: object) -> str:
        return str(value)

    tool = FunctionTool(Tool("ask", "", '{"$ref": "https://something.invalid/schema.json"}'), ask)
    assert Toolbox([tool]).run([call("ask", value=1)])[0].text == "The schema of ask cannot be used."


def test_a_failing_tool_tells_its_first_line() -> None:
    def fail(how: str) -> str:
        raise OSError(f"{how} is not there\nsecond line") if how else KeyError

    results = Toolbox([fail]).run([call("fail", how="The disk"), call("fail", how="")])
    assert [(result.is_error, result.text) for result in results] == [
        (True, "The disk is not there"),
        (True, "fail failed (KeyError)."),
    ]


def test_a_slow_tool_is_left_alone() -> None:
    never = threading.Event()

    def wait() -> str:
        never.wait()
        return "late"

    result = Toolbox([wait], timeout_s=0.05).run([call("wait")])[0]
    assert (result.is_error, result.text) == (True, "wait took longer than 0.05 seconds.")
    never.set()


def test_values_are_json_and_long_ones_cut() -> None:
    def rows(number: int) -> list[dict[str, int]]:
        return [{"n": place} for place in range(number)]

    short, long = Toolbox([rows], most_chars=50).run([call("rows", number=2), call("rows", number=100)])
    assert short.text == '[{"n": 0}, {"n": 1}]'
    assert long.text.endswith("\n[cut: 1,090 characters]")


async def test_the_calls_of_one_answer_run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=10)

    def meet() -> str:
        both.wait()
        return "met"

    async def soon(word: str) -> str:
        return word

    results = await Toolbox([meet, soon]).run_soon([call("meet"), call("meet"), call("soon", word="now")])
    assert [result.text for result in results] == ["met", "met", "now"]
    assert [result.text for result in Toolbox([meet, soon]).run([call("meet"), call("meet"), call("soon", word="x")])]


async def test_a_tool_that_ends_the_program_ends_itself_alone() -> None:
    def leave() -> None:
        sys.exit(3)

    async def leave_soon() -> None:
        sys.exit(3)

    assert "SystemExit" in Toolbox([leave]).run([call("leave")])[0].text
    for result in await Toolbox([leave, leave_soon]).run_soon([call("leave"), call("leave_soon")]):
        assert (result.is_error, "SystemExit" in result.text) == (True, True)


def test_what_a_tool_says_can_always_be_sent() -> None:
    class UnwritableError(Exception):
        def __str__(self) -> str:
            raise ValueError

    def half() -> str:
        return "a\ud800"

    def fails() -> None:
        raise UnwritableError

    results = Toolbox([half, fails]).run([call("half"), call("fails")])
    assert [result.text for result in results] == ["a?", "fails failed (UnwritableError)."]
