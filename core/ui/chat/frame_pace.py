"""How often answers are painted: ten times a second, less often only while this process is late.

A hundred threads that wake up by themselves leave the interpreter no time for work. So pages that follow an answer
sleep, and one thread wakes them in turn, each after the previous one has painted. The lateness of frames measures the
load, and all frames get longer with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from threading import Condition, Event, Lock, Thread

FRAME_S = 0.1
SLOWEST_S = 0.5
TOLERATED_S = 0.03  # lateness of a frame without load
STRETCH = 3.0  # seconds added to a frame per second of lateness
WEIGHT = 0.1  # of the newest frame in the moving average
FORGOTTEN_S = 1.0  # an older average is ignored
PATIENCE_S = 0.05  # how long the next page waits for the previous one to paint


class Pace:
    """One per process. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._painting = Lock()
        self._painted = Event()
        self._late_s = 0.0
        self._noted = 0.0
        self._asleep: dict[Event, float] = {}  # when each is to be woken
        self._changed = Condition()
        self._waker: Thread | None = None

    @property
    def frame_s(self) -> float:
        """The length of the next frame."""
        return min(SLOWEST_S, FRAME_S + STRETCH * max(0.0, self._late() - TOLERATED_S))

    @contextmanager
    def turn(self, due: float) -> Iterator[None]:
        """Paint inside, exclusively; the frame was `due` at this time. Do not block inside."""
        with self._painting:
            now, mean_s = self.clock(), self._late()
            self._late_s, self._noted = mean_s + WEIGHT * (max(0.0, now - due) - mean_s), now
            try:
                yield
            finally:
                self._painted.set()

    def rest(self, wake_up: Event, longest_s: float = SLOWEST_S) -> float:
        """Sleep until `news` is set, by whoever has some or because the next frame is due; returns when it was due."""
        due = self.clock() + min(self.frame_s, longest_s)
        with self._changed:
            if self._waker is None:
                waker = Thread(target=self._wake, name="pace", daemon=True)
                waker.start()  # may fail if no thread can be started; the next page tries again
                self._waker = waker
            if due < min(self._asleep.values(), default=due + 1):
                self._changed.notify()
            self._asleep[wake_up] = due
        wake_up.wait()
        with self._changed:
            self._asleep.pop(wake_up, None)
        return min(due, self.clock())

    def _late(self) -> float:
        return 0.0 if self.clock() - self._noted > FORGOTTEN_S else self._late_s

    def _wake(self) -> None:
        while True:
            with self._changed:
                while not self._asleep:
                    self._changed.wait()
                wake_up, due = min(self._asleep.items(), key=itemgetter(1))
                if (left_s := due - self.clock()) > 0:
                    self._changed.wait(left_s)
                    continue
                del self._asleep[wake_up]
            self._painted.clear()
            wake_up.set()
            self._painted.wait(PATIENCE_S)


PACE = Pace()
