"""The calculator: exact where it can be, rounded where it says so, and a sentence for all that is no sum."""

from __future__ import annotations

import pytest

from core.records import Message, Text, ToolCall, ToolResult
from core.tools import CALCULATOR, Toolbox
from core.tools.arithmetic import MOST_BITS, evaluate
from core.tools.functions import ArithmeticRefusal
from core.views.tool_steps import lines

EXACT = {
    "17*23": "391",
    "17 × 23 =": "391",
    "2 + 3 * 4 - 6 / 3": "12",
    "-2^2": "-4",
    "2**3**2": "512",
    "2^-2": "0.25",
    "0.1 + 0.2": "0.3",
    "1_000 * 1.5": "1500",
    "7 // 2": "3",
    "-7 // 2": "-4",
    "7 % 3": "1",
    "5 mod 3": "2",
    "15% of 80": "12",
    "200 + 10%": "220",
    "200 - 10%": "180",
    "200 * 10%": "20",
    "1 - 1% * 2": "0.98",
    "10!": "3628800",
    "sqrt(16) + √9": "7",
    "sqrt(1/4)": "0.5",
    "cbrt(-27)": "-3",
    "root(2^30, 10)": "8",
    "log(8, 2)": "3",
    "log10(0.001)": "-3",
    "round(2.5)": "3",
    "round(-3.14159, 2)": "-3.14",
    "floor(-2.5) + ceil(2.1)": "0",
    "min(3, 1, 2) + max([1, 2])": "3",
    "sum([1, 2, 3], 4)": "10",
    "mean(1, 2, 3, 4)": "2.5",
    "median(9, 1, 5)": "5",
    "comb(49, 6)": "13983816",
    "gcd(12, 18) + lcm(4, 6)": "18",
    "2^64": "18446744073709551616",
    "（１２＋３）×４＝": "60",
    "٣ + ٤٫٥": "7.5",
}
ROUNDED = {
    "1/3": "0.333333333333333",
    "sqrt(2)": "1.4142135623731",
    "2^0.5": "1.4142135623731",
    "sin(pi / 6)": "0.5",
    "sin(pi)": "0",
    "ln(e)": "1",
    "exp(-20)": "2.06115362243856e-9",
    "1000!": "4.02387260077094e+2567",
    "degrees(pi)": "180",
    "stdev(1, 2, 3, 4)": "1.29099444873581",
    "sin(10^22)": "-0.852200849767189",
    "sin(10^50)": "-0.78967249342931",
    "cos(10^10 + 0.1)": "0.91742705346985",
}
REFUSED = {
    "": "nothing to calculate",
    "1 / 0": "Division by zero",
    "0 ^ -1": "Division by zero",
    "1,234 + 1": "without commas",
    "sqrt(-1)": "no real root",
    "(-8) ^ 0.5": "no real value",
    "log(0)": "above zero",
    "tan(pi/2)": "no value",
    "2 +": "ends too early",
    "(2": "missing",
    "2 3": "cannot stand there",
    "2pi": "cannot stand there",
    "sin 2": "parentheses",
    "sqrt(1, 2, 3)": "does not take 3 numbers",
    "max()": "no numbers",
    "x + 1": "no function",
    "5 km + 2": "cannot stand there",
    "factorial(2.5)": "whole numbers",
    "round(1, 10^9)": "at most 100",
    "sin(10^60)": "angle is too large",
    "sin(exp(50))": "angle is too large",
    "0 / 0": "Division by zero",
    "inf - inf": "no function",
    "²": "cannot stand there",
}
HOSTILE = [
    "9^9^9^9",
    "9**9**9",
    "(" * 10_000 + "1" + ")" * 10_000,
    "3000!!!",
    "1e999 * 1e999 * 1e999 * 1e999",
    "e^e^e^e",
    "comb(1000, 500)^20",
    "10^100000",
    "((2^64)!)!",
    "factorial(factorial(7))",
    "2^9999 * 2^9999 * 2^9999",
    "exp(10^9)",
    "floor(exp(20000))",
    "1e99999",
    "9" * 900,
    "(" * 300 + "1" + ")" * 300,
    "-" * 900 + "1",
    "1+" * 450 + "1",
    "1" * 2000,
    "__import__('os').system('id')",
    "().__class__.__bases__",
    "lambda: 0",
    "[x for x in (1, 2)]",
    "open('/etc/passwd')",
    "f'{1}'",
    "1 if 1 else 2",
    "a := 1",
    "print(1)",
    "\x00",
    "exec(1)",
    "comb(10^9, 5 * 10^8)",
    "mean(" + "[" * 400,
    "0.1^99999",
    "(1/3)^99999",
    "5%%%%" * 200,
]


@pytest.mark.parametrize(("expression", "value"), EXACT.items())
def test_an_exact_value(expression: str, value: str) -> None:
    assert evaluate(expression) == (value, True)


@pytest.mark.parametrize(("expression", "value"), ROUNDED.items())
def test_a_rounded_value_says_so(expression: str, value: str) -> None:
    assert evaluate(expression) == (value, False)
    assert CALCULATOR.function(expression) == f"about {value}"


@pytest.mark.parametrize(("expression", "words"), REFUSED.items())
def test_what_is_no_sum_is_refused_in_a_sentence(expression: str, words: str) -> None:
    with pytest.raises(ArithmeticRefusal, match=words) as caught:
        evaluate(expression)
    assert str(caught.value).endswith((".", "1,234.5."))


@pytest.mark.parametrize("expression", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_refused(expression: str) -> None:
    result = Toolbox([CALCULATOR]).run([ToolCall("1", "calculator", f'{{"expression": {_quoted(expression)}}}')])[0]
    assert result.is_error
    assert "\n" not in result.text
    assert len(result.text) < 200


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\x00", "\\u0000") + '"'


def test_the_largest_values_that_are_let_through() -> None:
    assert len(evaluate(f"2^{MOST_BITS - 1} // 10^2100").text) < 1_000
    assert evaluate("1000! // 999!") == ("1000", True)


def test_steps_as_lines() -> None:
    calls = [
        ToolCall("1", "calculator", '{"expression": "17 * 23"}'),
        ToolCall("2", "calculator", '{"expression": "1/0"}'),
        ToolCall("3", "weather", '{"city": "Oslo", "days": 2}'),
    ]
    results = [ToolResult("1", "calculator", "391"), ToolResult("2", "calculator", "No value.", is_error=True)]
    assert lines([Message("assistant", [Text("Let me\nsee."), *calls]), Message("tool", results)]) == [
        "Let me see.",
        "calculator: 17 * 23 = 391",
        "calculator: 1/0 — No value.",
        'weather: {"city": "Oslo", "days": 2} …',
    ]
