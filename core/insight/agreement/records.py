"""The records of a comparison of several answers to one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "date", "verdict", "negation", "code"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of answer number `lane`: `value` is its decisive part (a number, "yes", lines of code), `text` all of
    it."""

    lane: int
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class SharedClaim:
    """One statement in the words of each answer, in the order of the answers. `exact`: the same terms in all."""

    claims: tuple[Claim, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """Answers that contradict each other in one place; `subject` is code's language, else ""."""

    kind: Kind
    claims: tuple[Claim, ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`likeness[i][j]` is 0 to 1, None where one of the two has nothing to compare; `overall` is the mean of all pairs.

    `shared` are said by all answers that say anything, `alone` by one, `partly` counts what some of three or more
    say. `cut`: an answer was longer than is read, so that its end is in none of the findings.
    """

    shared: tuple[SharedClaim, ...]
    alone: tuple[Claim, ...]
    clashes: tuple[Clash, ...]
    partly: int
    likeness: tuple[tuple[float | None, ...], ...]
    overall: float | None
    cut: bool
