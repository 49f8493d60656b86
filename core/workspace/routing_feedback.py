"""Verdicts on the sizes that "auto" chose: one click says that it should have been the other, another takes it back.

They move the owner's threshold between small and big a little, from five verdicts on.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..records import Routing, Size
from ..routing.feedback import SizeRow, effective_threshold, lines, suggested
from ..store import routed_answers
from .chats import Chats
from .threshold import judged, row


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """An owner's answers by size; the threshold that rules, and the one that the verdicts suggest (None: too few)."""

    lines: tuple[SizeRow, ...]
    threshold: float
    suggested: float | None


class RoutingFeedback:
    """What people said of the sizes that "auto" chose."""

    def __init__(self, workspace: Chats) -> None:
        self._workspace = workspace

    def judge(self, owner_id: str, message_id: str, verdict: Size | None, routing: Routing) -> bool:
        """Keep a verdict, None takes it back; False where the owner has no such answer. Raises `StoreError`."""
        return routed_answers.judge(self._workspace.database, owner_id, message_id, verdict, row(routing))

    def verdicts_of(self, owner_id: str, conversation_id: str) -> dict[str, Size]:
        """The verdicts in a conversation, by the answer's id. Raises `StoreError`."""
        return routed_answers.of_conversation(self._workspace.database, owner_id, conversation_id)

    def tally(self, owner_id: str) -> FeedbackSummary:
        """The table of an owner. Raises `StoreError`."""
        found = judged(self._workspace.database, owner_id)
        return FeedbackSummary(tuple(lines(found)), effective_threshold(found), suggested(found))
