"""What a request asks for beside an answer in words: how hard to think, a form, tools."""

from __future__ import annotations

from dataclasses import dataclass

from ..records import AskedEffort, ResponseFormat, Tool


class Unreadable(ValueError):
    """A request that cannot be answered; the message says why."""


@dataclass(frozen=True, slots=True)
class AnswerWish:
    """`tool_choice` as in `ChatRequest`. `parallel`: several calls at once are allowed."""

    effort: AskedEffort | None = None
    form: ResponseFormat | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: str = "auto"
    parallel: bool = True


NO_WISH = AnswerWish()
