"""The history: its entries, and what a search found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["chat", "comparison", "lane"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One entry of the history. `version` grows with every change that a person made."""

    id: str
    kind: Kind
    title: str
    title_by_person: bool
    pinned: bool
    system: str | None
    settings: Mapping[str, Any]
    model_id: str | None
    leaf_id: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and where the next ones start (None: these were the last)."""

    entries: tuple[Conversation, ...]
    following: str | None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message that was found. `snippet` is (before, match, after), raw text in one line."""

    message_id: str
    conversation_id: str
    run_id: str | None
    title: str
    role: str
    snippet: tuple[str, str, str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tag:
    """A word that a person gave to entries, and to how many."""

    name: str
    entries: int


Form = Literal["markdown", "json", "csv", "zip"]  # zip: everything of a person, batches and calls too
