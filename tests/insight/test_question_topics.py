"""Topics of questions, with the library and without; the words they are made of."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from core.insight import question_topics
from core.insight.question_topics import Factorize, Vocabulary, find, nmf, place
from core.insight.question_words import folded, words

THEMES = {
    "cooking": ("sourdough bread", "pasta sauce", "lasagna", "chicken curry", "risotto"),
    "databases": ("SQL query", "PostgreSQL index", "left join", "migration", "window function"),
    "learning": ("机器学习", "神经网络", "梯度下降", "过拟合", "卷积层"),
    "code": ("正则表达式", "网络爬虫", "数据库索引", "多线程", "单元测试"),
}
ENGLISH = (
    "Please write a {} example with {}.", "How do I use {} with {}?", "Can you explain {} and {} to me?",
    "Give me five tips for {} and {}, keep it short please.",
)  # fmt: skip
CHINESE = ("请帮我写一个关于{}和{}的介绍", "怎么理解{}和{}？", "{}和{}有什么区别？", "用{}做{}，只要三句话")


def templated(number: int) -> list[tuple[str, str]]:
    rng = random.Random(3)
    made = []
    for _ in range(number):
        theme = rng.choice(list(THEMES))
        template = rng.choice(CHINESE if theme in {"learning", "code"} else ENGLISH)
        made.append((theme, template.format(*rng.sample(THEMES[theme], 2))))
    return made


@pytest.mark.parametrize("factorize", [nmf, None])
def test_each_theme_is_a_topic_and_no_sentence_frame_is(factorize: Factorize | None) -> None:
    questions = templated(300)
    vocabulary = Vocabulary()
    rows = [vocabulary.ids(words(text)) for _, text in questions]
    topics = find(rows, vocabulary, factorize=factorize)
    assert topics
    placed, close = place(rows, topics)
    themes: dict[int, Counter[str]] = {}
    for (theme, _), topic in zip(questions, placed.tolist(), strict=True):
        if topic >= 0:
            themes.setdefault(topic, Counter())[theme] += 1
    inside = sum(each.total() for each in themes.values())
    assert inside > 0.6 * len(questions)
    assert sum(max(each.values()) for each in themes.values()) > 0.95 * inside
    assert {max(each, key=each.__getitem__) for each in themes.values()} == set(THEMES)
    named = " ".join(word for terms in topics.terms for word in terms)
    assert not {"write", "explain", "tips", "short", "please", "介绍", "区别", "怎么", "请"} & set(
        named.lower().split()
    )
    assert 0 <= close.min() <= close.max() <= 1.001


@pytest.mark.parametrize("factorize", [nmf, None])
def test_the_same_questions_have_the_same_topics(factorize: Factorize | None) -> None:
    terms = []
    for _ in range(2):
        vocabulary = Vocabulary()
        topics = find([vocabulary.ids(words(text)) for _, text in templated(120)], vocabulary, factorize=factorize)
        assert topics
        terms.append(topics.terms)
    assert terms[0] == terms[1]


def test_few_or_empty_questions_have_no_topics() -> None:
    vocabulary = Vocabulary()
    assert find([], vocabulary) is None
    assert find([()] * 50, vocabulary) is None
    assert find([vocabulary.ids(words("Explain SQL indexes"))] * 50, vocabulary) is None


def test_new_words_do_not_disturb_topics_found_before() -> None:
    vocabulary = Vocabulary()
    rows = [vocabulary.ids(words(text)) for _, text in templated(100)]
    topics = find(rows, vocabulary)
    assert topics
    fresh = vocabulary.ids(words("Which volcano erupted yesterday?"))
    placed, close = place([fresh, rows[0]], topics)
    assert placed[0] == -1
    assert close[0] == 0
    assert placed[1] >= 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Please write a Python function for binary trees",
            ["Python", "function", "Python function", "binary", "trees", "binary trees"],
        ),
        ("请帮我写一个关于机器学习的介绍", ["机器学习"]),
        ("怎么用正则表达式匹配邮箱？", ["正则", "则表", "表达", "达式", "式匹", "匹配", "配邮", "邮箱"]),
        ("Fix this: ```import os``` C++ code", ["C++", "code", "C++ code"]),
        ("How do I?", []),
        ("用户画像的应用", ["用户画像", "应用"]),
    ],
)
def test_words_without_frames(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_one_form_for_plurals_and_capitals() -> None:
    assert folded("Functions") == folded("function's") == folded("function")
    assert folded("queries") == "query"
    assert folded("class") == "class"


def test_overlapping_pairs_are_joined_in_a_name() -> None:
    assert question_topics._joined([("正则", 5), ("达式", 5), ("表达", 5), ("则表", 5), ("SQL", 4)]) == [
        "正则表达式",
        "SQL",
    ]
