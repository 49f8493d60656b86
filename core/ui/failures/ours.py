"""What core itself says of a failure, in the reader's language and zone. What a provider said stays as it came.

Core's sentences are English, in errors that are also kept and exported. They are known again by their wording, so that
what was kept a year ago is read in the language of today's reader: `errors_zh.toml` holds each as a template.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path

from ..text import chinese, language, noted

TABLE = Path(__file__).parents[1] / "errors_zh.toml"
# The words that core finds where a provider failed without any.
WORDLESS = re.compile(r"HTTP \d{3}: [\w' -]+(?: \(.*\))?|the provider reported an error(?: \(.*\))?", re.DOTALL)
FIELD = re.compile(r"\{\d\}")
LINE = re.compile(r" line (\d+)\b")
STEP = re.compile(r"\b([A-Za-z]+) (\d+)\b")
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
    return "\n".join(_chinese(line) for line in local.split("\n")) if (reads or language()) == "zh" else local


def configured(problem: str) -> str:
    """A problem of the configuration for this reader: a place, then the end of a sentence, known by its words."""
    return _configured(problem) or problem if language() == "zh" else problem


def _configured(problem: str) -> str:
    """In Chinese, or "" where the end is none of ours."""
    for pattern, rule in _rules():
        if found := pattern.fullmatch(problem):
            where, *fields = found.groups()
            place = (
                LINE.sub(r" 第 \1 行", where).replace(" (environment)", "（环境变量）").replace(": ", "：").rstrip(":")
            )
            return f"{place}：{rule.format(*fields)}"
    return ""


def damaged(reason: str) -> str:
    """Why a record of an imported file was left out, for this reader: its place there, then what is wrong."""
    if language() != "zh":
        return reason
    for pattern, words in _records():
        if found := pattern.fullmatch(reason):
            place, name, *fields = found.groups()
            place = STEP.sub(_step, place).replace(" of a comparison", "（对比）").replace(", ", "，")
            return f"{place}{f' 的“{name}”' if name else ''}：{words.format(*fields)}"
    return reason


def _step(found: re.Match[str]) -> str:
    steps = tables()["steps"]
    known = steps.get(found[1]) or steps.get(found[1].lower())
    return known.format(found[2]) if known else found[0]


def _in_zone(clock: re.Match[str], zone: tzinfo | None, at: datetime) -> str:
    hour, minute = int(clock[1]), int(clock[2])
    if hour > 23 or minute > 59:
        return clock[0]
    return f"{at.astimezone(UTC).replace(hour=hour, minute=minute).astimezone(zone):%H:%M}"


def _chinese(line: str) -> str:
    """One sentence after another, each by the template that says most of it; what is not known stays."""
    if whole := chinese().get(line):
        return whole
    for pattern, sentence in _templates()[0]:
        found = pattern.fullmatch(line)
        if found:
            *parts, rest = found.groups()
            begun = sentence.format(*map(_part, parts))
            return f"{begun}{_chinese(rest)}" if rest else begun
    unknown = SENTENCE.fullmatch(line)
    return f"{unknown[1]} {_chinese(unknown[2])}" if unknown else line


def _part(text: str) -> str:
    for pattern, sentence in _templates()[1]:
        if found := pattern.fullmatch(text):
            return sentence.format(*(_part(part) for part in found.groups()))
    return _configured(text) or noted(text)


@cache
def tables() -> Mapping[str, Mapping[str, str]]:
    """`sentences`, `parts`, `rules` and `records`: English template -> Chinese template; `steps` within a file."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def _templates() -> tuple[Templates, Templates]:
    """Those with most words of their own first."""
    found = tables()
    sentences = sorted(found["sentences"].items(), key=lambda pair: -len(FIELD.sub("", pair[0])))
    parts = sorted(found["parts"].items(), key=lambda pair: -len(FIELD.sub("", pair[0])))
    return (
        tuple((re.compile(_pattern(english, "(.*?)") + r"(?:\s+(.*))?", re.DOTALL), zh) for english, zh in sentences),
        tuple((re.compile(_pattern(english, r"(\S+)")), zh) for english, zh in parts),
    )


@cache
def _rules() -> Templates:
    """What may be wrong with the configuration, behind the place where it is."""
    rules = sorted(tables()["rules"].items(), key=lambda pair: -len(FIELD.sub("", pair[0])))
    return tuple((re.compile(r"(\S.*) " + _pattern(english, "(.+)"), re.DOTALL), zh) for english, zh in rules)


@cache
def _records() -> Templates:
    """What may be wrong with a record, behind its place and perhaps the name of a field."""
    ends = sorted(tables()["records"].items(), key=lambda pair: -len(FIELD.sub("", pair[0])))
    begin = r"(.+?)(?:: “([^”]*)”)?:? "
    return tuple((re.compile(begin + _pattern(english, "(.+)"), re.DOTALL), zh) for english, zh in ends)


def _pattern(english: str, group: str) -> str:
    """A regular expression for a template; a clock may have been set to the reader's zone."""
    return group.join(map(re.escape, FIELD.split(english))).replace(r"\ UTC", r"(?:\ UTC)?")
