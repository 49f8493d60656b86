"""How often answers are painted: ten times a second, and less often only while this process is late.

Threads that all want to paint at the same moment take the interpreter from each other, so pages paint one after
another. How late a frame begins is what everybody who watches knows of the load; the frames of all stretch with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

FRAME_S = 0.1
SLOWEST_S = 0.5
TOLERATED_S = 0.03  # so late a frame may begin on a process that has time
STRETCH = 3.0  # seconds that a frame is longer for each second of lateness
WEIGHT = 0.1  # of the newest frame in the mean
FORGOTTEN_S = 1.0  # an older mean says nothing of now


class Pace:
    """One for a process. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._painting = Lock()
        self._late_s = 0.0
        self._noted = 0.0

    @property
    def frame_s(self) -> float:
        """How long the next frame is shown."""
        late_s = 0.0 if self.clock() - self._noted > FORGOTTEN_S else self._late_s
        return min(SLOWEST_S, FRAME_S + STRETCH * max(0.0, late_s - TOLERATED_S))

    @contextmanager
    def turn(self, due: float) -> Iterator[None]:
        """Paint inside, alone; the frame was `due` at this time. Nothing inside may wait."""
        with self._painting:
            now = self.clock()
            before_s = 0.0 if now - self._noted > FORGOTTEN_S else self._late_s
            self._late_s = before_s + WEIGHT * (max(0.0, now - due) - before_s)
            self._noted = now
            yield

    def rest(self, news: Event, longest_s: float = SLOWEST_S) -> float:
        """Wait for the next frame, or for `news`; returns when that frame was due."""
        due = self.clock() + min(self.frame_s, longest_s)
        news.wait(due - self.clock())
        return min(due, self.clock())


PACE = Pace()
