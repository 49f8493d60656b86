"""Votes on the answers of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Outcome = Literal["winner", "tie", "bad"]
Choice = int | Literal["tie", "bad"]
Lanes = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Vote:
    """`lanes` are (conversation, model) in the order shown; `place` is the winner's, None without one."""

    run_id: str
    turn: int
    outcome: Outcome
    place: int | None
    lanes: tuple[tuple[str, str], ...]
    blind: bool
    topic: str
    at: datetime

    @property
    def model_ids(self) -> tuple[str, ...]:
        return tuple(model_id for _, model_id in self.lanes)

    @property
    def winner(self) -> str | None:
        return None if self.place is None else self.model_ids[self.place]

    @property
    def choice(self) -> Choice:
        if self.place is not None:
            return self.place
        return "tie" if self.outcome == "tie" else "bad"


@dataclass(frozen=True, slots=True)
class VoteCount:
    """How many votes are alike: same topic, blind or not, same models (once each, sorted), same outcome."""

    topic: str
    blind: bool
    outcome: Outcome
    winner: str | None
    model_ids: tuple[str, ...]
    n: int
