"""The list for everybody: questions that an administrator marked, and the answers approved to them.

`questions` is for whoever opens the page; the caller of anything else has made sure that this is an administrator.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Owner
from ..store.quota import faqs
from ..store.quota import shared as shared_answers
from ..views.faq import FaqQuestion, SharedAnswer
from .shared import Shared


class Faq:
    """The list as one person reads and changes it. Raises Unavailable while the database is away."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._database = shared.database
        self._entry = shared.entry
        self._reuse = shared.reuse
        self._owner = owner

    def questions(self) -> list[FaqQuestion]:
        """The newest first."""
        return faqs.marked(self._database)

    def mark(self, questions: Sequence[str]) -> int:
        """Put questions on the list; how many were new."""
        try:
            return faqs.mark(self._database, self._owner.id, [self._entry.prompt(one) for one in questions])
        finally:
            self._reuse.list_changed()

    def unmark(self, question: str) -> int:
        """Take one off, with the answers kept to it; how many there were."""
        try:
            return faqs.unmark(self._database, question)
        finally:
            self._reuse.list_changed()

    def proposed(self) -> list[SharedAnswer]:
        """Answers to questions of the list that nobody is given yet."""
        return shared_answers.proposed(self._database)

    def approved(self) -> list[SharedAnswer]:
        return shared_answers.approved(self._database)

    def approve(self, name: str, text: str) -> None:
        """Give this text, as the administrator read or wrote it. BlockedInput, or NotFound where it is gone."""
        shared_answers.approve(self._database, name, self._entry.prompt(text))

    def reject(self, name: str) -> None:
        """Give it to nobody."""
        shared_answers.reject(self._database, name)
