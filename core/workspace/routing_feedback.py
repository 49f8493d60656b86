"""Verdicts on the sizes that "auto" chose: one click says that it should have been the other, another takes it back.

They move the owner's threshold between small and big a little, from five verdicts on.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..records import Owner, Routing, Size
from ..routing.feedback import SizeRow, effective_threshold, lines, suggested
from ..store import routed_answers
from ..store.database import Database
from .threshold import judged, row


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """An owner's answers by size; the threshold that rules, and the one that the verdicts suggest (None: too few)."""

    lines: tuple[SizeRow, ...]
    threshold: float
    suggested: float | None


class RoutingFeedback:
    """What a person said of the sizes that "auto" chose. Raises `StoreError`."""

    def __init__(self, database: Database, owner: Owner) -> None:
        self._database = database
        self._owner_id = owner.id

    def judge(self, message_id: str, verdict: Size | None, routing: Routing) -> bool:
        """Keep a verdict, None takes it back; False where the owner has no such answer."""
        return routed_answers.judge(self._database, self._owner_id, message_id, verdict, row(routing))

    def verdicts_of(self, conversation_id: str) -> dict[str, Size]:
        """The verdicts in a conversation, by the answer's id."""
        return routed_answers.of_conversation(self._database, self._owner_id, conversation_id)

    def tally(self) -> FeedbackSummary:
        found = judged(self._database, self._owner_id)
        return FeedbackSummary(tuple(lines(found)), effective_threshold(found), suggested(found))
