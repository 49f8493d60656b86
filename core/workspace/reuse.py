"""Answers given again, as this installation allows it: the cache with its options, and the list for everybody, whose
answers an administrator approves one by one.

`off` keeps and gives nothing. `faq` knows only the questions that an administrator marked. `on` also keeps the answers
of whoever wants that for their own conversation.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from ..engine import Engine
from ..question import Question as Prepared
from ..records import Completion, Note
from ..store import Unavailable
from ..store.database import Database
from ..store.quota import cache, faqs

LIST_EVERY_S = 10.0
CLEAN_EVERY_S = 600.0
HOUR_S = 3600.0


class Reuse:
    """One for a process, in any thread."""

    def __init__(self, engine: Engine, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        settings = engine.settings
        self.mode = settings.cache
        self._oldest_s = settings.cache_max_age_hours * HOUR_S
        self._owner_bytes = settings.cache_owner_bytes
        self._all_bytes = settings.cache_max_bytes
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._listed = False
        self._listed_at: float | None = None
        self._cleaned_at: float | None = None

    def recall(self, question: Prepared, *, given: bool = True) -> Completion | None:
        """The answer kept to this question, with a note of its age; None to ask. `given` as in `cache.get`."""
        own, listed = self._ways(question)
        if not (own or listed):
            return None
        hit = cache.get(
            self._database,
            question.owner_id,
            question.request,
            own=own,
            shared=listed,
            count_hit=given,
            oldest_s=self._oldest_s,
        )
        if hit is None:
            return None
        old = [note for note in hit.completion.notes if note not in question.notes]
        notes = (*question.notes, *old, Note("cached", f"{hit.age_s:.0f}"))
        return replace(hit.completion, notes=notes, routing=question.routing)

    def keep(self, question: Prepared, completion: Completion) -> None:
        """Keep an answer for its owner, and propose it for everybody: never one that a pasted key paid for."""
        own, listed = self._ways(question)
        listed = listed and not question.keys.get(question.provider.id, "").strip()
        if own or listed:
            cache.put(
                self._database,
                question.owner_id,
                question.request,
                completion,
                own=own,
                shared=listed,
                share_bytes=self._owner_bytes,
            )

    def clean(self) -> None:
        """For a timer: every ten minutes drop what is too old or too much."""
        now = self._clock()
        if self._cleaned_at is None or now - self._cleaned_at > CLEAN_EVERY_S:
            self._cleaned_at = now
            cache.drop_old(self._database, oldest_s=self._oldest_s, most_bytes=self._all_bytes)

    def list_changed(self) -> None:
        """Read at the next question whether the list for everybody has any."""
        self._listed_at = None

    def _ways(self, question: Prepared) -> tuple[bool, bool]:
        """Whether to look among the owner's answers, and among those for everybody."""
        if self.mode == "off" or not question.may_reuse:
            return False, False
        return self.mode == "on" and bool(question.asked.reuse), self._has_list()

    def _has_list(self) -> bool:
        """Whether any question is marked, read at most every ten seconds: most have no list and pay nothing for it."""
        with self._lock:
            if self._listed_at is None or self._clock() - self._listed_at > LIST_EVERY_S:
                self._listed_at = self._clock()
                try:
                    self._listed = faqs.any_marked(self._database)
                except Unavailable:
                    self._listed = False
            return self._listed
