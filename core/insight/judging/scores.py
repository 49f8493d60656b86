"""A judge's reply as scores. Models wrap JSON in prose and fences, leave fields out and stop in the middle: what can
be read is taken, what is missing is named, nothing is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.insight.judging import CRITERIA, HIGHEST, LETTERS, LOWEST

Fault = Literal["", "no_form", "incomplete"]
MOST_OBJECTS = 400
NAMES: Mapping[str, tuple[str, ...]] = {
    "correctness": ("correctness", "correct", "accuracy", "正确性", "准确性"),
    "completeness": ("completeness", "complete", "coverage", "完整性"),
    "clarity": ("clarity", "clear", "readability", "清晰度", "清晰性"),
}
_NUMBER = re.compile(r"\s*(\d{1,2}(?:\.\d+)?)\s*(?:/\s*10|分|out of 10)?\s*$")


@dataclass(frozen=True, slots=True)
class Mark:
    """One score from 1 to 10 with its reason; None when the judge gave none that could be read."""

    score: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The marks of one answer, in the order of `CRITERIA`."""

    letter: str
    marks: tuple[Mark, ...]

    @property
    def total(self) -> float | None:
        """The sum, None when a score is missing."""
        scores = [mark.score for mark in self.marks]
        known = [score for score in scores if score is not None]
        return sum(known) if len(known) == len(scores) else None


@dataclass(frozen=True, slots=True)
class Scores:
    """One row for each answer that was scored, by letter. `fault`: nothing could be read, or something is missing."""

    rows: tuple[Row, ...]
    fault: Fault


def scores(reply: str, answers: int) -> Scores:
    """Read the reply to `questions.judge` for so many answers."""
    found: dict[str, Row] = {}
    for letter, entry in _entries(reply):
        if letter in LETTERS[:answers] and letter not in found:
            row = Row(letter, tuple(_mark(entry, name) for name in CRITERIA))
            if any(mark.score is not None for mark in row.marks):
                found[letter] = row
    rows = tuple(found[letter] for letter in sorted(found))
    if not rows:
        return Scores((), "no_form")
    return Scores(rows, "" if len(rows) == answers and all(row.total is not None for row in rows) else "incomplete")


def _entries(reply: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What looks like one answer's scores, in the order of the text."""
    for thing in _objects(re.sub(r",(\s*[}\]])", r"\1", reply)):
        lists = [value for value in thing.values() if isinstance(value, list)]
        for entry in [thing, *(entry for value in lists for entry in value if isinstance(entry, dict))]:
            letter = _letter(next((entry[key] for key in ("answer", "letter", "id", "name") if key in entry), None))
            if letter:
                yield letter, entry
        named = [thing, *(value for value in thing.values() if isinstance(value, dict))]
        for entry in named:
            for key, value in entry.items():
                if isinstance(value, dict) and (letter := _letter(key)):
                    yield letter, value


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a text, the outer one before those in it that it could not be read with."""
    decoder, at = json.JSONDecoder(strict=False), text.find("{")
    for _ in range(MOST_OBJECTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
            yield value
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)


def _letter(value: object) -> str:
    found = re.fullmatch(r"(?:answer|回答|答案)?\s*[\"'“]?([A-Za-z])[\"'”]?", str(value).strip(), re.IGNORECASE)
    return found[1].upper() if found else ""


def _mark(entry: Mapping[str, Any], criterion: str) -> Mark:
    known = {str(key).strip().lower(): value for key, value in entry.items()}
    value = next((known[name] for name in NAMES[criterion] if name in known), None)
    reason: object = known.get(f"{criterion}_reason", known.get("reasons", known.get("reason")))
    if isinstance(reason, dict):
        reason = reason.get(criterion)
    if isinstance(value, dict):
        inner = {str(key).lower(): part for key, part in value.items()}
        reason = _first(inner, ("reason", "why", "comment", "理由", "原因")) or reason
        value = _first(inner, ("score", "points", "rating", "value", "分数", "得分"))
    return Mark(_score(value), " ".join(str(reason).split()) if isinstance(reason, str) else "")


def _first(entry: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _score(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    found = _NUMBER.match(str(value))
    score = float(found[1]) if found else None
    return score if score is not None and LOWEST <= score <= HIGHEST else None
