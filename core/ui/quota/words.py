"""Windows, numbers and times in words, as Markdown or plain text in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from ...records import Window
from ..models.facts import per_period
from ..money import in_usd
from ..text import clock, count, day_and_clock, plain, t, tn, wait


def when(per: str) -> str:
    """The current window: "today", "this minute"."""
    return {
        "second": t("this second"),
        "minute": t("this minute"),
        "hour": t("this hour"),
        "day": t("today"),
        "month": t("this month"),
        "once": t("in total"),
    }.get(per, t("at once"))


def whose(per: str) -> str:
    """The possessive: "today's", "this minute's"."""
    return {
        "second": t("this second's"),
        "minute": t("this minute's"),
        "hour": t("this hour's"),
        "day": t("today's"),
        "month": t("this month's"),
    }.get(per, t("all"))


def title(window: Window) -> str:
    """ "Requests per day"."""
    unit = {
        "requests": t("Requests"),
        "tokens": t("Tokens"),
        "input_tokens": t("Input tokens"),
        "output_tokens": t("Output tokens"),
        "usd": t("Cost"),
        "audio_seconds": t("Seconds of sound"),
    }.get(window.unit, plain(window.unit.capitalize()))
    return t("{what} {per}", what=unit, per=per_period(window.per))


def noun(name: str) -> str:
    """ "requests", "tokens"; "" for money, whose number has its unit."""
    return {
        "requests": t("requests"),
        "tokens": t("tokens"),
        "input_tokens": t("input tokens"),
        "output_tokens": t("output tokens"),
        "usd": "",
        "audio_seconds": t("seconds of sound"),
    }.get(name, name)


def bare(markdown: str) -> str:
    """The text of what `scope` and `title` give, for where Markdown is not read."""
    return markdown.replace("\\", "")


def scope(window: Window) -> str:
    """What is counted together."""
    if window.pool == "model":
        return plain(window.scope)
    if window.pool == "ip_model":
        return t("{model}, all calls from this IP address", model=plain(window.scope))
    if window.pool == "ip":
        return t("all calls from this IP address")
    return t("all models") if window.scope == "*" else plain(window.scope.replace(",", ", "))


def number(unit: str, value: Decimal) -> str:
    """An amount of a unit: "14", "250k", "0.12 USD"."""
    if unit == "usd":
        return in_usd(value)
    return count(float(value)) if value >= 10_000 else f"{value:,.0f}"


def figure(window: Window) -> str:
    """Such as "13 of 20 left", as far as known."""
    size = None if window.limit is None else number(window.unit, window.limit)
    if window.remaining is None:
        used = number(window.unit, window.used)
        if size is None:
            return t("{used} used, limit unknown", used=used)
        return t("{used} of {size} used, remaining unknown", used=used, size=size)
    left = number(window.unit, window.remaining)
    return t("{left} left", left=left) if size is None else t("{left} of {size} left", left=left, size=size)


def moment(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """The reader's time of day; with the date if it is a day or more away: "16:40", "Dec 1, 00:00"."""
    return clock(at, zone) if abs(at - now) < timedelta(days=1) else day_and_clock(at, zone)


def reset(window: Window, now: datetime, zone: tzinfo | None) -> str:
    """ "resets in 3 h 12 min (00:00 UTC · 02:00 here)"."""
    if window.per == "at_once":
        return t("freed as answers finish")
    if window.resets_at is None:
        return t("never resets")
    left_s = (window.resets_at - now).total_seconds()
    clocks = both_clocks(window.resets_at, now, zone)
    if left_s < 1:
        return t("resets now ({clocks})", clocks=clocks)
    if left_s >= 48 * 3600:
        days = int(left_s // 86_400)
        return tn("resets in {number} day ({clocks})", "resets in {number} days ({clocks})", days, clocks=clocks)
    return t("resets in {time} ({clocks})", time=wait(left_s), clocks=clocks)


def both_clocks(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """The time in UTC, and the reader's if different."""
    utc_clock, local_clock = moment(at, now, UTC), moment(at, now, zone)
    return f"{utc_clock} UTC" if utc_clock == local_clock else f"{utc_clock} UTC · {local_clock} {t('local time')}"


def source(window: Window, provider_name: str, now: datetime, checked: str = "") -> str:
    """Where the number comes from and how old it is; `checked` is when the catalogue's size was checked."""
    age = wait((now - window.seen_at).total_seconds()) if window.seen_at else ""
    match window.source:
        case "header" if age:
            return t("from a {provider} response header, {age} ago", provider=provider_name, age=age)
        case "error" if age:
            return t("from a {provider} error message, {age} ago", provider=provider_name, age=age)
        case "header" | "error":
            return t("reported by {provider}", provider=provider_name)
        case "documented":
            return (
                t("as documented ({date}); not used yet", date=checked) if checked else t("as documented; not used yet")
            )
    return t("counted by this app; limit as documented ({date})", date=checked) if checked else t("counted by this app")
