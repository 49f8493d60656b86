"""A judge's reply as scores. Models wrap JSON in prose and fences, leave fields out and stop in the middle: readable
scores count, missing ones are reported, nothing is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import CRITERIA, HIGHEST, LETTERS, LOWEST

Fault = Literal["", "no_form", "incomplete"]
MOST_OBJECTS = 400
NAMES: Mapping[str, tuple[str, ...]] = {
    "correctness": ("correctness", "correct", "accuracy", "正确性", "准确性"),
    "completeness": ("completeness", "complete", "coverage", "完整性"),
    "clarity": ("clarity", "clear", "readability", "清晰度", "清晰性"),
}
_NUMBER = re.compile(r"\s*(\d{1,2}(?:\.\d+)?)\s*(?:/\s*10|分|out of 10)?\s*$")


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """One score from 1 to 10 with its reason; None when the judge gave none that could be read."""

    score: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """The marks of one answer, in the order of `CRITERIA`."""

    letter: str
    marks: tuple[CriterionScore, ...]

    @property
    def total(self) -> float | None:
        """The sum, None when a score is missing."""
        scores = [mark.score for mark in self.marks]
        given_scores = [score for score in scores if score is not None]
        return sum(given_scores) if len(given_scores) == len(scores) else None


@dataclass(frozen=True, slots=True)
class Scores:
    """One row for each answer that was scored, by letter. `fault`: nothing could be read, or something is missing."""

    rows: tuple[ScoreRow, ...]
    fault: Fault


def scores(reply: str, answers: int | Sequence[str], prompt: str = "") -> Scores:
    """Read the reply to `questions.judge`: for so many answers, or for those called so (`questions.labels`).

    Only the judge's own last words count: the last whole object that names answers (or the last run of objects of one
    answer each). Where the labels have a seal, one without it is taken only if nothing sealed was said and `prompt`,
    which holds the answers, does not hold that object itself.
    """
    labels = list(LETTERS[:answers]) if isinstance(answers, int) else list(answers)
    objects = _objects(reply)
    sealed = {label.upper(): label[:1].upper() for label in labels}
    rows = _last(objects, sealed, any_seal=isinstance(answers, int), of=len(labels))
    if not rows and any("-" in label for label in labels):
        packed = _packed(prompt)
        own = [thing for thing in objects if _packed(json.dumps(thing, ensure_ascii=False)) not in packed]
        rows = _last(own, {letter: letter for letter in sealed.values()}, any_seal=False, of=len(labels))
    readable = [row for row in rows if any(mark.score is not None for mark in row.marks)]
    if not readable:
        return Scores((), "no_form")
    whole = len(rows) == len(readable) == len(labels) and all(row.total is not None for row in readable)
    return Scores(tuple(sorted(readable, key=lambda row: row.letter)), "" if whole else "incomplete")


def _last(
    objects: Sequence[Mapping[str, Any]], letters: Mapping[str, str], *, any_seal: bool, of: int
) -> list[ScoreRow]:
    """The rows of the last object that names an answer; one that is named twice there has no marks."""
    collected: dict[str, ScoreRow] = {}
    for thing in reversed(objects):
        named: dict[str, list[ScoreRow]] = {}
        for label, entry in _entries(thing):
            letter = letters.get(label) or (letters.get(label[:1]) if any_seal else None)
            if letter:
                named.setdefault(letter, []).append(_row(letter, entry))
        rows = {letter: rows[0] if len(rows) == 1 else _row(letter, {}) for letter, rows in named.items()}
        if not rows:
            continue
        if len(rows) > 1 or of == 1:
            return list((collected or rows).values())
        if collected.keys() & rows.keys():
            break
        collected |= rows
    return list(collected.values())


def _row(letter: str, entry: Mapping[str, Any]) -> ScoreRow:
    return ScoreRow(letter, tuple(_mark(entry, name) for name in CRITERIA))


def _packed(text: str) -> str:
    """Without white space and escapes, so that a copy is recognised in any form."""
    return re.sub(r"[\s\\]", "", text).casefold()


def _entries(thing: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Entries of an object that look like one answer's scores: its label and the rest."""
    lists = [value for value in thing.values() if isinstance(value, list)]
    for entry in [thing, *(entry for value in lists for entry in value if isinstance(entry, dict))]:
        label = _label(next((entry[key] for key in ("answer", "letter", "id", "name") if key in entry), None))
        if label:
            yield label, entry
    named = [thing, *(value for value in thing.values() if isinstance(value, dict))]
    for entry in named:
        for key, value in entry.items():
            if isinstance(value, dict) and (label := _label(key)):
                yield label, value


def _objects(reply: str) -> list[dict[str, Any]]:
    """The whole JSON objects of a text, the outer one before those in it that it could not be read with.

    None of a text with too many braces: the judge's own words could be those that were not reached.
    """
    text = re.sub(r",(\s*[}\]])", r"\1", reply)
    decoder, at = json.JSONDecoder(strict=False), text.find("{")
    objects: list[dict[str, Any]] = []
    for _ in range(MOST_OBJECTS):
        if at < 0:
            return objects
        try:
            value, end = decoder.raw_decode(text, at)
            objects.append(value)
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return []


def _label(value: object) -> str:
    match = re.fullmatch(
        r"(?:answer|回答|答案)?\s*[\"'“\[]*([A-Za-z](?:-[0-9a-f]{8})?)[\"'”\]]*", str(value).strip(), re.IGNORECASE
    )
    return match[1].upper() if match else ""


def _mark(entry: Mapping[str, Any], criterion: str) -> CriterionScore:
    fields = {str(key).strip().lower(): value for key, value in entry.items()}
    value = next((fields[name] for name in NAMES[criterion] if name in fields), None)
    reason: object = fields.get(f"{criterion}_reason", fields.get("reasons", fields.get("reason")))
    if isinstance(reason, dict):
        reason = reason.get(criterion)
    if isinstance(value, dict):
        inner = {str(key).lower(): part for key, part in value.items()}
        reason = _first(inner, ("reason", "why", "comment", "理由", "原因")) or reason
        value = _first(inner, ("score", "points", "rating", "value", "分数", "得分"))
    return CriterionScore(_score(value), " ".join(str(reason).split()) if isinstance(reason, str) else "")


def _first(entry: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _score(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    match = _NUMBER.match(str(value))
    score = float(match[1]) if match else None
    return score if score is not None and LOWEST <= score <= HIGHEST else None
