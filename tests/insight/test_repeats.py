"""What counts as the same question: a labelled set of pairs, and the groups."""

from __future__ import annotations

import pytest

from core.insight.repeats import form, groups

SAME = (
    ("How do I reverse a list in Python?", "how to reverse a list in python"),
    ("What is DNS?", "what's DNS"),
    ("How do I install Docker on Ubuntu?", "How do I install Docker on Ubunto"),
    ("Please explain photosynthesis.", "Explain photosynthesis, please!"),
    ("How do I undo a git commit?", "How can I undo a git commit"),
    ("What are your opening hours?", "WHAT ARE YOUR OPENING HOURS"),
    ("Explain the difference between TCP and UDP", "Can you explain the difference between TCP and UDP?"),
    ("How do I centre a div?", "how do i centre a div ???"),
    ("怎么用 Python 反转列表？", "如何用Python反转列表"),
    ("请问怎么用 Python 反转一下列表？", "怎么用 Python 反转列表"),
    ("什么是区块链？", "请问什么是区块链"),
    ("帮我解释一下相对论", "解释相对论，谢谢"),
    ("公司几点开门？", "请问公司几点开门呢"),
    ("Ｗｈａｔ is a monad", "What is a monad?"),
)
DIFFERENT = (
    ("How do I reverse a list in Python?", "How do I reverse a string in Python?"),
    ("Convert 5 km to miles", "Convert 6 km to miles"),
    ("Translate English to French", "Translate French to English"),
    ("How do I sort with numpy?", "How do I sort without numpy?"),
    ("Is it legal to record calls?", "Is it not legal to record calls?"),
    ("What is the capital of Austria in summer?", "What is the capital of Norway in summer?"),
    ("How do I import data into Excel?", "How do I export data into Excel?"),
    ("怎么用 Python 反转列表？", "怎么不用 Python 反转列表？"),
    ("怎么反转列表？", "怎么反转链表？"),
    ("把英文翻译成中文", "把中文翻译成英文"),
    ("什么是区块链？", "什么是供应链？"),
    ("第三章讲了什么", "第四章讲了什么"),
    ("What is a cat?", "What is a car?"),
)


@pytest.mark.parametrize(("left", "right"), SAME)
def test_nearly_equal_questions_are_one(left: str, right: str) -> None:
    assert groups([form(left), form(right)]) == [[0, 1]]


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different_questions_are_two(left: str, right: str) -> None:
    assert groups([form(left), form(right)]) == []


def test_the_largest_group_comes_first_and_nothing_is_in_two() -> None:
    texts = ["What is DNS?", "Install Docker", "what's dns", "install docker!", "dns", "what is DNS", "", "?", "?"]
    grouped = groups([form(text) for text in texts])
    assert grouped == [[0, 2, 5], [1, 3]]
    assert groups([]) == []
    assert groups([""] * 5) == []
