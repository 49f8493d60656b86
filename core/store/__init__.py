"""The store: conversations, answers, comparisons and calls in SQL. This file holds its errors and its words of state.

    StoreError
    +- NotFound        nothing of that id belongs to this owner (another owner's id is not found either)
    +- Changed         somebody else changed the conversation since it was read
    +- Unavailable     the database cannot do this now: full, locked, read-only or away; try again later
    +- Refused         the database must not be used at all
    |  +- NewerSchema  it was written by a newer Roundtable
    +- BadImport       a file that cannot be read in, or of which nothing fits

SQLAlchemy is imported by the modules of this room and by nothing outside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "read-only", "down"]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether changes can be saved. `sentence` is for a banner (empty when ok), `waiting` counts unsaved changes;
    `in_memory`: some of them are lost if the process ends now. `event_id` names the line about it in the log."""

    state: State
    code: Literal["", "full", "locked", "read_only", "unreachable", "gone", "broken", "newer", "memory"] = ""
    sentence: str = ""
    waiting: int = 0
    in_memory: bool = False
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened at opening and that a person should read once; `path` is the file it is about."""

    code: Literal["moved_aside", "memory"]
    sentence: str
    path: str = ""


class StoreError(Exception):
    """A store failure whose text may be shown to the user."""


class NotFound(StoreError):
    """Nothing of that id belongs to this owner."""


class Changed(StoreError):
    """The conversation was changed elsewhere since it was read."""


class Unavailable(StoreError):
    """The database cannot do this now. `health` says why, without addresses or passwords."""

    def __init__(self, health: Health) -> None:
        super().__init__(health.sentence)
        self.health = health


class Refused(StoreError):
    """The database must not be used; nothing in it was changed."""


class NewerSchema(Refused):
    """A newer Roundtable wrote this database."""


class BadImport(StoreError):
    """A file that cannot be imported; the message says where and what, and nothing was changed."""
