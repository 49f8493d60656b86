"""Feedback on the sizes that "auto" chose. From five on, it adjusts the owner's threshold between small and big."""

from __future__ import annotations

from ..records import Owner, Routing, Size
from ..routing.feedback import FeedbackSummary, effective_threshold, lines, suggested
from ..store import routed_answers
from ..store.database import Database
from .routing_threshold import judged, row


class RoutingFeedback:
    """A person's feedback on the sizes that "auto" chose. Raises `StoreError`."""

    def __init__(self, database: Database, owner: Owner) -> None:
        self._database = database
        self._owner_id = owner.id

    def judge(self, message_id: str, verdict: Size | None, routing: Routing) -> bool:
        """Store feedback, or take it back (None); False if the owner has no such answer."""
        return routed_answers.judge(self._database, self._owner_id, message_id, verdict, row(routing))

    def verdicts_of(self, conversation_id: str) -> dict[str, Size]:
        """The feedback in a conversation, by answer id."""
        return routed_answers.of_conversation(self._database, self._owner_id, conversation_id)

    def tally(self) -> FeedbackSummary:
        judgements = judged(self._database, self._owner_id)
        return FeedbackSummary(tuple(lines(judgements)), effective_threshold(judgements), suggested(judgements))
