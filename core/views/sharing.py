"""A read-only link as its owner sees it, and what whoever opens it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ..records import Completion
from .conversation import File
from .votes import Outcome

SharedKind = Literal["chat", "comparison"]
MESSAGES, ALL = 40, 10_000  # of a chat, at first and where it is copied


@dataclass(frozen=True, slots=True)
class SharedLink:
    """`expires_at` None: never. `follows`: later turns are shown too; else what there was at `created_at`.
    `opened`: how many sessions opened it."""

    id: str
    conversation_id: str
    kind: SharedKind
    title: str
    created_at: datetime
    expires_at: datetime | None = None
    with_files: bool = False
    follows: bool = False
    opened: int = 0
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What a token stands for. `snapshot` limits what is shown, None: later turns too. `ended`: revoked, expired, its
    conversation deleted or its owner blocked."""

    link_id: str
    owner_id: str
    conversation_id: str
    kind: SharedKind
    title: str
    with_files: bool
    snapshot: Mapping[str, Any] | None
    created_at: datetime
    expires_at: datetime | None
    ended: bool


@dataclass(frozen=True, slots=True)
class SharedReply:
    """`model_id` was asked, "" while it must not be named. `completion` None: it has not ended yet."""

    model_id: str
    state: str
    completion: Completion | None


@dataclass(frozen=True, slots=True)
class SharedVote:
    """`column` is the winner's from 0; None: there is none, or it is not shown."""

    outcome: Outcome
    column: int | None = None


@dataclass(frozen=True, slots=True)
class SharedTurn:
    """A question and its answers: one in a chat, one for each column of a comparison, None where it was not asked.

    `left_out` counts the files that are not shared.
    """

    prompt: str
    asked_at: datetime | None
    answers: tuple[SharedReply | None, ...]
    files: tuple[File, ...] = ()
    left_out: int = 0
    vote: SharedVote | None = None


@dataclass(frozen=True, slots=True)
class SharedContent:
    """What a link shows: the newest turns, and how many are `earlier`. `columns` are the models of a comparison, ""
    while `blind`; () for a chat."""

    link_id: str
    kind: SharedKind
    title: str
    created_at: datetime
    expires_at: datetime | None
    follows: bool
    turns: tuple[SharedTurn, ...]
    earlier: int = 0
    columns: tuple[str, ...] = ()
    blind: bool = False
