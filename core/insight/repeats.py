"""Questions that were asked more than once, in nearly the same words: what a cache could have answered. Pure.

    groups(forms)       numbers of the questions of each group, the largest group first

A question is compared in the form of `form`: without case, width, punctuation, politeness and the frame of a request.
Two are nearly equal if their forms are, or differ by misspelt words only: one letter in a word of five or more, two in
one of nine. A number, a short word and a Chinese character have to be the same: one of them changes what is asked.
The order of words counts: English to French is not French to English.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from .question_words import HAN, trie_pattern

ALIKE = 0.8  # of the letters, before words are compared
TYPO, TWO_TYPOS = 5, 9  # letters of a word
LONGEST = 300  # characters of a question that is compared by letters; longer ones only if they are equal
MOST_IN_BLOCK = 400
WORD = re.compile(f"[{HAN}]|[^\\W_{HAN}]+(?:[+#]+|['’.](?=\\w))*(?:[^\\W_{HAN}]+)?")
# What may be there or not: no word that says what is asked about, or how.
_POLITE_LIST = """
    please pls plz kindly hi hello hey thanks thank you can could would will me i we my a an the do does to for of
    in is are want need like help tell give show explain write some s m am be just so ok okay quick quickly there
    it's
"""
POLITE = frozenset(_POLITE_LIST.split())
_CHINESE_POLITE_LIST = """
    请问 请你 请您 请帮我 请帮忙 请给我 请 帮我 帮忙 麻烦你 麻烦您 麻烦 谢谢你 谢谢您 谢谢 你好 您好 能不能 能否
    可不可以 可以 一下 给我 我想知道 我想问 我想 想问 想知道 告诉我 吗 呢 吧 啊 呀 的 了
"""
CHINESE_POLITE = tuple(_CHINESE_POLITE_LIST.split())
SAME = {
    "怎样": "怎么",
    "如何": "怎么",
    "为何": "为什么",
    "什么叫": "什么是",
    "whats": "what",
    "what's": "what",
    "how's": "how",
}


def form(question: str) -> str:
    """What is left of a question where it is compared; "" if nothing is."""
    text = question if question.isascii() else unicodedata.normalize("NFKC", question)
    text = text.casefold()
    if not text.isascii():
        text = _polite().sub("", text)
        for word, usual in SAME.items():
            text = text.replace(word, usual)
    listed = WORD.findall(text)
    telling = [_singular(SAME.get(word, word)) for word in listed if word not in POLITE]
    telling = telling or listed
    return (
        "".join(word if "\u3400" <= word[0] <= "\ufaff" else f" {word} " for word in telling).replace("  ", " ").strip()
    )


def groups(forms: Sequence[str]) -> list[list[int]]:
    """Groups of two or more; a question without a form is in none. At most one group holds a question."""
    same: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(forms):
        if each:
            same[each].append(number)
    distinct = list(same)
    parent = list(range(len(distinct)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for left, right in _alike(distinct):
        a, b = root(left), root(right)
        if a != b:
            parent[max(a, b)] = min(a, b)
    together: dict[int, list[int]] = defaultdict(list)
    for n, each in enumerate(distinct):
        together[root(n)] += same[each]
    return sorted(
        (sorted(group) for group in together.values() if len(group) > 1), key=lambda group: (-len(group), group)
    )


def _alike(distinct: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs that differ by misspelt words. Only those are compared that share one of their rarest words."""
    import numpy as np
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    pieces = [each.split(" ") if len(each) <= LONGEST else [] for each in distinct]
    counts: dict[str, int] = defaultdict(int)
    for each in pieces:
        for piece in each:
            counts[piece] += 1
    blocks: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, each in enumerate(pieces):
        if len(each) > 1:
            shared = sorted((counts[piece], piece) for piece in {*each} if counts[piece] > 1)
            for _, piece in shared[:2]:
                blocks[piece, len(each)].append(number)
    pairs = []
    for numbers in blocks.values():
        for start in range(0, len(numbers) - 1, MOST_IN_BLOCK):
            part = numbers[start : start + MOST_IN_BLOCK]
            texts = [distinct[n] for n in part]
            scores = cdist(texts, texts, scorer=Indel.normalized_similarity, score_cutoff=ALIKE, workers=1)
            left, right = np.nonzero(np.triu(scores, 1))
            for a, b in zip(left.tolist(), right.tolist(), strict=True):
                if _is_misspelt(pieces[part[a]], pieces[part[b]]):
                    pairs.append((part[a], part[b]))
    return pairs


def _is_misspelt(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether these words, as many, differ by their spelling at most."""
    from rapidfuzz.distance import OSA

    for word, other in zip(left, right, strict=True):
        if word != other:
            shorter = min(len(word), len(other))
            if shorter < TYPO or not (word.isascii() and word.isalpha() and other.isalpha()):
                return False
            if OSA.distance(word, other) > (2 if shorter >= TWO_TYPOS else 1):
                return False
    return True


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and word.isascii() and not word.endswith("ss") else word


@cache
def _polite() -> re.Pattern[str]:
    return re.compile(trie_pattern(CHINESE_POLITE))
