"""Numbers in a sentence, English and Chinese, as values with a unit, so that "1.4万" and "14,000" are the same.

Read: thousands separators, fractions, percentages, 万 and 亿, thousand to trillion, full-width digits (the text comes
here in compatibility form), Chinese numerals before a unit, number words from two to ninety-nine. Left out: list
numbers, ordinals, versions with two dots, digits inside a word. Dates are cut out before (`dates`).

Two numbers of a unit are equal when they differ by at most half a per cent, or when the one with more digits rounds to
the other: at two significant digits or more, at one where a word like "about" stands before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .numerals import CHINESE, WORDS, chinese_value, word_value
from .units import ALIASES, PREFIXES, UNIT

NEAR = 0.005
MAGNITUDES = {
    "万亿": 1e12,
    "千亿": 1e11,
    "百亿": 1e10,
    "十亿": 1e9,
    "亿": 1e8,
    "千万": 1e7,
    "百万": 1e6,
    "十万": 1e5,
    "万": 1e4,
    "千": 1e3,
    "trillion": 1e12,
    "billion": 1e9,
    "million": 1e6,
    "thousand": 1e3,
    "hundred": 1e2,
    "bn": 1e9,
    "B": 1e9,
    "M": 1e6,
    "K": 1e3,
    "k": 1e3,
}
_DIGITS = r"\d{1,3}(?:[,'’]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,2}(?:,\d{2})+,\d{3}|\d+(?:\.\d+)?"
_FIGURE = re.compile(
    rf"""
    (?P<before>{PREFIXES})?\ ?(?<![A-Za-z0-9_./第])(?<![A-Za-z_]-)(?P<sign>-(?=\d))?
    (?:百分之(?P<hundredths>\d+(?:\.\d+)?|{CHINESE})
      |(?P<below>{CHINESE})分之(?P<above>{CHINESE})
      |(?P<digits>{_DIGITS})(?:\ ?[⁄/]\ ?(?P<over>[1-9]\d*)(?![/\d]))?
      |(?P<word>\b(?:{WORDS})\b)
      |(?P<chinese>{CHINESE})(?=个|名|位|人|次|种|条|项|倍|岁|成|元|天|{UNIT}))
    (?!\d)(?!\.\d)(?!(?:st|nd|rd|th)\b)
    (?P<more>\s?[多余]|\+)?
    (?P<times>\ ?(?:万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千(?![米克瓦])|thousand\b|million\b|billion\b
      |trillion\b|hundred\b|bn\b|[BMKk](?![A-Za-z0-9])))?
    (?:[\ -]?(?P<unit>{UNIT}))?
    """,
    re.VERBOSE,
)
_PLACE = re.compile(
    r"(?:\b(?:step|figure|fig|chapter|section|table|part|option|item|no|level|phase)\.?|[#第]) ?$", re.I
)
_ABOUT = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|approx\.?|nearly|almost|over|under|some|more than|less than|at least"
    r"|at most|up to|estimated|circa|ca\.?)|[~≈约近超]|大约|大概|接近|超过|不到|至少|至多)\s?$",
    re.IGNORECASE,
)
_ROUGHLY_AFTER = re.compile(r"\s?(?:左右|上下|or so\b)")
_RANGE = re.compile(r"\s?(?:-|–|—|~|to|至|到|and|和)\s?")
_POSSIBLE = re.compile(r"\d|[一二三四五六七八九十百两]|\b(?:" + WORDS + r")\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written and as meant: `value` in the unit's base ("m" for 3 km is 3000), `unit` "" where none stands.

    `digits` are the significant ones; `about` says that the text itself calls it rough.
    """

    text: str
    value: float
    unit: str
    digits: int
    about: bool = False


def figures(sentence: str) -> list[Figure]:
    """The numbers of a sentence in their order; the sentence is in compatibility form (NFKC), dates blanked out."""
    if not _POSSIBLE.search(sentence):
        return []
    placed = list(_read(sentence))
    for place in range(len(placed) - 2, -1, -1):  # "10 to 20 km" names the unit once
        (end, first), (_, other) = placed[place], placed[place + 1]
        if not first.unit and other.unit and _RANGE.fullmatch(sentence, end, _start(sentence, other, end)):
            scale = ALIASES.get(other.text.rpartition(" ")[2].lower(), (other.unit, 1.0))[1]
            placed[place] = (end, Figure(first.text, first.value * scale, other.unit, first.digits, first.about))
    return [figure for _, figure in placed]


def _start(sentence: str, figure: Figure, after: int) -> int:
    return max(sentence.find(figure.text, after), after)


def _read(sentence: str) -> Iterator[tuple[int, Figure]]:
    for match in _FIGURE.finditer(sentence):
        start = match.start()
        before = sentence[max(0, start - 16) : start]
        value = _value(match)
        if value is None or _PLACE.search(before):
            continue
        scale = MAGNITUDES[match["times"].strip()] if match["times"] else 1.0
        unit, of_base = _unit(match)
        text = match[0].strip()
        rough = bool(_ABOUT.search(before) or match["more"] or _ROUGHLY_AFTER.match(sentence, match.end()))
        written = match["digits"] or match["hundredths"] or ""
        digits = significant(written) if written and not match["over"] else 15
        yield match.end(), Figure(text, value * scale * of_base, unit, digits, rough)


def _value(match: re.Match[str]) -> float | None:
    sign = -1.0 if match["sign"] else 1.0
    if match["hundredths"]:
        part = match["hundredths"]
        return (float(part) if part[0].isdigit() else chinese_value(part)) / 100
    if match["below"]:
        below = chinese_value(match["below"])
        return chinese_value(match["above"]) / below if below else None
    if match["word"]:
        return word_value(match["word"])
    if match["chinese"]:
        return None if match["chinese"] in "一百千万亿" else chinese_value(match["chinese"])
    whole = plain_number(match["digits"])
    return sign * (whole / float(match["over"]) if match["over"] else whole)


def plain_number(written: str) -> float:
    """ "1,234.5", "1'234", "1.234.567" as a number."""
    if written.count(".") > 1:
        written = written.replace(".", "").replace(",", ".")
    value = float(re.sub(r"[,'’]", "", written))
    return value if math.isfinite(value) else 0.0


def significant(written: str) -> int:
    """How many digits of a written number mean something: 2 for "14,000" and "0.12", 5 for "14012"."""
    whole = re.sub(r"[,'’]", "", written)
    digits = whole.replace(".", "").lstrip("0")
    return max(1, len(digits if "." in whole else digits.rstrip("0")))


def _unit(match: re.Match[str]) -> tuple[str, float]:
    if match["hundredths"] or match["below"]:
        return "%", 1.0
    named = match["unit"] or match["before"] or ""
    if not named:
        return "", 1.0
    return ALIASES.get(named) or ALIASES.get(named.lower()) or (named, 1.0)


def equal(first: Figure, second: Figure) -> bool:
    """Whether two numbers of a unit are the same, as the module's text says."""
    if math.isclose(first.value, second.value, rel_tol=NEAR):
        return True
    digits = min(first.digits, second.digits)
    if digits < 2 and not (first.about or second.about):
        return False
    return math.isclose(_rounded(first.value, digits), _rounded(second.value, digits), rel_tol=1e-9)


def _rounded(value: float, digits: int) -> float:
    if value == 0:
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def by_unit(items: Iterable[Figure]) -> Mapping[str, list[Figure]]:
    units: dict[str, list[Figure]] = {}
    for figure in items:
        units.setdefault(figure.unit, []).append(figure)
    return units


def conflict(first: Sequence[Figure], second: Sequence[Figure]) -> tuple[list[Figure], list[Figure]] | None:
    """The difference of two sentences on one subject: each has a number of a unit that the other lacks.

    None when they agree, or when one only says more. A share may stand as 50 % or as 0.5.
    """
    first_units, second_units = dict(by_unit(first)), dict(by_unit(second))
    for a, b in ((first_units, second_units), (second_units, first_units)):
        if "%" in a and "%" not in b and (shares := [figure for figure in b.get("", []) if 0 < figure.value < 1]):
            b["%"] = shares
    for unit in sorted(first_units.keys() & second_units.keys()):
        left = [
            figure
            for figure in first_units[unit]
            if not any(equal(figure, candidate) for candidate in second_units[unit])
        ]
        right = [
            figure
            for figure in second_units[unit]
            if not any(equal(figure, candidate) for candidate in first_units[unit])
        ]
        if left and right:
            return left, right
    return None
