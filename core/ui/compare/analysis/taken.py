"""Votes, judges' scores and merged answers of a whole comparison, as its file tells them. Made when a file is.

What it needs of the page is collected before, because a file is written after the page has been drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....insight.judging import questions
from ....insight.judging.scores import ScoreRow, scores
from ....report.assessments import Assessment, Mark
from ....store import StoreError
from ....views.comparison import Comparison, Opinion
from ....views.votes import Vote
from .answer_labels import in_our_labels

if TYPE_CHECKING:
    from ....workspace import Person


@dataclass(frozen=True)
class ComparisonContext:
    """`labels`: columns by lane; `called`: what a model is called."""

    person: Person
    run: Comparison
    labels: Mapping[str, str]
    called: Callable[[str], str]


def opinions(known: ComparisonContext) -> list[Assessment]:
    """By turn: the vote, then what models said, the oldest first; nothing while the database is away."""
    person, run = known.person, known.run
    try:
        cast = person.votes.of_run(run.id)
        columns = _columns(known)
        links = person.verdicts.links(run.id, list(columns))
        found = person.verdicts.opinions(links[::-1])
    except StoreError:
        return []
    said = [_vote(known, vote) for vote in cast.values()]
    said += [_opinion(known, one, columns) for one in found if one.turn and one.answers]
    return sorted(said, key=lambda one: one.turn)


def _columns(known: ComparisonContext) -> dict[str, tuple[int, str]]:
    """Every answer of the columns shown: its message -> (turn, label)."""
    run, found = known.run, {}
    for asked in run.rounds:
        for lane in run.lanes:
            turn = run.turn(lane, asked)
            if turn and turn.completion and lane.id in known.labels:
                found[turn.answer_id] = (asked.number, known.labels[lane.id])
    return found


def _vote(known: ComparisonContext, vote: Vote) -> Assessment:
    about = tuple(known.labels.get(lane, "?") for lane, _ in vote.lanes)
    text = about[vote.place] if vote.place is not None else "tie" if vote.outcome == "tie" else "all bad"
    return Assessment(vote.turn, "vote", about, text)


def _opinion(known: ComparisonContext, opinion: Opinion, columns: Mapping[str, tuple[int, str]]) -> Assessment:
    assert opinion.turn
    done = opinion.turn.completion
    text = done.text if done else ""
    about = tuple(columns[answer][1] for answer in opinion.answers)
    marks: dict[str, list[Mark]] = {}
    for row in _rows(opinion.kind, text, opinion.turn.prompt, len(about)):
        letters = [label.partition(" ")[0] for label in about]
        marks[about[ord(row.letter) - ord("A")]] = [
            Mark(mark.score, in_our_labels(mark.reason, letters)) for mark in row.marks
        ]
    return Assessment(
        columns[opinion.answers[0]][0],
        opinion.kind,
        about,
        text,
        known.called(opinion.model_id),
        opinion.turn.state,
        marks,
    )


def _rows(kind: str, text: str, prompt: str, answers: int) -> Sequence[ScoreRow]:
    return scores(text, questions.labels(prompt, answers), prompt).rows if kind == "judge" else ()
