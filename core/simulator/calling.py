"""Which tools a simulated model calls, and what it says of their results. Pure.

A calculator is called for the sums in the question, another tool where the question has a word of its name, and the
tool that must be called in any case. Arguments come from the question (instance.py).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

from ..records import Message, Tool, ToolCall, ToolResult
from . import instance
from .attached import without_documents
from .wish import AnswerWish, Unreadable

MOST_CALLS = 4
WORDS = (
    (r"\s+(?:times|multiplied by)\s+|乘以|乘", " * "),
    (r"\s+divided by\s+|除以", " / "),
    (r"\s+plus\s+|加上|加", " + "),
    (r"\s+minus\s+|减去|减", " - "),
    (r"\s+to the power of\s+", " ** "),
    (r"(?:the )?square root of\s+(\d[\d.]*)", r"sqrt(\1)"),
)
_NUMBER = r"\d[\d_]*(?:\.\d+)?%?!?"
_CALLED = r"(?:sqrt|log10|log2|log|ln|exp|sin|cos|tan|abs|round|min|max|sum|mean|comb)\([^()\n]{1,80}\)"
_ATOM = rf"(?:{_CALLED}|\(*\s*-?{_NUMBER}\s*\)*)"
_SIGN = r"(?:\*\*|//|[-+*/×÷^]|\bof\b|%)"
SUM = re.compile(rf"(?<![\w.]){_ATOM}(?:\s*{_SIGN}\s*{_ATOM})+(?![\w])|(?<!\w){_CALLED}|(?<![\w.])\d+!")
DATE = re.compile(r"\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}/\d{1,2}/\d{2,4}|\d+-\d+(?:-\d+)+")
CALCULATOR = re.compile(r"calc|math|arith|eval|comput", re.IGNORECASE)


def sums_in(question: str) -> list[str]:
    """The sums in a question, such as "17*23"."""
    question = re.sub(r"(?<=\d),(?=\d{3}\b)", "", question)
    for words, sign in WORDS:
        question = re.sub(words, sign, question, flags=re.IGNORECASE)
    sums = (" ".join(match[0].split()) for match in SUM.finditer(DATE.sub(" ", question)))
    whole = (text for text in sums if text.count("(") == text.count(")"))
    return list(dict.fromkeys(whole))[:MOST_CALLS]


def calls_for(messages: Sequence[Message], wish: AnswerWish) -> tuple[ToolCall, ...]:
    """The calls of the next turn; none after the results of tools, or where none fits."""
    if not wish.tools or wish.tool_choice == "none" or messages[-1].role == "tool":
        return ()
    question = without_documents(messages[-1])
    wanted = [(tool, text) for tool in wish.tools for text in _arguments(tool, question, wish)]
    most = MOST_CALLS if wish.parallel else 1
    return tuple(_call(tool, text, place) for place, (tool, text) in enumerate(wanted[:most]))


def said_of(messages: Sequence[Message], chinese: bool) -> str:
    """What the model says of the newest results; "" where there are none."""
    begin = len(messages)
    while begin and messages[begin - 1].role == "tool":  # some vendors have a turn for each result
        begin -= 1
    calls = {key: call for message in messages for call in message.tool_calls for key in (call.name, call.id)}
    return "\n\n".join(
        _sentence(part, calls.get(part.call_id), chinese)
        for message in messages[begin:]
        for part in message.parts
        if isinstance(part, ToolResult)
    )


def _arguments(tool: Tool, question: str, wish: AnswerWish) -> list[str]:
    """The arguments of each call of this tool, as JSON text."""
    properties = tool.parameters.get("properties") or {}
    texts = [name for name, inner in properties.items() if isinstance(inner, dict) and inner.get("type") == "string"]
    named = wish.tool_choice == tool.name
    if wish.tool_choice not in ("auto", "required") and not named:
        return []
    if texts and (CALCULATOR.search(tool.name) or "expression" in properties):
        place = "expression" if "expression" in texts else texts[0]
        if sums := sums_in(question):
            return [json.dumps({place: text}, ensure_ascii=False) for text in sums]
    fits = any(len(word) > 3 and word in question.casefold() for word in re.split(r"[\W_]+", tool.name.casefold()))
    must = named or (wish.tool_choice == "required" and tool == wish.tools[0])
    return [instance.of_schema({"type": "object", **tool.parameters}, question)] if fits or must else []


def _call(tool: Tool, arguments: str, place: int) -> ToolCall:
    made = hashlib.sha256(f"{place} {tool.name} {arguments}".encode()).hexdigest()
    return ToolCall(f"call_{made[:20]}", tool.name, arguments)


def _sentence(result: ToolResult, call: ToolCall | None, chinese: bool) -> str:
    name = call.name if call else result.name or "tool"
    text = result.text.strip()
    if result.is_error:
        return f"工具 `{name}` 无法完成：{text}" if chinese else f"The tool `{name}` could not do it: {text}"
    try:
        arguments = json.loads(call.arguments) if call else {}
    except ValueError:
        arguments = {}
    expression = arguments.get("expression") if isinstance(arguments, dict) else None
    if isinstance(expression, str) and "\n" not in text and len(text) < 200:
        return (
            f"{expression} = {text}（由工具 `{name}` 计算）"
            if chinese
            else f"{expression} = {text}, as the tool `{name}` says."
        )
    fence = f"```\n{text[:2_000]}\n```"
    return f"工具 `{name}` 返回：\n\n{fence}" if chinese else f"The tool `{name}` returned:\n\n{fence}"


def check(tools: Sequence[Tool]) -> None:
    """Raises Unreadable for a tool without a name or with an unreadable schema."""
    for tool in tools:
        try:
            parameters = tool.parameters
        except ValueError:
            parameters = None
        if parameters is None:
            raise Unreadable(f"The schema of the tool {tool.name!r} cannot be read.")
        if not re.fullmatch(r"[\w.:-]{1,128}", tool.name):
            raise Unreadable("A tool needs a name of letters, digits, _ and -.")
