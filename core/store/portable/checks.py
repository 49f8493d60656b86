"""Reading somebody's file: every value knows where it stands, so that a fault can be named in one sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.store import BadImport


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a file; `parent_id` names another message of the same conversation."""

    id: str
    parent_id: str | None
    role: str
    text: str
    created_at: datetime
    model_id: str | None = None
    state: str = "done"
    completion: Mapping[str, Any] | None = None
    files: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Voted:
    """One vote on a comparison of a file; `lanes` are (conversation, model) pairs as they were shown."""

    turn: int
    outcome: str
    place: int | None
    lanes: tuple[tuple[str, str], ...]
    blind: bool
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation of a file, its messages in the order they were written. `lanes` are (id, model) pairs,
    `rounds` values of `rounds.Prompt`; `apart` and `removed`, by lane, its own settings and when it was taken out."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    messages: tuple[Said, ...]
    leaf_id: str | None = None
    kind: str = "chat"
    pinned: bool = False
    title_by_person: bool = True
    system: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    model_id: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    lanes: tuple[tuple[str, str], ...] = ()
    rounds: tuple[Any, ...] = ()
    apart: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    removed: Mapping[str, datetime] = field(default_factory=dict)
    votes: tuple[Voted, ...] = ()


@dataclass(frozen=True, slots=True)
class At:
    """A JSON object and where it stands in the file."""

    value: Mapping[str, Any]
    place: str

    @classmethod
    def of(cls, value: Any, place: str) -> At:
        if not isinstance(value, dict):
            raise BadImport(f"{place} is not an object. Nothing was imported.")
        return cls(value, place)

    def wrong(self, what: str) -> BadImport:
        return BadImport(f"{self.place}: {what}. Nothing was imported.")

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self.value.get(name, default)
        if value is None:
            value = default
        if not isinstance(value, str):
            raise self.wrong(f"“{name}” is {'missing' if value is None else 'not text'}")
        return value

    def maybe(self, name: str) -> str | None:
        return None if self.value.get(name) is None else self.text(name)

    def flag(self, name: str) -> bool:
        value = self.value.get(name, False)
        if not isinstance(value, bool | None):
            raise self.wrong(f"“{name}” is not true or false")
        return bool(value)

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self.value.get(name)
        if value is not None and not isinstance(value, dict):
            raise self.wrong(f"“{name}” is not an object")
        return value or {}

    def each(self, name: str, what: str) -> Iterator[At]:
        """The objects of a list, by their number from 1."""
        values = self.value.get(name, [])
        if not isinstance(values, list):
            raise self.wrong(f"“{name}” is not a list")
        for number, value in enumerate(values, 1):
            yield At.of(value, f"{self.place}, {what} {number}")

    def instant(self, name: str) -> datetime:
        """An instant in ISO form with its zone."""
        try:
            value = datetime.fromisoformat(self.text(name))
        except ValueError:
            raise self.wrong(f"“{name}” is not a date and time") from None
        if value.tzinfo is None:
            raise self.wrong(f"“{name}” has no time zone")
        return value.astimezone(UTC)

    def seconds(self, name: str, default: datetime) -> datetime:
        """An instant in seconds since 1970 (or milli- or nanoseconds, which some exports hold), if there is one."""
        value = self.value.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise self.wrong(f"“{name}” is not a time")
        while value > 100_000_000_000:
            value = value / 1000
        return datetime.fromtimestamp(value, UTC)


def in_order(messages: Iterable[Said], place: str) -> tuple[Said, ...]:
    """Parents before children, else as they came. A parent that is missing, or a circle, is a fault."""
    waiting: dict[str | None, list[Said]] = {}
    ids: set[str] = set()
    for message in messages:
        if message.id in ids:
            raise BadImport(f"{place}: two messages have the id {message.id[:40]}. Nothing was imported.")
        ids.add(message.id)
        waiting.setdefault(message.parent_id, []).append(message)
    for parent in waiting:
        if parent is not None and parent not in ids:
            child = waiting[parent][0].id
            raise BadImport(f"{place}: message {child[:40]} follows one that is not there. Nothing was imported.")
    ordered: list[Said] = []
    level = waiting.pop(None, [])
    while level:
        ordered += level
        level = [child for message in level for child in waiting.pop(message.id, [])]
    if waiting:
        raise BadImport(f"{place}: its messages follow each other in a circle. Nothing was imported.")
    return tuple(ordered)
