"""All visible text passes through `t`: the English sentence is the gettext key, translations are in `core/locale/`.

The layout sets the language once per script run (`use`). It is in a context variable, so that concurrent readers each
have their own. Callbacks run before that and fragments without it: they use the language of the session's last run.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from datetime import date, datetime, timedelta, tzinfo

import streamlit as st

from ..safety.address import unlinked
from .translations import languages, translations

GROUPED_LIKE_ENGLISH = {"en", "zh"}  # spares most pages the import of Babel

_language: ContextVar[str | None] = ContextVar("language", default=None)
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~$:-])")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]+")


def use(language: str) -> None:
    """Choose the language of this script run: one of `languages()`, anything else is English."""
    st.session_state["reads"] = speak(language)


def speak(language: str) -> str:
    """The same for a reader without a session, for the current task; returns the language chosen."""
    chosen = language if language in languages() else "en"
    _language.set(chosen)
    return chosen


def language() -> str:
    return _language.get() or st.session_state.get("reads", "en")


def choose(locale: str | None) -> str:
    """The language for a browser's locale or list of locales ("zh-CN", "de-DE,de;q=0.9", None), by the first."""
    locale_code = re.split(r"[,;]", locale or "")[0].strip().replace("-", "_").casefold()
    return next((code for code in languages() if f"{locale_code}_".startswith(f"{code.casefold()}_")), "en")


def t(english: str, /, **fields: object) -> str:
    """The sentence in the reader's language with its `{fields}` filled in; English if it is not translated."""
    sentence = translations(language()).gettext(english)
    return sentence.format(**fields) if fields else sentence


def tn(singular: str, plural: str, number: int, /, **fields: object) -> str:
    """A sentence with a plural: `singular` and `plural` are the English forms, other languages use their own rules.

    `{number}` is filled in with a thousands separator unless a field of that name is given.
    """
    sentence = translations(language()).ngettext(singular, plural, number)
    return sentence.format(**{"number": whole(number), **fields})


def noted(note: str) -> str:
    """A note of the catalogue in the reader's language; an installation's own notes stay as they are."""
    return translations(language()).pgettext("note", note)


def plain(text: str) -> str:
    """A name or label from a file or a person, as one line of escaped Markdown."""
    return _MARKS.sub(r"\\\1", unlinked(_UNSEEN.sub(" ", text))).strip()


def sentences(*parts: str) -> str:
    """Sentences one after another, as the reader's language writes them: with a space between, or without. Empty ones
    are left out."""
    return ("" if language() == "zh" else " ").join(filter(None, parts))


def whole(number: int) -> str:
    """1,234 as the reader's language writes it."""
    if language() in GROUPED_LIKE_ENGLISH:
        return f"{number:,}"
    from babel.numbers import format_decimal

    return format_decimal(number, locale=language())


def date_of(day: date) -> str:
    """ "Nov 18, 2026"."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMd", day, locale=language())


def day_and_clock(moment: datetime, zone: tzinfo | None) -> str:
    """ "Dec 1, 14:05" in the reader's zone."""
    from babel.dates import format_skeleton

    day = format_skeleton("MMMd", moment.astimezone(zone), locale=language())
    return t("{day}, {clock}", day=day, clock=clock(moment, zone))


def month(day: date) -> str:
    """ "Nov", standing alone."""
    from babel.dates import format_date

    return format_date(day, "LLL", locale=language())


def weekdays() -> list[str]:
    """ "Mon" to "Sun", standing alone."""
    from babel.dates import get_day_names

    names = get_day_names("abbreviated", "stand-alone", locale=language())
    return [names[day] for day in range(7)]


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in its largest unit: "2 hours ago", "6 weeks ago"."""
    from babel.dates import format_timedelta

    age = max(now - at, timedelta(minutes=1))
    return format_timedelta(-age, granularity="minute", threshold=2, add_direction=True, locale=language())


# Short forms that Babel has not: two units of a duration, a lower-case k for thousands, tenths of a second.


def seconds(ms: float) -> str:
    """0.42 s, 5.0 s, 48 s, 2 min 5 s."""
    value = ms / 1000
    if value < 0.995:
        return f"{value:.2f} s"
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 99.5:
        return f"{value:.0f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


def count(number: float) -> str:
    """7, 540, 1.2k, 131k, 3.4M."""
    for size, mark in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.9995:
            value = number / size
            return f"{value:.1f}".removesuffix(".0") + mark if value < 99.5 else f"{value:.0f}{mark}"
    return f"{number:.0f}"


def wait(delay_s: float) -> str:
    """A duration in words: "8 s", "3 min", "3 h 12 min"."""
    left = timedelta(seconds=max(1, round(delay_s)))
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    if left >= timedelta(hours=1):
        return t("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if left >= timedelta(seconds=100):
        return t("{minutes} min", minutes=minutes)
    return t("{seconds} s", seconds=int(left.total_seconds()))


def clock(moment: datetime, zone: tzinfo | None) -> str:
    """The time of day in the reader's zone: "14:05"."""
    return f"{moment.astimezone(zone):%H:%M}"
