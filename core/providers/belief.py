"""How far a witness is believed: an observation outweighs a document, and all belief fades with age."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["seen", "listing", "official", "list", "report", "undocumented"]
Sureness = Literal["sure", "likely", "doubtful"]
_DAY = timedelta(days=1)
# Belief in a witness on its own day, and the half-life of that belief.
BELIEF: Mapping[Kind, tuple[float, timedelta]] = {
    "seen": (1.0, 14 * _DAY),
    "listing": (0.95, 14 * _DAY),
    "official": (0.9, 90 * _DAY),
    "list": (0.75, 60 * _DAY),
    "report": (0.55, 30 * _DAY),
    "undocumented": (0.25, 30 * _DAY),
}
SURE, LIKELY = 0.6, 0.3


def belief(kind: Kind, at: datetime, now: datetime) -> float:
    """1 for an observation made just now, decaying towards 0."""
    most, half = BELIEF[kind]
    return float(most * 0.5 ** (max(now - at, timedelta(0)) / half))


def sureness(value: float) -> Sureness:
    """The same in a word."""
    return "sure" if value >= SURE else "likely" if value >= LIKELY else "doubtful"
