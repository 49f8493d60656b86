"""Numbers written in words: 三百二十 and twenty-one."""

from __future__ import annotations

_DIGITS = {mark: value for value, mark in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}
CHINESE = r"[零〇一二三四五六七八九十百千两][零〇一二三四五六七八九十百千万亿两]{0,20}"

_TO_NINETEEN = """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen
"""
_BY_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = dict(zip(_TO_NINETEEN.split(), range(2, 20), strict=True))
_TIES = dict(zip(_BY_TENS.split(), range(20, 100, 10), strict=True))
_ONES = {"one": 1, **{name: value for name, value in _SMALL.items() if value < 10}}
WORDS = f"(?i:(?:{'|'.join(_TIES)})(?:[- ](?:{'|'.join(_ONES)}))?|{'|'.join(sorted(_SMALL, key=len, reverse=True))})"


def chinese_value(written: str) -> float:
    """三百二十 → 320, 一万两千 → 12000, 二〇二四 → 2024."""
    if not any(mark in _TENS or mark in _BIG for mark in written):
        return float("".join(str(_DIGITS[mark]) for mark in written))
    total = section = 0
    digit: int | None = None
    for mark in written:
        if mark in _DIGITS:
            digit = _DIGITS[mark]
        elif mark in _TENS:
            section += (1 if digit is None else digit) * _TENS[mark]
            digit = None
        else:
            total = (total + section + (digit or 0) or 1) * _BIG[mark]
            section, digit = 0, None
    return float(total + section + (digit or 0))


def word_value(written: str) -> float:
    """twenty-one → 21."""
    parts = written.lower().replace("-", " ").split()
    return float(sum(_TIES.get(part) or _SMALL.get(part) or _ONES[part] for part in parts))
