"""Assessments of a comparison's answers for its file: votes, judges' scores, merged answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .columns import Words

Kind = Literal["vote", "judge", "merge"]
CRITERIA = ("correctness", "completeness", "clarity")


@dataclass(frozen=True, slots=True)
class Mark:
    """One score from 1 to 10 with its reason; None where the judge gave none."""

    score: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """One vote, one judge's scores or one merged answer. `about` are labels of columns, of a judge and a merger in the
    order of the letters A, B, C under which the model saw them. `text` is a model's reply, or what was voted:
    a column's label, "tie" or "all bad". `marks` of a judge: by column, in the order of `CRITERIA`."""

    turn: int
    kind: Kind
    about: tuple[str, ...]
    text: str
    model: str | None = None
    state: str = "done"
    marks: Mapping[str, Sequence[Mark]] = field(default_factory=dict)


def head(assessment: Assessment, words: Words) -> str:
    """Its author, in one line."""
    title = {"vote": words.vote, "judge": words.judged, "merge": words.merged}[assessment.kind]
    about = f" ({', '.join(assessment.about)})" if assessment.kind == "merge" else ""
    return f"{title}: {_voted(assessment, words) if assessment.kind == 'vote' else assessment.model}{about}"


def _voted(assessment: Assessment, words: Words) -> str:
    return {"tie": words.tie, "all bad": words.all_bad}.get(assessment.text, assessment.text)


def lines(assessment: Assessment) -> list[tuple[str, str]]:
    """A judge's marks as (column, "7 · 8 · 6"), each with its reason where there is one."""
    return [(column, " · ".join(_mark(mark) for mark in marks)) for column, marks in assessment.marks.items()]


def _mark(mark: Mark) -> str:
    score = "—" if mark.score is None else f"{mark.score:g}"
    return f"{score} ({mark.reason})" if mark.reason else score


def cells(assessment: Assessment) -> list[tuple[str, str, dict[str, object]]]:
    """Rows of a table: (column, text, further cells). One per column for a judge, else one."""
    if not assessment.marks:
        return [(", ".join(assessment.about), assessment.text, {})]
    return [
        (
            column,
            "; ".join(mark.reason for mark in marks if mark.reason),
            {name: mark.score for name, mark in zip(CRITERIA, marks, strict=True)},
        )
        for column, marks in assessment.marks.items()
    ]


def as_json(assessment: Assessment) -> dict[str, object]:
    value: dict[str, object] = {"kind": assessment.kind, "about": list(assessment.about), "text": assessment.text}
    if assessment.kind == "vote":
        return value
    scores = [
        {
            "column": column,
            **{name: {"score": mark.score, "reason": mark.reason} for name, mark in zip(CRITERIA, marks, strict=True)},
        }
        for column, marks in assessment.marks.items()
    ]
    return (
        value
        | {"model": assessment.model, "state": assessment.state}
        | ({"scores": scores} if assessment.kind == "judge" else {})
    )
