"""Keys that visitors pasted: in the memory of this process and nowhere else, until they are not used for some time.

They belong to the visitor's name (`core.ui.owner`), so all tabs of a browser have them, and a reload loses none.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock, Timer

MOST_VISITORS = 1000
MOST_KEYS = 100
LONGEST_KEY = 10_000


@dataclass
class _Held:
    used_at: float
    keys: dict[str, str] = field(default_factory=dict, repr=False)


class Vault:
    """One for a process. `idle_s`: keys that nobody used for so long are forgotten, by themselves."""

    def __init__(self, idle_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.idle_s = idle_s
        self._clock = clock
        self._lock = RLock()
        self._held: OrderedDict[str, _Held] = OrderedDict()  # who used theirs last stands last
        self._timer: Timer | None = None

    def of(self, owner_id: str) -> Mapping[str, str]:
        """A visitor's keys by provider id, which are used herewith."""
        with self._lock:
            self.forget_idle()
            return dict(held.keys) if (held := self._use(owner_id)) else {}

    def keep(self, owner_id: str, provider_id: str, key: str) -> bool:
        """Keep a key; False when it is too long for one, or there are too many."""
        if not 0 < len(key) <= LONGEST_KEY:
            return False
        with self._lock:
            self.forget_idle()
            held = self._use(owner_id) or self._held.setdefault(owner_id, _Held(self._clock()))
            if len(held.keys) >= MOST_KEYS and provider_id not in held.keys:
                return False
            held.keys[provider_id] = key
            while len(self._held) > MOST_VISITORS:
                self._held.popitem(last=False)
            self._watch()
        return True

    def forget(self, owner_id: str, provider_id: str | None = None) -> None:
        """Forget one key, or (None) all of a visitor's."""
        with self._lock:
            held = self._held.get(owner_id)
            if held and provider_id is not None:
                held.keys.pop(provider_id, None)
            if held and (provider_id is None or not held.keys):
                del self._held[owner_id]

    def forget_idle(self) -> None:
        """Forget the keys that nobody has used for `idle_s`."""
        with self._lock:
            while self._held and next(iter(self._held.values())).used_at + self.idle_s <= self._clock():
                self._held.popitem(last=False)

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            if self._timer:
                self._timer.cancel()
            self._timer = None

    def _use(self, owner_id: str) -> _Held | None:
        held = self._held.get(owner_id)
        if held:
            held.used_at = self._clock()
            self._held.move_to_end(owner_id)
        return held

    def _watch(self) -> None:
        """Look again when the first of them will have been idle for long enough, also where nobody comes any more."""
        if self._timer is None and self._held:
            first = next(iter(self._held.values()))
            self._timer = Timer(max(first.used_at + self.idle_s - self._clock(), 1.0), self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        with self._lock:
            self._timer = None
            self.forget_idle()
            self._watch()
