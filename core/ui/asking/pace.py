"""How often answers are painted: ten times a second, and less often only while this process is late.

Threads that wake by themselves take the interpreter from each other, and a hundred of them leave nothing for the one
who works. So pages that follow an answer sleep, and one thread wakes them, each when the one before has painted. How
late a frame begins is what all know of the load, and the frames of all stretch with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from threading import Condition, Event, Lock, Thread

FRAME_S = 0.1
SLOWEST_S = 0.5
TOLERATED_S = 0.03  # so late a frame may begin on a process that has time
STRETCH = 3.0  # seconds that a frame is longer for each second of lateness
WEIGHT = 0.1  # of the newest frame in the mean
FORGOTTEN_S = 1.0  # an older mean says nothing of now
PATIENCE_S = 0.05  # who was woken and has not painted after this time is not waited for


class Pace:
    """One for a process. `clock` counts seconds."""

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
        """How long the next frame is shown."""
        return min(SLOWEST_S, FRAME_S + STRETCH * max(0.0, self._late() - TOLERATED_S))

    @contextmanager
    def turn(self, due: float) -> Iterator[None]:
        """Paint inside, alone; the frame was `due` at this time. Nothing inside may wait."""
        with self._painting:
            now, before_s = self.clock(), self._late()
            self._late_s, self._noted = before_s + WEIGHT * (max(0.0, now - due) - before_s), now
            try:
                yield
            finally:
                self._painted.set()

    def rest(self, news: Event, longest_s: float = SLOWEST_S) -> float:
        """Sleep until `news` is set, by whoever has some or because the next frame is due; returns when it was due."""
        due = self.clock() + min(self.frame_s, longest_s)
        with self._changed:
            if self._waker is None:
                waker = Thread(target=self._wake, name="pace", daemon=True)
                waker.start()  # where no thread can begin, the page says so and the next one tries again
                self._waker = waker
            if due < min(self._asleep.values(), default=due + 1):
                self._changed.notify()
            self._asleep[news] = due
        news.wait()
        with self._changed:
            self._asleep.pop(news, None)
        return min(due, self.clock())

    def _late(self) -> float:
        return 0.0 if self.clock() - self._noted > FORGOTTEN_S else self._late_s

    def _wake(self) -> None:
        while True:
            with self._changed:
                while not self._asleep:
                    self._changed.wait()
                news, due = min(self._asleep.items(), key=itemgetter(1))
                if (left_s := due - self.clock()) > 0:
                    self._changed.wait(left_s)
                    continue
                del self._asleep[news]
            self._painted.clear()
            news.set()
            self._painted.wait(PATIENCE_S)


PACE = Pace()
