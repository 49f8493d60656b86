"""Old and new answers beside each other, and how the new ones did in votes."""

from __future__ import annotations

from dataclasses import dataclass

from .conversation import File


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """An old and a new answer to row `n`, in the order in which they are shown: `places` are the new one's place in the
    batch and OLD."""

    n: int
    prompt: str
    above: int
    places: tuple[int, int]
    texts: tuple[str, str]
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How one model's answers did in votes against the old ones."""

    place: int
    better: int = 0
    worse: int = 0
    tie: int = 0
    bad: int = 0
