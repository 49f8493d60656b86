"""How often a password may be tried.

Wrong ones are counted over all visitors of this process, since a new visitor costs nothing: ten within ten minutes,
then nobody is let in until the oldest is forgotten.
"""

from __future__ import annotations

import hmac
import time
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from threading import Lock

MOST_WRONG = 10
WITHIN_S = 600.0


class LoginThrottle:
    """The wrong passwords of the last minutes. One for a process, in any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: deque[float] = deque()
        self._lock = Lock()

    def closed_s(self) -> float:
        """For how long none is tried; 0: now."""
        with self._lock:
            return self._closed_s()

    def is_right(self, given: str, expected: str) -> bool:
        """Compare in a time that tells nothing; a wrong one is counted. Never right while closed."""
        with self._lock:
            if self._closed_s():
                return False
            right = hmac.compare_digest(_digest(given), _digest(expected))
            if not right:
                self._wrong.append(self._clock())
            return right

    def _closed_s(self) -> float:
        now = self._clock()
        while self._wrong and now - self._wrong[0] >= WITHIN_S:
            self._wrong.popleft()
        return WITHIN_S - (now - self._wrong[0]) if len(self._wrong) >= MOST_WRONG else 0.0


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
