"""Lengths of time as headers and sentences write them: `1m30s`, `2 minutes and 30 seconds`, `1 分 30 秒`, `00:01:30`.

duration_s(text)   the whole text is one           spoken_s(text)   a sentence that names a wait
"""

from __future__ import annotations

import re

DAY_S = 86_400.0
SECONDS = {"d": DAY_S, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
# Seconds in a unit as people write it; the longest that fits counts.
UNITS = {
    "milliseconds?|msecs?|毫秒": 1e-3,
    "seconds?|secs?|秒钟?|초|sekunden?|secondes?|segundos?": 1.0,
    "minutes?|mins?|分钟?|분|minuten?|minutos?": 60.0,
    "hours?|hrs?|个?小时|个?钟头|時間|시간|stunden?|heures?|horas?": 3_600.0,
    "days?|天|tagen?|jours?|días?": DAY_S,
    **{unit: SECONDS[unit] for unit in ("ms", "s", "m", "h", "d")},
}
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
DIGITS = {"两": 2, **{sign: n for n, sign in enumerate("一二三四五六七八九", 1)}}

_PART = r"(\d+(?:\.\d*)?)(ms|us|µs|ns|d|h|m|s)"
_DURATION = re.compile(rf"(?:{_PART})+")
_CLOCK = r"\d{1,2}:\d\d:\d\d(?![\d:])"
_SPELLED = rf"\d+(?:\.\d+)?\s*(?:{'|'.join(UNITS)})(?![a-z])"
_SPAN = rf"{_SPELLED}(?:\s*(?:,|and|,\s*and|零|又)?\s*{_SPELLED})*"
_ONE = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(UNITS)})(?![a-z])", re.IGNORECASE)
_IN_WORDS = re.compile(
    rf"(?<![\w.])(?:{'|'.join(WORDS)}|an?)(?= (?:second|minute|hour|day)s?\b)"
    r"|半(?=个?小时)|(?<![一二两三四五六七八九十])[一二两三四五六七八九十]{1,3}(?=\s*(?:秒|分钟?|个?小时|天))",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    rf"(?:retry|try(?: it)? again|wait|available|resets?|renews?|refresh(?:es)?|cool[ -]?down|next request|"
    rf"time (?:remaining|left)|versuchen|r[ée]essaye[zr]|int[ée]nte(?:lo|e)?|tente)\b[^.;:\d]{{0,40}}?"
    rf"(?<!every)(?:\bin|after|for|:)?:?\s+(?<!every )({_SPAN}|(?:(?<=in )|(?<=: )){_CLOCK})"
    rf"|({_SPAN})\s*(?:(?:remaining|left|to go)\s*)?(?:before|until)\b"
    rf"|({_SPAN})\s*(?:之?后|以后|後に?|후에?)[^。;]{{0,12}}?(?:重试|再试|恢复|重置|可用|继续|再試行|試し|다시)"
    rf"|(?:等待|剩余|冷却|重置|恢复|重试)(?:的?时[间长])?\s*(?:还有|还需|约为?|为|是)?\W{{0,3}}({_SPAN})"
    rf"|(?:请等|稍等|等|稍后)\s*({_SPAN})|({_SPAN})内(?:重置|恢复|解除)"
    rf"|\bretry[ _-]?(?:after|in)\W{{1,4}}({_SPAN})",
    re.IGNORECASE,
)
_MILLISECONDS = re.compile(r"\bretry[_-]?after[_-]?ms\b\W{1,4}(\d+)", re.IGNORECASE)
_BARE_SECONDS = re.compile(r"\bretry[_-]?after\b\W{1,4}(\d+(?:\.\d+)?)(?![\w:-]|\.\d)", re.IGNORECASE)


def duration_s(text: str) -> float | None:
    """Seconds in `6ms`, `8.64s`, `1m30s`, `2m59.56s` or the bare `24483.58`; None for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d*)?", text):
        return float(text)
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(_PART, text))


def spoken_s(text: str) -> float | None:
    """The wait that a sentence names, in seconds."""
    text = _IN_WORDS.sub(lambda match: _figure(match[0].lower()), text)
    if match := _SPOKEN.search(text):
        return span_s(next(filter(None, match.groups()), ""))
    if milliseconds := _MILLISECONDS.search(text):
        return float(milliseconds[1]) / 1000
    bare = _BARE_SECONDS.search(text)
    return float(bare[1]) if bare and float(bare[1]) < 1e9 else None


def span_s(span: str) -> float | None:
    if re.fullmatch(_CLOCK, span.strip()):
        hours, minutes, seconds = map(int, span.split(":"))
        return hours * 3600.0 + minutes * 60 + seconds
    parts = [float(number) * _seconds_in(unit) for number, unit in _ONE.findall(span)]
    return sum(parts) if parts else None


def _seconds_in(unit: str) -> float:
    return next(seconds for name, seconds in UNITS.items() if re.fullmatch(name, unit, re.IGNORECASE))


def _figure(word: str) -> str:
    """`a`, `two`, `半`, `十五` and `二十` in figures."""
    if word == "半":
        return "0.5"
    if not "一" <= word[0] <= "龥":
        return str(WORDS.index(word) + 1) if word in WORDS else "1"
    tens, ten, ones = word.rpartition("十")
    return str((DIGITS.get(tens, 1) * 10 if ten else 0) + DIGITS.get(ones, 0))
