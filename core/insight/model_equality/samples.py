"""What of an answer is compared: its first word, or the first words of its reasoning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
SIGN_CHARS = 8
REASONING_WORDS = 8


class Sample(NamedTuple):
    """The beginning of one answer. Words of the reasoning are compared with other hosts' reasoning alone."""

    text: str
    is_reasoning: bool = False

    def is_like(self, other: Sample) -> bool:
        """Whether they are the same, one perhaps cut off earlier than the other."""
        if self.is_reasoning != other.is_reasoning:
            return False
        return self.text.startswith(other.text) or other.text.startswith(self.text)


# By host: for each question, in the order of `QUESTIONS`, its samples in the order in which they came.
Samples = Mapping[str, Sequence[Sequence[Sample]]]


def first_words(text: str, reasoning: str = "") -> Sample | None:
    """The sample of an answer. A model that reasons writes its reasoning first. None for an answer without text."""
    if words := WORD.findall(reasoning.casefold()):
        return Sample(" ".join(words[:REASONING_WORDS]), is_reasoning=True)
    if words := WORD.findall(text.casefold()):
        return Sample(words[0])
    signs = "".join(text.split())[:SIGN_CHARS]
    return Sample(signs) if signs else None


def share_one(first: Iterable[Sample], second: Sequence[Sample]) -> bool:
    """Whether a sample of the first is like one of the second."""
    return any(sample.is_like(other) for sample in first for other in second)


def vary(samples: Sequence[Sample]) -> bool:
    """Whether one host's samples of one question differ."""
    return any(not sample.is_like(samples[0]) for sample in samples[1:])
