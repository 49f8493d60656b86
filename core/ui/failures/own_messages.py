"""Translates core's own sentences about failures, with times in the reader's zone. A provider's text stays as it is.

Core's sentences are English, and errors are stored and exported with them. They are recognised by their wording, so
that errors stored a year ago are shown in the language of today's reader: each is a template in `core/locale/`, in
which `{0}`, `{1}` are the values that core inserts. Its context there says where it can occur.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache

from ..text import language
from ..translations import templates, translations

# Core's text for a provider's failure that came without any.
WORDLESS = re.compile(r"HTTP \d{3}: [\w' -]+(?: \(.*\))?|the provider reported an error(?: \(.*\))?", re.DOTALL)
FIELD = re.compile(r"\{\d\}")
SENTENCE = re.compile(r"(.*?[.!?])\s+(.+)", re.DOTALL)
CLOCK = re.compile(r"\b(\d\d):(\d\d) UTC\b")
Templates = tuple[tuple[re.Pattern[str], str], ...]


def is_ours(message: str, origin: str | None) -> bool:
    """Whether the message is core's own; `origin` is the error's."""
    return origin != "provider" or bool(WORDLESS.fullmatch(message.strip()))


def translated(
    message: str, origin: str | None, zone: tzinfo | None, at: datetime | None = None, *, reads: str | None = None
) -> str:
    """The message of an error for this reader. `at`: when it happened, for the times in it (None: today); `reads`: the
    reader's language, needed outside a page run."""
    if not message or not is_ours(message, origin):
        return message
    local = CLOCK.sub(lambda clock: _in_zone(clock, zone, at or datetime.now(UTC)), message)
    reads = reads or language()
    return local if reads == "en" else "\n".join(_line(line, reads) for line in local.split("\n"))


def configured(problem: str) -> str:
    """A problem of the configuration for this reader: a place, then the end of a sentence."""
    return problem if language() == "en" else _configured(problem, language()) or problem


def _configured(problem: str, reads: str) -> str:
    """In the language `reads`, or "" if the end is not core's."""
    for pattern, rule in _patterns(reads, "configuration"):
        if match := pattern.fullmatch(problem):
            place, *fields = match.groups()
            return _framed(
                "{place}: {problem}",
                reads,
                place=_place(place.removesuffix(":"), reads),
                problem=rule.format(*fields),
            )
    return ""


def damaged(reason: str) -> str:
    """Why a record of an imported file was left out, for this reader: its place in the file, then what is wrong."""
    reads = language()
    if reads == "en":
        return reason
    for pattern, words in _patterns(reads, "import"):
        if match := pattern.fullmatch(reason):
            place_text, name, *fields = match.groups()
            place = _place(place_text, reads)
            if name:
                place = _framed("{place}: “{field}”", reads, place=place, field=name)
            return _framed("{place}: {problem}", reads, place=place, problem=words.format(*fields))
    return reason


def _place(place: str, reads: str) -> str:
    """Where something is, in a file or among the options: "Conversation 3, message 2", ".env line 4"."""
    for pattern, words in _patterns(reads, "place"):
        place = pattern.sub(lambda match, words=words: words.format(*match.groups()), place)  # type: ignore[misc]
    return place


def _framed(english: str, reads: str, **fields: str) -> str:
    return translations(reads).gettext(english).format(**fields)


def _in_zone(clock: re.Match[str], zone: tzinfo | None, at: datetime) -> str:
    hour, minute = int(clock[1]), int(clock[2])
    if hour > 23 or minute > 59:
        return clock[0]
    return f"{at.astimezone(UTC).replace(hour=hour, minute=minute).astimezone(zone):%H:%M}"


def _line(line: str, reads: str) -> str:
    """Sentence by sentence, each by the template with the most fixed text; an unknown sentence stays."""
    if not line or (translation := translations(reads).gettext(line)) != line:
        return line and translation
    for pattern, sentence in _patterns(reads, "error"):
        if match := pattern.fullmatch(line):
            *parts, rest = match.groups()
            translated_text = sentence.format(*(_part(part, reads) for part in parts))
            return _after(translated_text, rest, reads) if rest else translated_text
    unknown = SENTENCE.fullmatch(line)
    return f"{unknown[1]} {_line(unknown[2], reads)}" if unknown else line


def _after(sentence: str, rest: str, reads: str) -> str:
    """A sentence and those that follow it; not every language puts a space between them."""
    return _framed("{sentence} {next}", reads, sentence=sentence, next=_line(rest, reads))


def _part(text: str, reads: str) -> str:
    for pattern, words in _patterns(reads, "error part"):
        if match := pattern.fullmatch(text):
            return words.format(*(_part(part, reads) for part in match.groups()))
    return _configured(text, reads) or translations(reads).pgettext("note", text)


# For each context: the pattern before a template, that of a field, and the one after the template.
_SHAPES: Mapping[str, tuple[str, str, str]] = {
    "place": (r"(?:(?<!\w)|(?=\W))(?i:", r"(\d+|[A-Z][A-Z0-9_]+)", r")(?:(?!\w)|(?<=\W))"),  # between other words
    "error": ("", "(.*?)", r"(?:\s+(.*))?"),
    "error part": ("", r"(\S+)", ""),
    "configuration": (r"(\S.*) ", "(.+)", ""),
    "import": (r"(.+?)(?:: “([^”]*)”)?:? ", "(.+)", ""),
}


@cache
def _patterns(reads: str, context: str) -> Templates:
    before, field, behind = _SHAPES[context]
    return tuple(
        (re.compile(before + _pattern(english, field) + behind, re.DOTALL), words)
        for english, words in templates(reads, context).items()
    )


def _pattern(english: str, field: str) -> str:
    """A regular expression for a template; its times may have been converted to the reader's zone."""
    return field.join(map(re.escape, FIELD.split(english))).replace(r"\ UTC", r"(?:\ UTC)?")
