"""Limits how many pages are drawn at the same time: two, first come, first served.

Drawing a page takes 25 ms of CPU. If a hundred people click in the same second and all pages are drawn at once, all of
them wait for the last; in turn they wait half as long on average, and streaming answers continue meanwhile.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock, Thread, current_thread

AT_ONCE = 2
LEASE_S = 0.3  # a run that takes longer is waiting for something other than the interpreter and no longer counts
GLANCE_S = 0.02  # how often runs that ended without `leave` are looked for


class DrawQueue:
    """One per process. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._inside: dict[Thread, float] = {}
        self._waiting: deque[tuple[Thread, Event]] = deque()

    def enter(self) -> None:
        """Wait for this thread's turn. Returns at once if the thread has not left since its last turn."""
        thread, turn = current_thread(), Event()
        with self._lock:
            self._admit()
            if thread in self._inside:
                return
            self._waiting.append((thread, turn))
            self._admit()
        while thread not in self._inside:
            # Only the first in the queue polls: a hundred polling threads would slow down the ones that draw.
            turn.wait(GLANCE_S if self._waiting and self._waiting[0][1] is turn else None)
            turn.clear()
            with self._lock:
                self._admit()

    def leave(self) -> None:
        """The page is drawn, or its run continues without drawing."""
        with self._lock:
            self._inside.pop(current_thread(), None)
            self._admit()

    def _admit(self) -> None:
        now, first = self._clock(), self._waiting[0] if self._waiting else None
        self._inside = {thread: since for thread, since in self._inside.items() if thread.is_alive()}
        drawing = sum(now - since <= LEASE_S for since in self._inside.values())
        while self._waiting and drawing < AT_ONCE:
            thread, turn = self._waiting.popleft()
            self._inside[thread] = now
            drawing += 1
            turn.set()
        if self._waiting and self._waiting[0] is not first:
            self._waiting[0][1].set()


DRAW_QUEUE = DrawQueue()
