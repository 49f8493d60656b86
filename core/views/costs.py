"""What answers cost together."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..records import Usage


@dataclass(frozen=True, slots=True)
class AnswerCost:
    """One answer of a conversation: who answered, its cost as it was kept with it (None: not known), its tokens.

    Or the sum of so many `answers` of one model, all of known or all of unknown cost.
    """

    conversation_id: str
    model_id: str
    cost_usd: Decimal | None
    usage: Usage | None
    cached: bool
    answers: int = 1
