"""Where several answers to one question agree, and where they contradict each other; no model is asked.

    agree(answers) -> Agreement      shared and lone statements, contradictions, how alike any two are

Statements of two answers are the same when they are on one subject (see `matching`) and neither their numbers, nor
their dates, nor a "not" in one of them stand against it. A contradiction is a pair that is surely on one subject whose
numbers of a unit, or whose dates, differ, each saying one that the other does not, while no other statement of that
answer agrees; or of which one negates what the other says in nearly the same terms; or code of one language whose
lines differ; or answers of which one opens with yes and another with no.

How alike two answers are is the share of what both say, by terms and lines of code, that the other says too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "date", "verdict", "negation", "code"]


@dataclass(frozen=True, slots=True)
class Said:
    """What the answer number `lane` says: `value` is the telling part (a number, "yes", lines of code), `text` all."""

    lane: int
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Shared:
    """One statement in the words of each answer, in the order of the answers. `exact`: the same terms in all."""

    said: tuple[Said, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """Answers that contradict each other in one place; `subject` is code's language, else ""."""

    kind: Kind
    said: tuple[Said, ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`likeness[i][j]` is 0 to 1, None where one of the two has nothing to compare; `overall` is the mean of all pairs.

    `shared` are said by all answers that say anything, `alone` by one, `partly` counts what some of three or more
    say. `cut`: an answer was longer than is read, so that its end is in none of the findings.
    """

    shared: tuple[Shared, ...]
    alone: tuple[Said, ...]
    clashes: tuple[Clash, ...]
    partly: int
    likeness: tuple[tuple[float | None, ...], ...]
    overall: float | None
    cut: bool


def agree(answers: Sequence[str]) -> Agreement:
    """Compare two or more answers. Any text will do; an empty one has nothing to compare."""
    from core.insight.agreement.findings import Findings

    return Findings(answers).all()
