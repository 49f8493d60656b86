"""Recordings on their way to text, in this process's memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from ..errors import LLMError
from ..records import Sound, Transcript

MOST_HELD_BYTES = 200_000_000  # of all people; beyond it the oldest recording goes


@dataclass
class Dictation:
    """One recording and what came of it. The thread that sends it writes; any thread may read."""

    sound: Sound
    state: Literal["held", "running", "failed", "done"] = "held"
    model_id: str = ""
    transcript: Transcript | None = None
    error: LLMError | None = None


class Dictations:
    """Those of all people, by owner and box; thread-safe."""

    def __init__(self, most_bytes: int = MOST_HELD_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[tuple[str, str], Dictation] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, owner_id: str, box: str, dictation: Dictation) -> None:
        with self._lock:
            self._held.pop((owner_id, box), None)
            self._held[owner_id, box] = dictation
            while len(self._held) > 1 and sum(len(each.sound.data) for each in self._held.values()) > self._most_bytes:
                self._held.popitem(last=False)

    def get(self, owner_id: str, box: str) -> Dictation | None:
        return self._held.get((owner_id, box))

    def forget(self, owner_id: str) -> None:
        """Drop all of a person who erases everything."""
        with self._lock:
            for key in [key for key in self._held if key[0] == owner_id]:
                del self._held[key]

    def drop(self, owner_id: str, box: str) -> None:
        with self._lock:
            self._held.pop((owner_id, box), None)
