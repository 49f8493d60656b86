"""Instants that a sentence names: `2026-11-22 22:00:00 +0800`, `Nov 22nd, 2026 3:00 PM`, `11月22日 21:00`, `3pm (PT)`.

    ahead_s(text, now, is_chinese) -> seconds from now until the limit resets, or None

An instant without a zone is in Beijing time for a Chinese vendor, else in UTC. A time without a date is its next
occurrence, and needs a zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal

BEIJING = timezone(timedelta(hours=8))
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# Zones by their names in sentences: hours ahead of UTC in winter, and whose daylight saving time they follow.
ZONES: Mapping[str, tuple[float, Literal["", "us", "eu"]]] = {
    "pacific|america/los_angeles|pt": (-8, "us"),
    "mountain|america/denver|mt": (-7, "us"),
    "central|america/chicago|ct": (-6, "us"),
    "eastern|america/new_york|et": (-5, "us"),
    "europe/london": (0, "eu"),
    "europe/(berlin|paris|madrid|rome|amsterdam|vienna|zurich|brussels|stockholm|warsaw)": (1, "eu"),
    "utc|gmt|z": (0, ""),
    "pst": (-8, ""),
    "pdt": (-7, ""),
    "est": (-5, ""),
    "edt": (-4, ""),
    "cet": (1, ""),
    "cest": (2, ""),
    "ist|asia/(kolkata|calcutta)": (5.5, ""),
    "beijing|china standard|asia/(shanghai|chongqing|hong_kong|taipei|singapore)|北京": (8, ""),
    "jst|kst|asia/(tokyo|seoul)": (9, ""),
}

_DATE = r"\d{4}-\d{1,2}-\d{1,2}"
_TIME = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?"
_NAMED = "|".join(sorted(ZONES, key=len, reverse=True))
_ZONE = rf"\s*(?P<zone>\(?(?:UTC|GMT) ?[+-]\d{{1,2}}(?::?\d\d)?|[+-]\d\d:?\d\d|\[?\(?(?:{_NAMED})(?![a-z_/]))?"
_MOMENT = rf"(?:(?P<date>{_DATE})(?:(?:[T ,]|at)*(?P<time>{_TIME}))?|(?P<clock>{_TIME})){_ZONE}"
_WHOLE_AGAIN = "重置|恢复|重试|再试|刷新|解除|更新"
_ANNOUNCED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:resets?|renews?|available|retry|try again|until|refresh(?:es|ed)?|regain access|restored|resumes?)\b"
        rf"[^.;\d]{{0,30}}?(?<![\d:-]){_MOMENT}",
        rf"(?:将?[在于]|请[在于]?|[到至])\s*(?:北京时间)?\s*{_MOMENT}\s*(?:之?后)?[^。]{{0,8}}?(?:{_WHOLE_AGAIN})",
        rf"(?:{_WHOLE_AGAIN}|解封|可用)时间\W{{0,3}}[为是]?\s*(?:北京时间)?\s*{_MOMENT}",
    )
)
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ENGLISH_DATES = tuple(
    re.compile(rf"\b{order}(?:,? (?P<year>\d{{4}})\b|(?=,? (?:at )?{_TIME}))", re.IGNORECASE)
    for order in (f"{_MONTH} {_DAY}", f"{_DAY} {_MONTH}")
)
_CHINESE_DATE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]")
_SLASHED = re.compile(r"\b(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b")
_TWELVE_HOURS = re.compile(r"\b(\d{1,2})(?::(\d\d))?(?::\d\d)? ?([ap])\.?m\b\.?", re.IGNORECASE)
_RELATIVE = re.compile(
    rf"(?P<next>tomorrow|[明次翌][天日])[, ]*(?:at )?(?={_TIME})|(?:today|[今当][天日])[, ]*(?:at )?(?={_TIME})",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def ahead_s(text: str, now: datetime, *, is_chinese: bool = False) -> float | None:
    """Seconds from `now` until the instant that the text announces; negative for one that is past."""
    is_chinese = is_chinese or _CHINESE.search(text) is not None
    text = _in_iso(text, now.astimezone(BEIJING if is_chinese else UTC))
    announced = next((match for pattern in _ANNOUNCED if (match := pattern.search(text))), None)
    if announced is None:
        return None
    zone = _zone(announced["zone"], now) or (BEIJING if is_chinese else None)
    if announced["clock"]:
        return None if zone is None else _next(announced["clock"], now, zone)
    try:
        day = date(*map(int, announced["date"].split("-")))
    except ValueError:
        return None
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone or UTC)
    return (midnight + _past_midnight(announced["time"] or "0:00") - now).total_seconds()


def _in_iso(text: str, today: datetime) -> str:
    """The text with its dates as `2026-11-22` and its times as `15:00`."""
    text = re.sub(r"\bmidnight\b|零点|午夜", " 00:00 ", re.sub(r"\bnoon\b", "12:00", text, flags=re.IGNORECASE))
    text = re.sub(r"(?:下午|晚上)\s*(\d{1,2})(?=[:：点])", lambda at: str(int(at[1]) % 12 + 12), text)
    text = re.sub(r"(?<=\d)(?:：|[点时](?=\d))", ":", text)
    text = re.sub(r"(?<=\d)点整?", ":00", text)
    text = _TWELVE_HOURS.sub(lambda at: f"{int(at[1]) % 12 + 12 * (at[3].lower() == 'p')}:{at[2] or '00'}", text)
    text = _CHINESE_DATE.sub(lambda at: f"{at[1] or today.year}-{at[2]}-{at[3]} ", text)
    text = _SLASHED.sub(r"\1-\2-\3", text)
    for pattern in _ENGLISH_DATES:
        text = pattern.sub(
            lambda at: f"{at['year'] or today.year}-{MONTHS.index(at['month'].lower()) + 1}-{at['day']}", text
        )
    return _RELATIVE.sub(lambda at: f"{today + timedelta(days=1 if at['next'] else 0):%Y-%m-%d} ", text)


def _past_midnight(clock: str) -> timedelta:
    hours, minutes, *seconds = clock.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds[0]) if seconds else 0.0)


def _next(clock: str, now: datetime, zone: tzinfo) -> float:
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + _past_midnight(clock) - now).total_seconds() % 86_400


def _zone(name: str | None, now: datetime) -> tzinfo | None:
    """`Z`, `UTC`, `+0800`, `(UTC+8`, `(America/New_York`."""
    if not name:
        return None
    if offset := re.search(r"([+-])(\d{1,2}):?(\d\d)?", name):
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-ahead if offset[1] == "-" else ahead)
    bare = name.strip("[(").lower()
    hours, summer = next(zone for names, zone in ZONES.items() if re.fullmatch(names, bare))
    return timezone(timedelta(hours=hours + _is_summer(now.date(), summer)))


def _is_summer(day: date, whose: str) -> bool:
    """Whether a day lies in daylight saving time: of the USA (second Sunday of March to first of November) or of
    Europe."""
    if whose == "us":
        return _sunday(day.year, 3, 8) <= day < _sunday(day.year, 11, 1)
    return whose == "eu" and _sunday(day.year, 3, 25) <= day < _sunday(day.year, 10, 25)


def _sunday(year: int, month: int, first: int) -> date:
    """The first Sunday from this day of the month on."""
    start = date(year, month, first)
    return start + timedelta(days=6 - start.weekday())
