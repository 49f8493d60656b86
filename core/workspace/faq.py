"""The FAQ: questions listed by an administrator, and their approved answers.

Callers of anything but `questions` must have checked that this is an administrator.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Owner
from ..store.quota import faqs
from ..store.quota import shared as shared_answers
from ..views.faq import FaqQuestion, SharedAnswer
from .shared import Shared


class Faq:
    """The FAQ as one person reads and changes it. Raises Unavailable while the database is."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._database = shared.database
        self._entry = shared.input_limits
        self._reuse = shared.reuse
        self._owner = owner

    def questions(self) -> list[FaqQuestion]:
        """The questions, newest first."""
        return faqs.marked(self._database)

    def mark(self, questions: Sequence[str]) -> int:
        """Add questions; returns how many were new."""
        try:
            return faqs.mark(self._database, self._owner.id, [self._entry.prompt(question) for question in questions])
        finally:
            self._reuse.list_changed()

    def unmark(self, question: str) -> int:
        """Remove a question with its answers; returns how many there were."""
        try:
            return faqs.unmark(self._database, question)
        finally:
            self._reuse.list_changed()

    def proposed(self) -> list[SharedAnswer]:
        """Answers that wait for approval."""
        return shared_answers.proposed(self._database)

    def approved(self) -> list[SharedAnswer]:
        return shared_answers.approved(self._database)

    def approve(self, name: str, text: str) -> None:
        """Approve an answer with this text. BlockedInput, or NotFound if it is gone."""
        shared_answers.approve(self._database, name, self._entry.prompt(text))

    def reject(self, name: str) -> None:
        """Reject or withdraw an answer."""
        shared_answers.reject(self._database, name)
