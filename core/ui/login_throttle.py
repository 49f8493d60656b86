"""Limits password attempts.

Wrong passwords are counted over all visitors of this process, because a new visitor costs nothing: after ten within
ten minutes the login is locked until the oldest expires.
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
    """The wrong passwords of the last minutes. One per process, thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: deque[float] = deque()
        self._lock = Lock()

    def locked_s(self) -> float:
        """For how many seconds the login is locked; 0: it is open."""
        with self._lock:
            return self._locked_s()

    def is_right(self, password: str, expected: str) -> bool:
        """Compare in constant time and count a wrong one. False while locked."""
        with self._lock:
            if self._locked_s():
                return False
            matches = hmac.compare_digest(_digest(password), _digest(expected))
            if not matches:
                self._wrong.append(self._clock())
            return matches

    def _locked_s(self) -> float:
        now = self._clock()
        while self._wrong and now - self._wrong[0] >= WITHIN_S:
            self._wrong.popleft()
        return WITHIN_S - (now - self._wrong[0]) if len(self._wrong) >= MOST_WRONG else 0.0


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
