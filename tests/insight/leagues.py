"""Leagues whose strengths are known, for the tests of the intervals and for `python -m bench.votes`."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

TIES = ("none", "close", "chance")


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote as `core.insight.votes` reads it."""

    model_ids: Sequence[str]
    winner: str | None = None
    outcome: str = "winner"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a league is played. `spread` is the standard deviation of the true strengths, in logarithms of odds.

    `ties`: none, "close" (Davidson: the closer, the more often) or "chance" (three of ten, whoever plays).
    `unbalanced`: the first models are shown far more often than the last.
    """

    name: str
    models: int
    votes: int
    lanes: int = 2
    spread: float = 1.0
    ties: str = "none"
    unbalanced: bool = False
    fixed: tuple[float, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class League:
    """The votes, and the truth by model: strengths whose average is 0."""

    ballots: list[Ballot]
    truth: dict[str, float]


def play(shape: Shape, rng: random.Random) -> League:
    """A league whose decided votes link all models: others have no common scale, and are played again."""
    while True:
        names = [f"m{number}" for number in range(shape.models)]
        drawn = shape.fixed or [rng.gauss(0, shape.spread) for _ in names]
        average = sum(drawn) / len(drawn)
        truth = {name: value - average for name, value in zip(names, drawn, strict=True)}
        ballots = [_vote(shape, names, truth, rng) for _ in range(shape.votes)]
        if _linked(ballots, names):
            return League(ballots, truth)


def _vote(shape: Shape, names: Sequence[str], truth: dict[str, float], rng: random.Random) -> Ballot:
    shown = _shown(shape, names, rng)
    odds = [math.exp(truth[name]) for name in shown]
    if shape.ties == "close":
        tied = 0.8 * math.prod(odds) ** (1 / len(odds)) * len(odds) / 2
        if rng.random() < tied / (tied + sum(odds)):
            return Ballot(shown, outcome="tie")
    elif shape.ties == "chance" and rng.random() < 0.3:
        return Ballot(shown, outcome="tie")
    return Ballot(shown, rng.choices(shown, odds)[0])


def _shown(shape: Shape, names: Sequence[str], rng: random.Random) -> list[str]:
    left, shown = list(names), []
    while len(shown) < shape.lanes:
        weights = [1 / (1 + names.index(name)) if shape.unbalanced else 1.0 for name in left]
        shown.append(rng.choices(left, weights)[0])
        left.remove(shown[-1])
    return shown


def _linked(ballots: Sequence[Ballot], names: Sequence[str]) -> bool:
    reached = {names[0]}
    for _ in names:
        for ballot in ballots:
            if ballot.winner and reached & set(ballot.model_ids):
                reached |= set(ballot.model_ids)
    return len(reached) == len(names)
