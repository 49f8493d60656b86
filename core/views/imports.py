"""Files on their way into the history: how far one is, what came of it, and what of it was left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

MOST_REASONS = 5
Kind = Literal["conversation", "message", "detail"]


@dataclass(slots=True)
class LeftOut:
    """How much of a file was left out: whole conversations, whole messages, and details (the numbers of an answer,
    a file, a vote, a setting). `reasons` are the first few, each a place and what is wrong there.

    `flagged` counts conversations that were taken although they may try to instruct a model, `flagged_titles` are the
    first few."""

    counts: Counter[Kind] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    flagged: int = 0
    flagged_titles: list[str] = field(default_factory=list)

    def add(self, kind: Kind, reason: str, number: int = 1) -> None:
        self.counts[kind] += number
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append(reason)

    def flag(self, title: str) -> None:
        """Note a conversation; lanes of one comparison, which have its title, once."""
        if title in self.flagged_titles:
            return
        self.flagged += 1
        if len(self.flagged_titles) < MOST_REASONS:
            self.flagged_titles.append(title)

    def __bool__(self) -> bool:
        return bool(self.counts.total())

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        left_out = {"counts": dict(self.counts), "reasons": list(self.reasons)}
        return left_out | ({"flagged": self.flagged, "flagged_titles": self.flagged_titles} if self.flagged else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LeftOut:
        """The inverse of `to_json`."""
        return cls(
            Counter(data.get("counts", {})),
            list(data.get("reasons", [])),
            int(data.get("flagged", 0)),
            list(data.get("flagged_titles", [])),
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was new in a file, how many of its chats and comparisons existed before, and what was left out."""

    source: str
    conversations: int
    messages: int
    known: int
    left: LeftOut = field(default_factory=LeftOut)


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """The newest import of an owner. `state`: reading, showing, done, failed or stopped."""

    id: str
    state: str
    source: str
    name: str
    read_bytes: int
    total_bytes: int
    conversations: int
    messages: int
    known: int
    left: LeftOut
    why: str

    @property
    def runs(self) -> bool:
        return self.state in ("reading", "showing")
