"""The parts of a comparison's file in all forms: Markdown table, CSV, JSON and a self-contained HTML page.

columns     the labels of the lanes; a blind report hides the models' names here, and with them every figure
rows(...)   one for each turn and column, from which all four are written
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..records import Completion
from ..views.comparison import Comparison, Round
from ..views.conversation import Turn


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A lane under its label in the file. `models`: names by model id; None: not shown.

    `figures`: whether times, tokens, cost and other hints at the model are shown.
    """

    lane_id: str
    label: str
    models: Mapping[str, str] | None = None
    figures: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """The file's own words, in the reader's language; what stands in braces is filled in."""

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
    diagram: str = "Diagram"
    code: str = "Code"
    column: str = "Column {number}"
    back: str = "Back to the text"
    all_lines: str = "Show all {number} lines"
    part: str = "The first {shown} of {number} rows. The code has them all."
    pages: str = "pages {pages}"
    states: Mapping[str, str] | None = None


ENGLISH = Words()


@dataclass(frozen=True, slots=True)
class Row:
    """One column in one round; `turn` None: it was not asked."""

    prompt_round: Round
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
        """The name of the model that was asked for this answer; None where it is not shown."""
        return self._model_name(self.turn.model_id if self.turn else None)

    @property
    def served_model(self) -> str | None:
        """The name of the model that answered, or of its quantised build, with its host behind a gateway; None if it is
        the requested one, or not shown."""
        if self.turn is None:
            return None
        host, model_id = self.completion.served_by if self.completion else None, self.turn.answered_by
        notes = self.completion.notes if self.completion else ()
        build = next((note.detail for note in notes if note.kind == "served_as"), None)
        if model_id == self.turn.model_id and not host and not build:
            return None
        name = self._model_name(model_id) and (build or self._model_name(model_id))
        return f"{name} @ {host}" if name and host else name

    def _model_name(self, model_id: str | None) -> str | None:
        if model_id is None or self.column.models is None:
            return None
        return self.column.models.get(model_id, model_id)


def rows(run: Comparison, columns: Sequence[ReportColumn]) -> Iterator[Row]:
    """Round by round, in each the columns from left to right."""
    lanes = {lane.id: lane for lane in (*run.lanes, *run.removed)}
    labels = {column.lane_id: column.label for column in columns}
    for prompt_round in run.rounds:
        follows = labels.get(prompt_round.follows, "?") if prompt_round.follows else None
        for column in columns:
            lane = lanes.get(column.lane_id)
            yield Row(prompt_round, column, run.turn(lane, prompt_round) if lane else None, follows)


def figures(row: Row) -> dict[str, object]:
    """Times, tokens, cost and failure of an answer; {} where they are hidden or there is no answer. None: unknown."""
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
