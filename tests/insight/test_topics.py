"""The topic of a prompt: plain examples of each kind in both languages, and the edges."""

from __future__ import annotations

import pytest

from core.insight.topics import BEGINNING, TOPICS, topic

EXAMPLES = {
    "translation": (
        "Translate into German: the weather is fine today",
        "How do you say thank you in Japanese?",
        "把下面这段话翻译成英文：今天天气很好",
        "“加油”用英语怎么说？",
    ),
    "code": (
        "Write a Python function that merges two sorted lists",
        "Why does this regex not match an empty line?",
        "```\nfor i in range(3): print(i)\n```\nwhat does this print?",
        "写一个爬虫脚本，抓取网页标题",
        "这段代码报错了，帮我看看",
    ),
    "maths": (
        "Solve the equation 3x + 5 = 20",
        "What is the probability of two sixes in a row?",
        "A train goes 120 km in 2 hours. What is its average speed?",
        "计算 37 * 48 等于多少",
        "证明根号二不是有理数",
    ),
    "writing": (
        "Write a short poem about the sea",
        "Rewrite this paragraph so that it sounds friendlier",
        "Draft an email to my landlord about the heating",
        "写一篇关于春天的作文",
        "帮我润色这封邮件",
    ),
    "reasoning": (
        "Should I rent or buy a flat? Give pros and cons",
        "Three people each own one pet; solve this riddle: who owns the fish?",
        "Why do prices rise when the interest rate falls?",
        "远程办公的优缺点是什么？",
        "这个谜题的答案是什么，请逐步推理",
    ),
    "facts": (
        "Who wrote War and Peace?",
        "What is the capital of Australia?",
        "Explain recursion in one paragraph",
        "什么是光合作用？",
        "澳大利亚的首都在哪里",
    ),
    "other": ("Hello!", "你好", "", "asdf"),
}


@pytest.mark.parametrize(
    ("name", "prompt"), [(name, prompt) for name, prompts in EXAMPLES.items() for prompt in prompts]
)
def test_a_prompt_has_the_topic_of_its_task(name: str, prompt: str) -> None:
    assert topic(prompt) == name


def test_every_topic_has_examples() -> None:
    assert set(EXAMPLES) == set(TOPICS)


def test_the_task_may_stand_behind_a_long_text() -> None:
    filler = "lorem ipsum dolor " * 1000
    assert topic(filler + "\n\nTranslate this into English.") == "translation"
    assert topic(filler[:BEGINNING] + " python " + filler) == "other"


def test_words_match_whole() -> None:
    assert topic("javanese sqlite classic") == "other"
