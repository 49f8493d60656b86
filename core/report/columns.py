"""A comparison as a file: a Markdown table, CSV, JSON, and one HTML page that needs nothing beside itself.

columns     how each lane is called; whoever hides names hides them here, and with them every figure
rows(...)   one for each turn and column, from which all four are written
said        what was said about the answers: votes, judges, merged answers
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..records import Completion
from ..views.comparison import Comparison, Round
from ..views.conversation import Turn


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A lane as the file calls it. `models` are what model ids of its answers are called; None: not told.

    `figures`: times, tokens, cost, and what else tells one model from another.
    """

    lane_id: str
    label: str
    models: Mapping[str, str] | None = None
    figures: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """What the file says itself, in the reader's language."""

    turn: str = "Turn"
    went_on: str = "All went on from"
    not_asked: str = "Not asked"
    answered_by: str = "answered by"
    vote: str = "Vote"
    tie: str = "Tie"
    all_bad: str = "All bad"
    judged: str = "Judged by"
    merged: str = "Merged by"
    criteria: str = "Correctness · completeness · clarity"
    states: Mapping[str, str] | None = None


ENGLISH = Words()


@dataclass(frozen=True, slots=True)
class Row:
    """One column's part of a turn; `turn` None: it was not asked."""

    asked: Round
    column: ReportColumn
    turn: Turn | None
    follows: str | None

    @property
    def completion(self) -> Completion | None:
        return self.turn.completion if self.turn else None

    @property
    def text(self) -> str:
        return self.completion.text if self.completion else ""

    @property
    def state(self) -> str:
        return self.turn.state if self.turn else "not asked"

    @property
    def model(self) -> str | None:
        """What the model that was asked for this answer is called; None where that is not told."""
        return self._called(self.turn.model_id if self.turn else None)

    @property
    def served_model(self) -> str | None:
        """What the model that answered is called, with its host behind a gateway; None where it is the one asked, or
        not told."""
        if self.turn is None:
            return None
        host, model_id = self.completion.served_by if self.completion else None, self.turn.answered_by
        if model_id == self.turn.model_id and not host:
            return None
        called = self._called(model_id)
        return f"{called} @ {host}" if called and host else called

    def _called(self, model_id: str | None) -> str | None:
        if model_id is None or self.column.models is None:
            return None
        return self.column.models.get(model_id, model_id)


def rows(run: Comparison, columns: Sequence[ReportColumn]) -> Iterator[Row]:
    """Turn by turn, in each the columns from left to right."""
    lanes = {lane.id: lane for lane in (*run.lanes, *run.removed)}
    labels = {column.lane_id: column.label for column in columns}
    for asked in run.rounds:
        follows = labels.get(asked.follows, "?") if asked.follows else None
        for column in columns:
            lane = lanes.get(column.lane_id)
            yield Row(asked, column, run.turn(lane, asked) if lane else None, follows)


def figures(row: Row) -> dict[str, object]:
    """Times, tokens, cost and failure of an answer; {} where they are not told or there is none. None: unknown."""
    done = row.completion
    if done is None or not row.column.figures:
        return {}
    usage, timing = done.usage, done.timing
    return {
        "first_token_ms": timing.ttft_ms,
        "first_answer_ms": timing.first_answer_ms,
        "total_ms": timing.total_ms,
        "waited_ms": timing.waited_ms,
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "tokens_estimated": usage.estimated if usage else None,
        "cost_usd": None if done.cost_usd is None else f"{done.cost_usd:f}",
        "cached": done.cached,
        "response_model": done.response_model,
        "served_by": done.served_by,
        "system_fingerprint": done.system_fingerprint,
        "error": done.error.kind if done.error else None,
        "error_from": done.error.origin if done.error else None,
        "notes": "; ".join(f"{note.kind} {note.detail}".strip() for note in done.stored_notes()) or None,
    }
