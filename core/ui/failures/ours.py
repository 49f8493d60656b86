"""What core itself says of a failure, in the reader's language and zone. What a provider said stays as it came.

Core's sentences are English, in errors that are also kept and exported. They are known again by their wording, so that
what was kept a year ago is read in the language of today's reader: each is a template in `core/locale/`, where
`{0}`, `{1}` stand for what core puts in. Its context there says where it can stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache

from ..text import language
from ..translations import templates, translations

# The words that core finds where a provider failed without any.
WORDLESS = re.compile(r"HTTP \d{3}: [\w' -]+(?: \(.*\))?|the provider reported an error(?: \(.*\))?", re.DOTALL)
FIELD = re.compile(r"\{\d\}")
SENTENCE = re.compile(r"(.*?[.!?])\s+(.+)", re.DOTALL)
CLOCK = re.compile(r"\b(\d\d):(\d\d) UTC\b")
Templates = tuple[tuple[re.Pattern[str], str], ...]


def is_ours(message: str, origin: str | None) -> bool:
    """Whether these are core's own words; `origin` is the error's."""
    return origin != "provider" or bool(WORDLESS.fullmatch(message.strip()))


def translated(
    message: str, origin: str | None, zone: tzinfo | None, at: datetime | None = None, *, reads: str | None = None
) -> str:
    """The message of an error for this reader. `at`: when it was said, for the clocks in it (None: today); `reads` is
    the reader's language where the page is not there any more to tell it."""
    if not message or not is_ours(message, origin):
        return message
    local = CLOCK.sub(lambda clock: _in_zone(clock, zone, at or datetime.now(UTC)), message)
    reads = reads or language()
    return local if reads == "en" else "\n".join(_line(line, reads) for line in local.split("\n"))


def configured(problem: str) -> str:
    """A problem of the configuration for this reader: a place, then the end of a sentence, known by its words."""
    return problem if language() == "en" else _configured(problem, language()) or problem


def _configured(problem: str, reads: str) -> str:
    """In the language `reads`, or "" where the end is none of ours."""
    for pattern, rule in _patterns(reads, "configuration"):
        if found := pattern.fullmatch(problem):
            where, *fields = found.groups()
            return _framed(
                "{place}: {problem}",
                reads,
                place=_place(where.removesuffix(":"), reads),
                problem=rule.format(*fields),
            )
    return ""


def damaged(reason: str) -> str:
    """Why a record of an imported file was left out, for this reader: its place there, then what is wrong."""
    reads = language()
    if reads == "en":
        return reason
    for pattern, words in _patterns(reads, "import"):
        if found := pattern.fullmatch(reason):
            where, name, *fields = found.groups()
            place = _place(where, reads)
            if name:
                place = _framed("{place}: “{field}”", reads, place=place, field=name)
            return _framed("{place}: {problem}", reads, place=place, problem=words.format(*fields))
    return reason


def _place(where: str, reads: str) -> str:
    """Where something is, in a file or among the options: "Conversation 3, message 2", ".env line 4"."""
    for pattern, words in _patterns(reads, "place"):
        where = pattern.sub(lambda found, words=words: words.format(*found.groups()), where)  # type: ignore[misc]
    return where


def _framed(english: str, reads: str, **fields: str) -> str:
    return translations(reads).gettext(english).format(**fields)


def _in_zone(clock: re.Match[str], zone: tzinfo | None, at: datetime) -> str:
    hour, minute = int(clock[1]), int(clock[2])
    if hour > 23 or minute > 59:
        return clock[0]
    return f"{at.astimezone(UTC).replace(hour=hour, minute=minute).astimezone(zone):%H:%M}"


def _line(line: str, reads: str) -> str:
    """One sentence after another, each by the template that says most of it; what is not known stays."""
    if not line or (whole := translations(reads).gettext(line)) != line:
        return line and whole
    for pattern, sentence in _patterns(reads, "error"):
        if found := pattern.fullmatch(line):
            *parts, rest = found.groups()
            begun = sentence.format(*(_part(part, reads) for part in parts))
            return _after(begun, rest, reads) if rest else begun
    unknown = SENTENCE.fullmatch(line)
    return f"{unknown[1]} {_line(unknown[2], reads)}" if unknown else line


def _after(begun: str, rest: str, reads: str) -> str:
    """A sentence and those that follow it: English has a space between them, Chinese none."""
    return _framed("{sentence} {next}", reads, sentence=begun, next=_line(rest, reads))


def _part(text: str, reads: str) -> str:
    for pattern, words in _patterns(reads, "error part"):
        if found := pattern.fullmatch(text):
            return words.format(*(_part(part, reads) for part in found.groups()))
    return _configured(text, reads) or translations(reads).pgettext("note", text)


# Of each context, what a field of its templates takes, and what stands around them.
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
    """A regular expression for a template; a clock may have been set to the reader's zone."""
    return field.join(map(re.escape, FIELD.split(english))).replace(r"\ UTC", r"(?:\ UTC)?")
