"""Dates in a sentence: ISO, English and Chinese, down to a bare year. Missing parts stay unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .numerals import chinese_value

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = re.compile(
    rf"""
    (?<![A-Za-z0-9_.,$€£¥])(?:
      (?P<y1>[12]\d{{3}})[-/.](?P<m1>1[0-2]|0?[1-9])[-/.](?P<d1>3[01]|[12]\d|0?[1-9])(?![\d.]\d)
    | (?:(?P<bc2>公元前|前)\s?)?(?P<y2>\d{{1,4}}|[零〇一二三四五六七八九]{{4}})\s?年
        (?!前|后|代|来|以|间|内|级|龄|度|的时间)(?:\s?(?P<m2>1[0-2]|0?[1-9])\s?月(?:\s?(?P<d2>3[01]|[12]\d|0?[1-9])\s?[日号])?)?
    | (?P<m3>1[0-2]|0?[1-9])\s?月\s?(?P<d3>3[01]|[12]\d|0?[1-9])\s?[日号]
    | (?P<d4>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH.format("m4")}(?:,?\s(?P<y4>[12]\d{{3}}))?(?![\w])
    | {_MONTH.format("m5")}\s(?:(?P<d5>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?!\d)(?:,?\s(?P<y5>[12]\d{{3}})(?!\d))?
        |(?P<y6>[12]\d{{3}})(?!\d))
    | (?P<y7>\d{{1,4}})\s(?P<bc7>BCE?)\b
    | (?P<y8>1[5-9]\d\d|20\d\d)(?![\d%]|[.,]\d|\s?[-⁄/]\d{{1,3}}(?!\d)|s\b|\s?(?:
        km|m|kg|g|ms|tokens?|people|dollars|USD|万|亿|米|元|人|个|名|次|thousand|million|billion|years?\b))
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORTEST = re.compile(r"\d|[〇零一二]")
LONGEST_SPAN_YEARS = 100  # a Chinese number this small before 年 is a span of years, unless a month follows


@dataclass(frozen=True, slots=True)
class Date:
    """A date as written; `year` is negative before Christ. None: not in the text."""

    text: str
    year: int | None
    month: int | None = None
    day: int | None = None


def dates(sentence: str) -> tuple[list[Date], str]:
    """The dates of a sentence in their order, and the sentence with spaces in their place."""
    if not _SHORTEST.search(sentence):
        return [], sentence
    result: list[Date] = []

    def note(match: re.Match[str]) -> str:
        date = _date(match)
        if date is None:
            return match[0]
        result.append(date)
        return " " * len(match[0])

    return result, _DATE.sub(note, sentence)


def _date(match: re.Match[str]) -> Date | None:
    parts = {name: value for name, value in match.groupdict().items() if value}
    year = next((_year(value) for name, value in parts.items() if name[0] == "y"), None)
    month = next((_month(value) for name, value in parts.items() if name[0] == "m"), None)
    day = next((int(value) for name, value in parts.items() if name[0] == "d"), None)
    if "y2" in parts and year is not None and month is None and year < LONGEST_SPAN_YEARS and "bc2" not in parts:
        return None
    if year is not None and ("bc2" in parts or "bc7" in parts):
        year = -year
    return Date(match[0].strip(), year, month, day)


def _year(written: str) -> int:
    return int(written) if written.isascii() else int(chinese_value(written))


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    return _MONTHS.index(written[:3].lower()) + 1


def agree(first: Date, second: Date) -> bool:
    """Whether two dates can be the same: nothing that both say differs."""
    pairs = ((first.year, second.year), (first.month, second.month), (first.day, second.day))
    shared = [(a, b) for a, b in pairs if a is not None and b is not None]
    return bool(shared) and all(a == b for a, b in shared)


def conflict(first: Sequence[Date], second: Sequence[Date]) -> tuple[list[Date], list[Date]] | None:
    """The dates that only one of two sentences says, where each says one that the other does not; else None."""
    left = [date for date in first if not any(agree(date, other) for other in second)]
    right = [date for date in second if not any(agree(date, other) for other in first)]
    return (left, right) if left and right else None
