"""Votes, judges' scores and merged answers of a whole comparison, as its file tells them. Made when a file is.

What it needs of the page is collected before, because a file is written after the page has been drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.insight.judging import questions
from core.insight.judging.scores import Row, scores
from core.report.said import Mark, Said
from core.store import StoreError
from core.ui.compare.analysis.answer_labels import in_our_letters
from core.views.comparison import Comparison, Opinion
from core.views.votes import Vote

if TYPE_CHECKING:
    from core.desk import Desk


@dataclass(frozen=True)
class Known:
    """`labels`: columns by lane; `called`: what a model is called."""

    desk: Desk
    owner: str
    run: Comparison
    labels: Mapping[str, str]
    called: Callable[[str], str]


def opinions(known: Known) -> list[Said]:
    """By turn: the vote, then what models said, the oldest first; nothing while the database is away."""
    owner, run = known.owner, known.run
    try:
        cast = known.desk.votes.of_run(owner, run.id)
        columns = _columns(known)
        links = known.desk.verdicts.links(owner, run.id, list(columns))
        found = known.desk.verdicts.opinions(owner, links[::-1])
    except StoreError:
        return []
    said = [_vote(known, vote) for vote in cast.values()]
    said += [_opinion(known, one, columns) for one in found if one.turn and one.answers]
    return sorted(said, key=lambda one: one.turn)


def _columns(known: Known) -> dict[str, tuple[int, str]]:
    """Every answer of the columns shown: its message -> (turn, label)."""
    run, found = known.run, {}
    for asked in run.rounds:
        for lane in run.lanes:
            turn = run.turn(lane, asked)
            if turn and turn.completion and lane.id in known.labels:
                found[turn.answer_id] = (asked.number, known.labels[lane.id])
    return found


def _vote(known: Known, vote: Vote) -> Said:
    about = tuple(known.labels.get(lane, "?") for lane, _ in vote.lanes)
    text = about[vote.place] if vote.place is not None else "tie" if vote.outcome == "tie" else "all bad"
    return Said(vote.turn, "vote", about, text)


def _opinion(known: Known, one: Opinion, columns: Mapping[str, tuple[int, str]]) -> Said:
    assert one.turn
    done = one.turn.completion
    text = done.text if done else ""
    about = tuple(columns[answer][1] for answer in one.answers)
    marks: dict[str, list[Mark]] = {}
    for row in _rows(one.kind, text, one.turn.prompt, len(about)):
        letters = [label.partition(" ")[0] for label in about]
        marks[about[ord(row.letter) - ord("A")]] = [
            Mark(mark.score, in_our_letters(mark.reason, letters)) for mark in row.marks
        ]
    return Said(columns[one.answers[0]][0], one.kind, about, text, known.called(one.model_id), one.turn.state, marks)


def _rows(kind: str, text: str, prompt: str, answers: int) -> Sequence[Row]:
    return scores(text, questions.labels(prompt, answers), prompt).rows if kind == "judge" else ()
