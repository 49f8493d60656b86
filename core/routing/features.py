"""A question as a handful of numbers: its benchmark form is taken off, its shape and kinds of words are counted.

Pure: the same text gives the same numbers. Very long texts are read at both ends, so time is bounded.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .words import chinese_lengths, lexicon, phrase_lengths

_HEAD_CHARACTERS = 1_200
_TAIL_CHARACTERS = 600
_SPACES = re.compile(r"[^\S\n]+")
_FEW_SHOT = re.compile(r"\n ?(?:answer|答案) ?: ?\(?[a-h]\)?\.? ?\n", re.I)
_HEADING = re.compile(r"^\s*the following are multiple choice questions[^\n]*\n+", re.I)
_OPENING = re.compile(r"^\s*(?:question|q|问题|题目) ?\d{0,3} ?[:.] ?", re.I)
_CLOSING = re.compile(r"\n ?(?:answer|a|答案|答|let's think step by step) ?[:.]?$", re.I)
_CHOICE_LINE = re.compile(r"\n ?\(?([A-H]) ?[.)、:] ?")
_CHOICE_INLINE = re.compile(r"(?:(?<=\s)|(?<=[?:。]))\(?([A-H])[.)、] ?")
_PIECES = re.compile(r"c\+\+|c#|[a-z]+(?:'[a-z]+)?|[㐀-鿿]+|\d[\d,]*(?:\.\d+)?")
_SENTENCE_END = re.compile(r"[.?!;](?=\s|$)|[。？！；]")
_MATHS_SIGN = re.compile(r"[=^<>≤≥≠√∑∫∏π∞±×÷∈∀∃→|]|\\[a-z]+|\d ?[-+*/] ?[\da-z(]")
_FORMULA = re.compile(r"[=^<>≤≥≠√∑∫∏π∞±∈∀∃|]|\\[a-z]+|\( ?-?\d+ ?, ?-?\d+ ?\)")  # no story is told in these
_CODE_SIGN = re.compile(r"```|[{};] ?(?:\n|$)|[=!]=|\+\+|->|#include", re.I)
_CODE_CALL = re.compile(r"\b[a-z_]\w{0,40}\(\w{0,40}\)|\bconsole\.log\b|\bselect .{1,80} from\b", re.I)
_CODE_WORDS = frozenset(("def", "return", "import", "void", "const", "printf"))
_LIST_ITEM = re.compile(r"\n ?(?:\d{1,2}[.)、]|[-*•]|\(?[ivx]{1,4}[.)]) ")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_GIVEN = re.compile(r"[\"'“‘「][^\"”’」]{40,}[\"'”’」]|: ?\n?[^\n]{120,}")
_CHINESE_NUMBER = re.compile(r"[两二三四五六七八九十百千万]+(?=[个只条枚人天小次倍米元岁分年月])")
_ENGLISH_NUMBERS = frozenset(
    re.findall(
        r"\w+",
        "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand dozen",
    )
)
_CHINESE_CHARACTERS_PER_WORD = 1.6
_FEWEST_NUMBERS = 2
_FEWEST_CHOICES = 2
_FEWEST_TOLD_WORDS = 10
_LONGEST_WITHOUT_PLURAL = 3
_NO_PROBLEM = frozenset(
    ("code_signs", "is_deep_code", "is_proof", "is_deep_maths", "is_extract", "is_structure", "is_roleplay")
)


@dataclass(frozen=True)
class QuestionText:
    """A text without its benchmark form: the body, and the choices if it offers any."""

    body: str
    choices: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join((self.body, *self.choices))


def read(text: str) -> QuestionText:
    """Remove headings, worked examples, `Question:`, `Answer:` and the letters of the choices."""
    text = _head_and_tail(unicodedata.normalize("NFKC", _head_and_tail(text)))
    text = _SPACES.sub(" ", text.replace("\r\n", "\n"))
    text = _FEW_SHOT.split(_HEADING.sub("", text))[-1].strip()
    text = _OPENING.sub("", _CLOSING.sub("", text))
    for marks in (_CHOICE_LINE, _CHOICE_INLINE):
        pieces = marks.split(text)
        letters = "".join(pieces[1::2])
        if len(letters) >= _FEWEST_CHOICES and letters == "ABCDEFGH"[: len(letters)]:
            return QuestionText(pieces[0].strip(), tuple(piece.strip() for piece in pieces[2::2]))
    return QuestionText(text.strip(), ())


def _head_and_tail(text: str) -> str:
    if len(text) <= _HEAD_CHARACTERS + _TAIL_CHARACTERS:
        return text
    return f"{text[:_HEAD_CHARACTERS]}\n{text[-_TAIL_CHARACTERS:]}"


def pieces(text: str) -> list[str]:
    """Cut `text` into lower-case words, numbers and runs of Chinese characters."""
    return _PIECES.findall(text.lower())


def kinds(words: list[str]) -> Counter[str]:
    """Count the entries of the word table by class; the longest phrase wins over its own parts."""
    entries, lengths = Counter[tuple[str, ...]](), phrase_lengths()
    seconds = {word: lengths.get(word) or lengths.get(_singular(word)) for word in set(words)}
    following = 0
    for start, word in enumerate(words):
        if start < following:
            continue
        if word >= "㐀":
            _count_chinese(word, entries)
        elif longest_by_second := seconds[word]:
            longest = longest_by_second.get(words[start + 1], 1) if start + 1 < len(words) else 1
            following = start + _count_phrase(words, start, longest, entries)
    counts = Counter[str]()
    for classes, number in entries.items():
        for name in classes:
            counts[name] += number
    return counts


def _count_phrase(words: list[str], start: int, longest: int, entries: Counter[tuple[str, ...]]) -> int:
    """Count the longest entry that begins at `start`; returns the number of words to advance."""
    table = lexicon()
    for length in range(longest, 0, -1):
        phrase = words[start] if length == 1 else " ".join(words[start : start + length])
        classes = table.get(phrase) or table.get(_singular(phrase))
        if classes:
            entries[classes] += 1
            return length
    return 1


def _singular(word: str) -> str:
    """Without a plural's `s`; short words such as "his" stay."""
    return word.removesuffix("s") if len(word) > _LONGEST_WITHOUT_PLURAL else word


def _count_chinese(run: str, entries: Counter[tuple[str, ...]]) -> None:
    table, lengths, following = lexicon(), chinese_lengths(), 0
    for start, first in enumerate(run):
        if start < following:
            continue
        for length in lengths.get(first, ()):
            classes = table.get(run[start : start + length])
            if classes:
                entries[classes] += 1
                following = start + length
                break


def features(question: QuestionText) -> dict[str, float]:
    """The numbers that describe a question; counts are log(1 + n), so that none dominates."""
    body, choices, tokens = question.body, question.choices, pieces(question.body)
    spelled = sum(piece in _ENGLISH_NUMBERS for piece in tokens) + len(_CHINESE_NUMBER.findall(body))
    code = sum(piece in _CODE_WORDS for piece in tokens) + len(_CODE_SIGN.findall(body)) + len(_CODE_CALL.findall(body))
    tokens += pieces("\n".join(choices))
    numbers = [piece for piece in tokens if piece[0].isdigit()]
    chinese = sum(len(piece) for piece in tokens if piece[0] >= "㐀")
    words = len(tokens) + chinese / _CHINESE_CHARACTERS_PER_WORD
    sentences = max(1, len(_SENTENCE_END.findall(body)))
    lengths = [len(choice) for choice in choices]
    counts = {
        "words": words,
        "sentences": sentences,
        "words_a_sentence": words / sentences,
        "commas": body.count(",") + body.count("，") + body.count("、"),
        "numbers": len(numbers) + spelled,
        "different_numbers": len(set(numbers)),
        "decimals": min(2, sum("." in number for number in numbers)),
        "maths_signs": len(_MATHS_SIGN.findall(body)),
        "code_signs": code,
        "questions": body.count("?") + body.count("？"),
        "list_items": len(_LIST_ITEM.findall(body)),
        "names": len(set(_NAME.findall(body))),
        "given_text": len(_GIVEN.findall(body)),
        "choice_characters": sum(lengths),
        "choice_numbers": sum(choice[:1].isdigit() or choice[:1] in "-$(√" for choice in choices),
        **{f"is_{name}": count for name, count in kinds(tokens).items()},
    }
    if counts.get("is_code"):
        counts["is_write"] = 0  # "write a function" asks for no prose
    return {name: math.log1p(count) for name, count in counts.items() if count}


def reading(question: QuestionText, numbers: Mapping[str, float]) -> str:
    """How a question is read: `choice`, `problem` (a calculation in words) or `open`."""
    if question.choices:
        return "choice"
    if _NO_PROBLEM & numbers.keys() or _FORMULA.search(question.body):
        return "open"
    if math.expm1(numbers.get("words", 0.0)) < _FEWEST_TOLD_WORDS:
        return "open"
    amounts = sum(math.expm1(numbers.get(name, 0.0)) for name in ("numbers", "is_share"))
    asks = "is_quantity" in numbers or question.body.endswith(("?", "？"))
    return "problem" if asks and amounts > _FEWEST_NUMBERS - 0.5 else "open"
