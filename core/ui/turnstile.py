"""Who draws a page now: two at a time, first come, first served.

Drawing a page is 25 ms of work for one interpreter. A hundred people who click in the same second all wait for the last
when all are drawn at once; one after another they wait half as long, and answers that are shown go on meanwhile.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock, Thread, current_thread

AT_ONCE = 2
LEASE_S = 0.3  # who draws for longer waits for something else than the interpreter, and is not waited for
GLANCE_S = 0.02  # a run that ends without a word is noticed after this time


class Turnstile:
    """One for a process. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._inside: dict[Thread, float] = {}
        self._waiting: deque[tuple[Thread, Event]] = deque()

    def enter(self) -> None:
        """Wait for this thread's turn; again without waiting until it leaves, however long it draws."""
        me, news = current_thread(), Event()
        with self._lock:
            self._admit()
            if me in self._inside:
                return
            self._waiting.append((me, news))
            self._admit()
        while me not in self._inside:
            # Only the first looks around: a hundred who wake by themselves would take the interpreter from who draws.
            news.wait(GLANCE_S if self._waiting and self._waiting[0][1] is news else None)
            news.clear()
            with self._lock:
                self._admit()

    def leave(self) -> None:
        """The page is drawn, or its run goes on without drawing."""
        with self._lock:
            self._inside.pop(current_thread(), None)
            self._admit()

    def _admit(self) -> None:
        now, first = self._clock(), self._waiting[0] if self._waiting else None
        self._inside = {thread: since for thread, since in self._inside.items() if thread.is_alive()}
        drawing = sum(now - since <= LEASE_S for since in self._inside.values())
        while self._waiting and drawing < AT_ONCE:
            thread, news = self._waiting.popleft()
            self._inside[thread] = now
            drawing += 1
            news.set()
        if self._waiting and self._waiting[0] is not first:
            self._waiting[0][1].set()


TURNSTILE = Turnstile()
