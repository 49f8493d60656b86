"""A move from one model to another, as a page reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ModelMove:
    """`chats` and `columns` (of comparisons) are those that ask the new model since."""

    id: str
    from_model_id: str
    to_model_id: str
    at: datetime
    chats: int
    columns: int
