"""Queues, first come first served, for any thread and any event loop."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock


class QueuePlace:
    """A place in a queue. `turn` is done once no other call is ahead."""

    def __init__(self, queue: list[QueuePlace]) -> None:
        self.turn: Future[None] = Future()
        self._queue = queue

    @property
    def ahead(self) -> int:
        """How many are ahead."""
        return self._queue.index(self) if self in self._queue else 0


class Queues:
    """All queues of a process, by name; an empty queue is removed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queues: dict[str, list[QueuePlace]] = {}

    @contextmanager
    def join(self, name: str) -> Iterator[QueuePlace]:
        """Join the end of a queue; leaving it lets the next one go."""
        with self._lock:
            queue = self._queues.setdefault(name, [])
            place = QueuePlace(queue)
            queue.append(place)
            _call_first(queue)
        try:
            yield place
        finally:
            with self._lock:
                queue.remove(place)
                _call_first(queue)
                if not queue:
                    del self._queues[name]


def _call_first(queue: list[QueuePlace]) -> None:
    if queue and not queue[0].turn.done():
        queue[0].turn.set_result(None)
