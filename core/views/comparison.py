"""A comparison as a page reads it: rounds and lanes, and what models were asked about their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from .conversation import ConversationView, GenerationSettings, Turn


@dataclass(frozen=True, slots=True)
class Round:
    """One prompt to all lanes: `questions` tells, by lane, the question that it is there. `follows`: the lane whose
    talk all went on from, None where each went on from its own."""

    number: int
    prompt: str
    questions: Mapping[str, str]
    follows: str | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison as shown: each lane a conversation of its own, its turns those of the rounds it took part in.

    `lanes` are from left to right; `removed` were taken out and can be put back. `prompt` is the first one;
    `generation` holds for all lanes, `apart` (by lane) is what a lane has otherwise; a lane's own settings are both.
    `blind`: its models must not be named now.
    """

    id: str
    title: str = ""
    prompt: str = ""
    generation: GenerationSettings = field(default_factory=GenerationSettings)
    lanes: tuple[ConversationView, ...] = field(default_factory=tuple)
    rounds: tuple[Round, ...] = ()
    removed: tuple[ConversationView, ...] = ()
    apart: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pinned: bool = False
    blind: bool = False

    @staticmethod
    def turn(lane: ConversationView, prompt_round: Round) -> Turn | None:
        """A lane's question and answer in a round; None where it was not asked."""
        question = prompt_round.questions.get(lane.id)
        return next((turn for turn in lane.turns if turn.question_id == question), None) if question else None

    def running(self) -> list[Turn]:
        """The answers under way, of removed lanes too."""
        return [turn for lane in (*self.lanes, *self.removed) if (turn := lane.running())]


Kind = Literal["judge", "merge"]


@dataclass(frozen=True, slots=True)
class Link:
    """A judge's or merger's task: `answers` are message ids; the model knows the first as A, the second as B."""

    conversation_id: str
    run_id: str
    kind: Kind
    model_id: str
    answers: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict with its conversation. `answers` are message ids; the model knows the first as A, the second as B."""

    kind: Kind
    model_id: str
    answers: tuple[str, ...]
    view: ConversationView

    @property
    def turn(self) -> Turn | None:
        """The question and the newest words of the model; None where nothing was asked yet."""
        return self.view.turns[-1] if self.view.turns else None
