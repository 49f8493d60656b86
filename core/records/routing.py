"""How "auto" chose the model of an answer: a value while it is on its way, notes where answers are stored.

    Routing("big", "big", ("is_proof",), 0.913).notes()     routing_of(notes) -> the same value

Notes of these kinds stand in every stored answer: `routed` ("big · is_proof, is_code": size wanted or found, reasons),
`difficulty` ("0.913"), `passed_over` ("id (rests), id (limit)"), `tier_fell` ("big · small": wanted and found).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from .catalog import Size

_SIZES: dict[str, Size] = {"small": "small", "big": "big"}
_PASSED = re.compile(r"(?:^|, )(\S.*?) \((\w+)\)(?=, |$)")  # a name may hold spaces, commas, brackets


class Noted(Protocol):
    """A note as it is kept."""

    @property
    def kind(self) -> str: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Routing:
    """`tier` is the size that answers, `wanted` the one that the question asked for, for these `reasons` (codes).

    `difficulty` is the question's, 0 to 1, None where it was not kept. `passed_over` are models that "auto" did not
    even ask, each with why: "rests", "limit" or "window".
    """

    KINDS: ClassVar = ("routed", "difficulty", "passed_over", "tier_fell")

    tier: Size
    wanted: Size
    reasons: tuple[str, ...] = ()
    difficulty: float | None = None
    passed_over: tuple[tuple[str, str], ...] = ()

    @property
    def by_difficulty(self) -> bool:
        """Whether the question's difficulty alone led to the size that answered."""
        ruled = {"chosen", "conversation"} & set(self.reasons)
        return self.difficulty is not None and self.tier == self.wanted and not ruled

    def notes(self) -> list[tuple[str, str]]:
        """(kind, detail) of each note that is stored for it."""
        notes = [("routed", " · ".join(filter(None, (self.tier, ", ".join(self.reasons)))))]
        if self.difficulty is not None:
            notes.append(("difficulty", f"{self.difficulty:.3f}"))
        if self.tier != self.wanted:
            notes.append(("tier_fell", f"{self.wanted} · {self.tier}"))
        if self.passed_over:
            notes.append(("passed_over", ", ".join(f"{model_id} ({why})" for model_id, why in self.passed_over)))
        return notes


def routing_of(notes: Iterable[Noted]) -> Routing | None:
    """The routing in the notes of a stored answer; None where a person chose the model, or the notes are not
    readable."""
    details = {note.kind: note.detail for note in notes if note.kind in Routing.KINDS}
    if "routed" not in details:
        return None
    tier, _, reasons = details["routed"].partition(" · ")
    wanted, _, answered = details.get("tier_fell", f"{tier} · {tier}").partition(" · ")
    if answered not in _SIZES or wanted not in _SIZES:
        return None
    return Routing(
        _SIZES[answered],
        _SIZES[wanted],
        tuple(filter(None, reasons.split(", "))),
        _number(details.get("difficulty")),
        tuple(_PASSED.findall(details.get("passed_over", ""))),
    )


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
