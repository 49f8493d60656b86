"""Pasted keys: in the memory of this process and nowhere else, until they expire.

They are stored by owner (`core.ui.owner`), so all tabs of a browser share them, and they survive a reload. Which key a
person chose for a provider is stored in the database; here it is held for as long as the process lives.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock, Timer

from ..records import NOTHING, PersonalKeys

MOST_VISITORS = 1000
MOST_KEYS = 100
MOST_CHOICES = 10_000
LONGEST_KEY = 10_000


@dataclass
class _OwnerKeys:
    used_at: float
    keys: dict[str, str] = field(default_factory=dict, repr=False)


class PastedKeys:
    """One per process. Keys that were not used for `idle_s` seconds expire."""

    def __init__(self, idle_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.idle_s = idle_s
        self._clock = clock
        self._lock = RLock()
        self._by_owner: OrderedDict[str, _OwnerKeys] = OrderedDict()  # least recently used first
        self._choices: OrderedDict[str, Mapping[str, str]] = OrderedDict()  # least recently loaded first
        self._timer: Timer | None = None

    def of(self, owner_id: str) -> PersonalKeys:
        """A visitor's keys by provider id, and which ones they chose; this counts as a use."""
        with self._lock:
            self.forget_idle()
            entry = self._use(owner_id)
            return PersonalKeys(entry.keys if entry else NOTHING, self._choices.get(owner_id, NOTHING))

    def knows_choices(self, owner_id: str) -> bool:
        """Whether `choose` was called for this visitor."""
        return owner_id in self._choices

    def choose(self, owner_id: str, choices: Mapping[str, str]) -> None:
        """Which key the visitor chose, by provider id; see `PersonalKeys`."""
        with self._lock:
            self._choices[owner_id] = dict(choices)
            while len(self._choices) > MOST_CHOICES:
                self._choices.popitem(last=False)

    def keep(self, owner_id: str, provider_id: str, key: str) -> bool:
        """Store a key; False if it is empty or too long, or if there are too many."""
        if not 0 < len(key) <= LONGEST_KEY:
            return False
        with self._lock:
            self.forget_idle()
            entry = self._use(owner_id) or self._by_owner.setdefault(owner_id, _OwnerKeys(self._clock()))
            if len(entry.keys) >= MOST_KEYS and provider_id not in entry.keys:
                return False
            entry.keys[provider_id] = key
            while len(self._by_owner) > MOST_VISITORS:
                self._by_owner.popitem(last=False)
            self._watch()
        return True

    def forget(self, owner_id: str, provider_id: str | None = None) -> None:
        """Drop one key, or (None) all of a visitor's."""
        with self._lock:
            entry = self._by_owner.get(owner_id)
            if entry and provider_id is not None:
                entry.keys.pop(provider_id, None)
            if entry and (provider_id is None or not entry.keys):
                del self._by_owner[owner_id]

    def forget_idle(self) -> None:
        """Drop expired keys."""
        with self._lock:
            while self._by_owner and next(iter(self._by_owner.values())).used_at + self.idle_s <= self._clock():
                self._by_owner.popitem(last=False)

    def close(self) -> None:
        """Drop everything."""
        with self._lock:
            self._by_owner.clear()
            self._choices.clear()
            if self._timer:
                self._timer.cancel()
            self._timer = None

    def _use(self, owner_id: str) -> _OwnerKeys | None:
        entry = self._by_owner.get(owner_id)
        if entry:
            entry.used_at = self._clock()
            self._by_owner.move_to_end(owner_id)
        return entry

    def _watch(self) -> None:
        """Set a timer for the next expiry, so that keys expire even without visitors."""
        if self._timer is None and self._by_owner:
            first = next(iter(self._by_owner.values()))
            self._timer = Timer(max(first.used_at + self.idle_s - self._clock(), 1.0), self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        with self._lock:
            self._timer = None
            self.forget_idle()
            self._watch()
