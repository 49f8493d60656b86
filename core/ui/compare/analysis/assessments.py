"""Votes, judges' scores and merged answers of a comparison, for its exports.

What is needed of the page is collected in advance, because a file is generated after the page run.
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
    """`labels`: column labels by lane; `called`: names a model."""

    person: Person
    run: Comparison
    labels: Mapping[str, str]
    name_of: Callable[[str], str]


def assessments(context: ComparisonContext) -> list[Assessment]:
    """By turn: the vote, then the opinions, oldest first; nothing while the database is unavailable."""
    person, run = context.person, context.run
    try:
        votes = person.votes.of_run(run.id)
        columns = _columns(context)
        links = person.verdicts.links(run.id, list(columns))
        model_opinions = person.verdicts.opinions(links[::-1])
    except StoreError:
        return []
    assessments = [_vote(context, vote) for vote in votes.values()]
    assessments += [_opinion(context, item, columns) for item in model_opinions if item.turn and item.answers]
    return sorted(assessments, key=lambda item: item.turn)


def _columns(context: ComparisonContext) -> dict[str, tuple[int, str]]:
    """The answers of the visible columns: message id -> (turn, label)."""
    run, columns = context.run, {}
    for round_ in run.rounds:
        for lane in run.lanes:
            turn = run.turn(lane, round_)
            if turn and turn.completion and lane.id in context.labels:
                columns[turn.answer_id] = (round_.number, context.labels[lane.id])
    return columns


def _vote(context: ComparisonContext, vote: Vote) -> Assessment:
    about = tuple(context.labels.get(lane, "?") for lane, _ in vote.lanes)
    text = about[vote.place] if vote.place is not None else "tie" if vote.outcome == "tie" else "all bad"
    return Assessment(vote.turn, "vote", about, text)


def _opinion(context: ComparisonContext, opinion: Opinion, columns: Mapping[str, tuple[int, str]]) -> Assessment:
    assert opinion.turn
    completion = opinion.turn.completion
    text = completion.text if completion else ""
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
        context.name_of(opinion.model_id),
        opinion.turn.state,
        marks,
    )


def _rows(kind: str, text: str, prompt: str, answers: int) -> Sequence[ScoreRow]:
    return scores(text, questions.labels(prompt, answers), prompt).rows if kind == "judge" else ()
