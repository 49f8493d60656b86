"""How hard is a question: the gain to expect when a big model answers it instead of a small one.

    from core.routing import difficulty
    difficulty("Prove that the square root of 2 is irrational.") > difficulty("Write a birthday wish.")

A question is read in one of three ways: with choices to pick from, as a problem told in numbers, or open. Each
reading is a weighted sum of a few named features, so that every score can say its reasons. Pure but for one lazy read
of weights.json, which `scripts/train_routing` writes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .features import features, read, reading

__all__ = ["DifficultyEstimate", "difficulty", "explain", "load_weights"]

Weights = Mapping[str, Any]


@dataclass(frozen=True)
class DifficultyEstimate:
    """A difficulty from 0 to 1, how the question was read, and the features for (+) and against (-), strongest
    first."""

    difficulty: float
    reading: str
    reasons: tuple[tuple[str, float], ...]


def difficulty(text: str, weights: Weights | None = None) -> float:
    """Rate `text` from 0 to 1: the higher, the more a big model is worth; about 0.5 divides small from big."""
    weights = weights or load_weights()
    return _squash(sum(part for _, part in _parts(text, weights)[1]), weights)


def explain(text: str, weights: Weights | None = None) -> DifficultyEstimate:
    """Rate `text` and name the features that count, each with its share of the expected gain."""
    weights = weights or load_weights()
    kind, parts = _parts(text, weights)
    named = [part for part in parts if part[0] != "start" and abs(part[1]) >= 0.005]
    return DifficultyEstimate(
        difficulty=_squash(sum(part for _, part in parts), weights),
        reading=kind,
        reasons=tuple(sorted(named, key=lambda part: (-abs(part[1]), part[0]))),
    )


@cache
def load_weights() -> Weights:
    """Read the weights that ship with the package, once."""
    weights: Weights = json.loads(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
    return weights


def _parts(text: str, weights: Weights) -> tuple[str, list[tuple[str, float]]]:
    question = read(text)
    numbers = features(question)
    kind = reading(question, numbers)
    model = weights[kind]
    parts = [("start", model["start"])]
    parts += [(name, model["weights"][name] * value) for name, value in numbers.items() if name in model["weights"]]
    return kind, parts


def _squash(gain: float, weights: Weights) -> float:
    return 1 / (1 + math.exp((weights["middle"] - gain) / weights["spread"]))
