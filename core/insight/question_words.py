"""The words of a question: English and other words with spaces, Chinese words without a dictionary.

Chinese text is cut at the words of requests and grammar (`stop_words.CHINESE`). A piece of two to four characters is a
word; of a longer one every pair is a word. Code between ``` is not read, nor more than `READ` characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from .stop_words import CHINESE, ENGLISH

READ = 2000
LONGEST_WORD, LONGEST_PIECE = 30, 4
FEWEST_LETTERS = 2
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
RUNS = re.compile(f"[{HAN}]+|[^\\W\\d_{HAN}](?:[\\w+#]|['’.-](?=\\w))*|[.!?。！？,，;；:：\n]")
# "用 X 做 Y", where 用 is no part of a word such as 应用 or 用户.
USING = "做|(?<![应使利作费信公通常专商日实引调采占征耗启停租借享适])用(?![户品法途语量例电水心力具])"
KEPT_S = ("ss", "us", "is", "os", "ys", "as")


def without_code(text: str) -> str:
    """The beginning of the text, without what stands between ```."""
    text = text[:READ]
    return " ".join(text.split("```")[::2]) if "```" in text else text


def words(text: str) -> list[str]:
    """Words and pairs of neighbouring words, as they stand in the text (case included), repetitions too."""
    listed: list[str] = []
    before = ""
    for run in RUNS.findall(without_code(text)):
        if "\u3400" <= run[0] <= "\ufaff":
            for piece in _cuts().split(run):
                if len(piece) > FEWEST_LETTERS:
                    piece = piece.rstrip("有").lstrip("把将对从在向有")
                if len(piece) >= FEWEST_LETTERS:
                    listed += (
                        [piece] if len(piece) <= LONGEST_PIECE else [piece[n : n + 2] for n in range(len(piece) - 1)]
                    )
            before = ""
        elif is_about(run):
            listed.append(run)
            if before:
                listed.append(f"{before} {run}")
            before = run
        else:
            before = ""
    return listed


def is_about(word: str) -> bool:
    """Whether a word with spaces around it can say what a question is about."""
    if not FEWEST_LETTERS <= len(word) <= LONGEST_WORD:
        return word in {"C", "R"}
    return word.lower().replace("'", "").replace("’", "") not in ENGLISH


@cache
def folded(word: str) -> str:
    """One form for "Function", "functions" and "function's"."""
    return " ".join(map(_folded_one, word.split(" ")))


def _folded_one(word: str) -> str:
    word = word.lower().replace("’", "'").removesuffix("'s")
    if len(word) > 4 and word.endswith("s") and not word.endswith(KEPT_S):
        return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]
    return word


@cache
def _cuts() -> re.Pattern[str]:
    return re.compile(f"{trie_pattern(CHINESE)}|{USING}")


def trie_pattern(entries: Iterable[str]) -> str:
    """A pattern that matches the longest of these entries, without trying one after another."""
    tree: dict[str, dict] = {}  # type: ignore[type-arg]
    for entry in entries:
        branch = tree
        for letter in entry:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return _branch_pattern(tree)


def _branch_pattern(branch: dict) -> str:  # type: ignore[type-arg]
    may_end = "" in branch
    singles = [letter for letter, rest in branch.items() if letter and set(rest) == {""}]
    longer = [
        re.escape(letter) + _branch_pattern(rest) for letter, rest in branch.items() if letter and set(rest) != {""}
    ]
    if singles:
        longer.append(f"[{''.join(map(re.escape, singles))}]")
    if not longer:
        return ""
    return f"(?:{'|'.join(longer)}){'?' if may_end else ''}"
