"""Cached answers, as the option `cache` allows: `off`; `faq`, only listed questions, whose answers an administrator
approves; `on`, also a person's own answers, if they want that.
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
    """One per process, thread-safe."""

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

    def recall(self, question: Prepared, *, count_hit: bool = True) -> Completion | None:
        """The cached answer to this question, with a note of its age, or None. `given` as in `cache.get`."""
        own, listed = self._sources(question)
        if not (own or listed):
            return None
        hit = cache.get(
            self._database,
            question.owner_id,
            question.request,
            own=own,
            shared=listed,
            count_hit=count_hit,
            oldest_s=self._oldest_s,
        )
        if hit is None:
            return None
        own_notes = [note for note in hit.completion.notes if note not in question.notes]
        notes = (*question.notes, *own_notes, Note("cached", f"{hit.age_s:.0f}"))
        return replace(hit.completion, notes=notes, routing=question.routing)

    def keep(self, question: Prepared, completion: Completion) -> None:
        """Cache an answer for its owner, and propose it for the FAQ, unless a pasted key paid for it."""
        own, listed = self._sources(question)
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
        """For a timer: every ten minutes drop expired and excess entries."""
        now = self._clock()
        if self._cleaned_at is None or now - self._cleaned_at > CLEAN_EVERY_S:
            self._cleaned_at = now
            cache.drop_old(self._database, oldest_s=self._oldest_s, most_bytes=self._all_bytes)

    def list_changed(self) -> None:
        """The FAQ has changed: read it again at the next question."""
        self._listed_at = None

    def _sources(self, question: Prepared) -> tuple[bool, bool]:
        """Whether to use the owner's cached answers, and those of the FAQ."""
        if self.mode == "off" or not question.may_reuse:
            return False, False
        return self.mode == "on" and bool(question.asked.reuse), self._has_list()

    def _has_list(self) -> bool:
        """Whether the FAQ has questions, read at most every ten seconds: most installations have none."""
        with self._lock:
            if self._listed_at is None or self._clock() - self._listed_at > LIST_EVERY_S:
                self._listed_at = self._clock()
                try:
                    self._listed = faqs.any_marked(self._database)
                except Unavailable:
                    self._listed = False
            return self._listed
