"""Questions that have the same answer for everybody, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FaqQuestion:
    """`hits`: how often it was answered from the cache since it was marked; `answers`: approved ones, of any model."""

    question: str
    marked_by: str
    marked_at: datetime
    hits: int = 0
    answers: int = 0


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """One answer to a question of the list, by one model. `name` is for `approve` and `reject`."""

    name: str
    question: str
    model_id: str
    text: str
    made_at: datetime
    hits: int = 0
    edited: bool = False
