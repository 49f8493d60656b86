"""An answer parsed into statements: Markdown is removed, the text cut into sentences, each with its significant terms.

Terms are words in lower case without their usual endings, and pairs of neighbouring characters of Chinese and Japanese;
words that carry no meaning of their own, negations and numbers are none. Headings and lines that only lead to a list
state nothing. Code is kept apart, by language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .dates import Date, dates
from .figures import Figure, figures

LONGEST_CHARS = 60_000
MOST_STATEMENTS = 500
LONGEST_SENTENCE_CHARS = 1_200
ONLY_A_FIGURE = "="

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n]*\n(.*?)(?:^[ \t>]*\1[`~]*[ \t]*$|\Z)", re.M | re.S)
_SPACED = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_CHINESE_COMMA = re.compile(r"(?<=[0-9])，(?=[0-9])")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{0,500}[^()\n]{0,100}\)")
_NOISE = re.compile(
    r"https?://\S+|<[A-Za-z/!][^<>\n]{0,200}>|`|\*{1,3}|~~|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)|\\(?=\W)"
)
_MARKER = re.compile(
    r"^[ \t>]*(?:(?:[-*+•·]|\(?\d{1,3}[.)、](?=\s*[^\s\d])|[（(][一二三四五六七八九十]+[)）]|[①-⑳])"
    r"[ \t]*(?![\d.])|\[[ xX]\] )"
)
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:\s|$)|[:：]\s*$|^ {0,3}(?:[-*_=] ?){3,}$|^\*\*[^*\n]{1,80}\*\*$")
_TABLE_RULE = re.compile(r"^[\s|:-]*-[\s|:-]*$")
_END = re.compile(r"(?<=[。！？])[”’」』)）\"']*|(?<=[;!?；])\s+|(?<=[.!?][\"')\]])\s+|(?<=[.])\s+(?=[^a-z\s])")
_SHORT_FORM = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|dr|mr|mrs|ms|prof|st|no|fig|approx|ca|inc|ltd|jr|sr)|\b[A-Z])\.$", re.I
)
_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]+|(?:(?![{_CJK}])[^\W_])+(?:['’](?:t|s|re|ve|ll)\b)?")
_CHINESE_EMPTY = re.compile(
    r"[的了是在和与及也都就而被把于为以其这那它他她们之我你您并且或者]|方面|左右|上下|以上|以下|之间|大约|大概|其中|例如|比如|[倍到]|[有约占达共近超仅第]+$"
)
_COUNTERS = frozenset("人名个位次家座条项种只本张台件")  # between a number and what is counted
_NOT_CHINESE = re.compile(r"不(?![同错过仅断少但如论管足])|没有?|并非|未(?![来必])|无(?![论数疑限线])")
_VERDICT = re.compile(r"^\W*(?:yes|no|是的|不是的?|不对|对的?|不|是|否|不可以|可以)\s*(?:[,.!:;，。！]|$)", re.I)
_NOT_ENGLISH = {"not", "never", "cannot", "no", "none", "neither", "without"}
_MEANINGLESS = """
    a an the and or but if then so of to in on at by for from with as is are was were be been being am it its this that
    these those there here he she they we you i his her their our your my me them us who whom which what when where how
    why will would can could shall should may might must do does did done has have had having about into over under than
    too very also just only more most some any each such both other another same own out up down off again further once
    because while until between through during before after above below s t re ve ll however therefore thus hence e g
    etc vs per via rather quite well even still yet around approximately roughly nearly almost
"""
_EMPTY = frozenset(_MEANINGLESS.split())


@dataclass(frozen=True, slots=True)
class SentenceParts:
    """What a sentence says. `terms` empty: nothing to compare. `values` are its numbers to two digits and its years, as
    terms; `measures` its numbers of three digits or more with a unit, which hardly anything else shares."""

    text: str
    terms: frozenset[str]
    values: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    figures: tuple[Figure, ...] = ()
    dates: tuple[Date, ...] = ()
    negated: bool = False


class Statement:
    """One sentence of the answer number `lane`, the `place`th that says anything."""

    __slots__ = ("dates", "figures", "lane", "measures", "negated", "place", "terms", "text", "values")

    def __init__(self, lane: int, place: int, parts: SentenceParts) -> None:
        self.lane, self.place = lane, place
        self.text, self.terms, self.values, self.measures = parts.text, parts.terms, parts.values, parts.measures
        self.figures, self.dates, self.negated = parts.figures, parts.dates, parts.negated


@dataclass(frozen=True, slots=True)
class Code:
    """A fenced block: `lines` without blank ones, comment lines and spaces at the end."""

    language: str
    text: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """An answer as read; `cut` says that it was longer than is read."""

    statements: tuple[Statement, ...]
    codes: tuple[Code, ...]
    cut: bool = False


def read(answer: str, lane: int) -> Read:
    """All of an answer, what it says twice once, up to `LONGEST_CHARS` and `MOST_STATEMENTS`."""
    text = answer[:LONGEST_CHARS]
    codes = tuple(_code(match[2], match[3]) for match in _FENCE.finditer(text))
    prose = _FENCE.sub("\n\n", text)
    sentences = list(dict.fromkeys(sentence[:LONGEST_SENTENCE_CHARS] for sentence in _sentences(prose)))
    telling = [parts for sentence in sentences if (parts := _parts(sentence)).terms]
    statements = tuple(Statement(lane, place, parts) for place, parts in enumerate(telling[:MOST_STATEMENTS]))
    return Read(statements, codes, len(telling) > MOST_STATEMENTS or len(answer) > LONGEST_CHARS)


LANGUAGES = {"py": "python", "python3": "python", "js": "javascript", "ts": "typescript", "sh": "bash", "shell": "bash"}


def _code(language: str, text: str) -> Code:
    lines = (line.rstrip() for line in text.splitlines())
    telling = tuple(line for line in lines if line.strip() and not re.match(r"\s*(?:#(?!!)|//|--\s)", line))
    named = language.lower()
    return Code(LANGUAGES.get(named, named), text, telling)


def _sentences(prose: str) -> Iterator[str]:
    for block in _blocks(prose):
        held = ""
        for piece in _END.split(block):
            held = f"{held} {piece}".strip() if held else piece.strip()
            if held and not _SHORT_FORM.search(held):
                yield held
                held = ""
        if held:
            yield held


def _blocks(prose: str) -> Iterator[str]:
    """Paragraphs, list items and table rows, each as one line of plain text."""
    paragraph: list[str] = []
    row = ""
    for line in [*prose.splitlines(), ""]:
        bare = line.strip()
        marker = _MARKER.match(line)
        heading = _HEADING.search(bare)
        if paragraph and (not bare or marker or heading or bare.startswith("|")):
            yield " ".join(paragraph)
            paragraph = []
        if row and not _TABLE_RULE.match(bare):  # else it was the table's head
            yield row
        row = ""
        if not bare or heading or _TABLE_RULE.match(bare):
            continue
        if bare.startswith("|"):
            row = _plain(bare.replace("|", " "))
        elif text := _plain(line[marker.end() :] if marker else bare):
            paragraph.append(text)


def _plain(line: str) -> str:
    return " ".join(_NOISE.sub("", _LINK.sub(r"\1", line)).lstrip("> ").split())


@lru_cache(maxsize=4_000)
def _parts(text: str) -> SentenceParts:
    date_list, rest = dates(unicodedata.normalize("NFKC", _CHINESE_COMMA.sub(", ", _SPACED.sub("", text))))
    numbers = tuple(figures(rest))
    for number in numbers:
        rest = rest.replace(number.text, " ", 1)
    terms, negations = _terms(_VERDICT.sub(" ", rest))
    if not terms and (numbers or date_list):
        terms = {ONLY_A_FIGURE}
    values = {f"{number.unit} {float(f'{number.value:.1e}'):g}" for number in numbers}
    values |= {f"year {date.year}" for date in date_list if date.year is not None}
    measures = {f"{number.unit} {number.value:.2e}" for number in numbers if number.unit and number.digits >= 3}
    return SentenceParts(
        text=text,
        terms=frozenset(terms),
        values=frozenset(values),
        measures=frozenset(measures),
        figures=numbers,
        dates=tuple(date_list),
        negated=negations % 2 == 1,
    )


def _terms(text: str) -> tuple[set[str], int]:
    terms: set[str] = set()
    negations = 0
    for token in _TOKEN.findall(text):
        if token[0] >= "\u3040" and token[0] < "\ufb00":
            affirmed, count = _NOT_CHINESE.subn(" ", token)
            negations += count
            terms.update(_pairs(affirmed) or set(affirmed.split()) - _COUNTERS)
            continue
        word = token.lower()
        if word in _NOT_ENGLISH or word.endswith(("n't", "n’t")):
            negations += 1
        elif word not in _EMPTY and not word.isdigit():
            terms.add(_stem(word))
    return terms, negations


_NUMERAL = re.compile(r"[零〇一二三四五六七八九十百千万亿两年月日号]+")


def _pairs(run: str) -> set[str]:
    """Pairs of neighbouring characters in a Chinese run, split at stop words; numbers are left out."""
    parts = _CHINESE_EMPTY.sub(" ", _NUMERAL.sub(" ", run)).split()
    return {part[place : place + 2] for part in parts for place in range(len(part) - 1)}


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    word = re.sub(r"['’].*$", "", word)
    for ending, replacement, least in (
        ("ies", "y", 5),
        ("ing", "", 6),
        ("ed", "", 5),
        ("ly", "", 6),
        ("es", "", 5),
        ("s", "", 4),
    ):
        if len(word) >= least and word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + replacement
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
