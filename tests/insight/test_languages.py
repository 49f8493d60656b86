"""Languages of prompts, on short ones as people write them."""

from __future__ import annotations

import pytest

from core.insight import languages

LABELLED = {
    "en": (
        "How do I sort a list?", "fix python code", "Translate 你好 to English", "What does this error mean: KeyError",
        "summarize this article", "Why is my loop so slow", "hello", "continue please", "Write a haiku about rain",
    ),
    "zh": ("怎么排序？", "用 Python 写一个 quicksort", "帮我写一封请假邮件", "解释一下 TCP 三次握手", "继续",
        "翻译：How are you",
   ),
    "ja": ("この文を英語に翻訳してください", "Python でリストを並べ替える方法", "ありがとう"),
    "ko": ("리스트를 정렬하는 방법은?", "파이썬이 뭐야"),
    "de": ("Wie sortiere ich eine Liste in Python?", "Was ist der Unterschied zwischen A und B", "Schreibe eine Mail"),
    "fr": ("Comment trier une liste ?", "Écris un poème sur la mer", "Quelle est la capitale du Canada ?"),
    "es": ("¿Cómo ordeno una lista?", "Escribe un correo para mi jefe", "explica la diferencia entre estos dos"),
    "it": ("Come ordino una lista?", "Scrivi una poesia sul mare", "Qual è la differenza tra questi due?"),
    "pt": ("Como faço para ordenar uma lista?", "Escreva um poema sobre o mar", "Qual é a diferença entre os dois?"),
    "nl": ("Hoe sorteer ik een lijst?", "Schrijf een gedicht over de zee"),
    "ru": ("Как отсортировать список?", "Напиши письмо"),
    "uk": ("Як відсортувати список і їх?",),
    "ar": ("كيف أرتب قائمة؟",),
    "th": ("เรียงลำดับรายการอย่างไร",),
    "he": ("איך ממיינים רשימה?",),
    "hi": ("सूची को कैसे क्रमबद्ध करें?",),
    "el": ("Πώς ταξινομώ μια λίστα;",),
}  # fmt: skip
UNCLEAR = ("x = 1", "", "   ", "123 + 456", "???", "😀", "ls -la /tmp")


def test_nineteen_of_twenty_are_told() -> None:
    pairs = [(text, code) for code, texts in LABELLED.items() for text in texts]
    codes = languages.of([text for text, _ in pairs])
    wrong = [(text, code, other) for (text, code), other in zip(pairs, codes, strict=True) if code != other]
    assert len(wrong) <= 0.05 * len(pairs), wrong


def test_what_is_not_clear_is_not_guessed() -> None:
    assert languages.of(UNCLEAR) == [None] * len(UNCLEAR)
    assert languages.of([]) == []


@pytest.mark.parametrize("text", ["\ud800 broken", "a" * 100_000, "\u0000"])
def test_odd_text_is_read_too(text: str) -> None:
    assert len(languages.of([text, "你好"])) == 2
