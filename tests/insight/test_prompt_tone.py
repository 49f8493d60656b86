"""The tone of prompts on labelled sentences: the rates of docs/insights.md, and that the rules do what they say."""

from __future__ import annotations

import pytest

from core.insight import tone
from tests.insight.labelled_tone import HELD_OUT, TUNED


def right(sentences: list[tuple[str, str]], language: str) -> int:
    return sum(tone.name(tone.of(text, language) or 0.0) == label for text, label in sentences)


def test_the_sentences_are_enough_and_none_is_in_both_parts() -> None:
    texts = [text for part in (TUNED, HELD_OUT) for each in part.values() for text, _ in each]
    assert len(texts) == len(set(texts)) >= 300
    assert sum(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in texts) >= 150
    for part in (TUNED, HELD_OUT):
        for sentences in part.values():
            assert (
                min(sum(label == name for _, label in sentences) for name in ("positive", "neutral", "negative")) > 20
            )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_four_of_five_that_the_lists_were_not_made_with_are_right(language: str) -> None:
    assert right(HELD_OUT[language], language) >= 0.8 * len(HELD_OUT[language])


def test_the_chinese_list_beats_snownlp() -> None:
    from snownlp import SnowNLP

    def by_snownlp(text: str, low: float, high: float) -> str:
        chance = SnowNLP(text).sentiments
        return "positive" if chance > high else "negative" if chance < low else "neutral"

    held_out = HELD_OUT["zh"]
    best = max(
        sum(by_snownlp(text, low, high) == label for text, label in held_out)
        for low, high in ((0.4, 0.6), (0.3, 0.7), (0.2, 0.8))
    )
    assert right(held_out, "zh") > best


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Write a sad poem about war", "en", "neutral"),
        ("Write a poem about spring. Thanks!", "en", "positive"),
        ("That doesn't work", "en", "negative"),
        ("```\nraise TerribleError('awful')\n```", "en", "neutral"),
        ("写一首悲伤的诗", "zh", "neutral"),
        ("我不喜欢这个答案", "zh", "negative"),
        ("并不讨厌", "zh", "positive"),
        ("解释一下垃圾回收和死锁", "zh", "neutral"),
        ("怎么你又答错了", "zh", "negative"),
        ("帮我写一封邮件，谢谢", "zh", "positive"),
    ],
)
def test_what_is_asked_for_is_no_mood_and_negation_turns_it(text: str, language: str, name: str) -> None:
    assert tone.name(tone.of(text, language) or 0.0) == name


def test_degrees_strengthen_and_weaken() -> None:
    weak, plain, strong = (tone.of(f"回答{degree}失望", "zh") or 0.0 for degree in ("有点", "", "极其"))
    assert strong < plain < weak < 0


def test_a_language_without_a_list_is_unknown() -> None:
    assert tone.of("C'est nul", "fr") is None
    assert tone.of("?", None) is None
    assert tone.of("", "en") == tone.of("", "zh") == 0.0
