"""Cached answers: what may hold them, and the one in memory, which the library has without a database."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import Protocol

from .options import Settings
from .question import Question
from .records import Completion, Note
from .reusable import SETTINGS, allows, beyond_text, is_whole

HOUR_S = 3600.0
LARGEST_BYTES = 200_000  # of one answer, as in the database
ALL_BYTES = 100_000_000  # in memory, whatever the option for the database allows
OVERHEAD_BYTES = 1_000  # of an answer beside its text


class AnswerCache(Protocol):
    """`recall` returns the stored answer to the same question, `keep` stores one; these may block."""

    def recall(self, question: Question) -> Completion | None: ...
    def keep(self, question: Question, completion: Completion) -> None: ...


@dataclass(slots=True)
class _Stored:
    completion: Completion
    owner_id: str
    size_bytes: int
    at: float


class MemoryCache:
    """Answers to requests with `reuse=True`, by owner, thread-safe; gone with the process.

    Bounded by the options `cache` (only "on"), `cache_max_age_hours`, `cache_owner_bytes` and `cache_max_bytes`, and by
    100 MB; the least recently used go first. As in the database, only whole answers are kept, and none where the
    temperature is above 0.3 or words were masked.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._on = settings.cache == "on"
        self._oldest_s = settings.cache_max_age_hours * HOUR_S
        self._owner_bytes = settings.cache_owner_bytes
        self._all_bytes = min(settings.cache_max_bytes, ALL_BYTES)
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, _Stored] = OrderedDict()  # the least recently used first
        self._sizes: Counter[str] = Counter()  # bytes by owner

    def count(self) -> int:
        """How many answers are cached."""
        return len(self._answers)

    def recall(self, question: Question) -> Completion | None:
        """The cached answer, which cost nothing, with a note `cached` of its age in seconds; None: there is none."""
        if not self._applies(question):
            return None
        key = _key_of(question)
        with self._lock:
            stored = self._answers.get(key)
            if stored is None:
                return None
            age_s = self._clock() - stored.at
            if age_s > self._oldest_s:
                self._drop(key)
                return None
            self._answers.move_to_end(key)
        answer = stored.completion
        notes = (*question.notes, *(note for note in answer.notes if note not in question.notes))
        return replace(
            answer,
            cached=True,
            attempts=(),
            cost_usd=Decimal(0),
            notes=(*notes, Note("cached", f"{age_s:.0f}")),
            routing=question.routing,
        )

    def keep(self, question: Question, completion: Completion) -> None:
        """Store a whole answer, if its question may be answered from the cache."""
        size_bytes = len((completion.text + completion.reasoning).encode("utf-8", "replace")) + OVERHEAD_BYTES
        if not (self._applies(question) and is_whole(completion)) or size_bytes > LARGEST_BYTES:
            return
        key, owner_id = _key_of(question), question.owner_id
        with self._lock:
            if key in self._answers:
                self._drop(key)
            self._answers[key] = _Stored(completion, owner_id, size_bytes, self._clock())
            self._sizes[owner_id] += size_bytes
            while self._sizes[owner_id] > self._owner_bytes:
                self._drop(next(key for key, stored in self._answers.items() if stored.owner_id == owner_id))
            while self._sizes.total() > self._all_bytes:
                self._drop(next(iter(self._answers)))

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._sizes.clear()

    def _applies(self, question: Question) -> bool:
        return self._on and question.may_reuse and bool(question.asked.reuse) and allows(question.request)

    def _drop(self, key: bytes) -> None:
        stored = self._answers.pop(key)
        self._sizes[stored.owner_id] -= stored.size_bytes
        if not self._sizes[stored.owner_id]:
            del self._sizes[stored.owner_id]


def _key_of(question: Question) -> bytes:
    """A hash of all that may change the answer, the owner first."""
    request = question.request
    texts = [(message.role, message.text) for message in request.messages]
    settings = [getattr(request, name) for name in SETTINGS]
    identity = repr((question.owner_id, settings, texts, beyond_text(request)))
    return sha256(identity.encode("utf-8", "surrogatepass")).digest()
