"""Answers that refuse, told from those that only seem to."""

from __future__ import annotations

import pytest

from core.insight.refusals import is_refusal


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.", "I can’t assist with this request.",
        "Sorry, I cannot provide instructions for that.", "I apologize, but I cannot fulfill this request.",
        "Unfortunately, I'm unable to generate that image.", "I won't write that.", "I must decline.",
        "抱歉，我无法提供这方面的帮助。", "对不起，这个请求我不能协助。", "很抱歉，我不能回答这个问题。",
    ],
)  # fmt: skip
def test_a_refusal(answer: str) -> None:
    assert is_refusal(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "", "Sure! Here is the code.", "I cannot open links, but here is how to read it.",
        "Sorry, my mistake! It is 4.",
        "The function can't provide a value here.", "抱歉让你久等了，答案是 42。",
        "我无法访问网络，但我可以根据已有知识回答。",
        "If you say “I can't help with that”, the caller hangs up.", "You can't divide by zero.",
    ],
)  # fmt: skip
def test_no_refusal(answer: str) -> None:
    assert not is_refusal(answer)
