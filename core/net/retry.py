"""The one retry policy, for both transports: the error says whether, the server says when, we say how often.

Backoff doubles from `first_backoff_s` to `longest_backoff_s` with jitter. A wait of up to `longest_wait_s` that the
server asks for is honoured (plus up to a second, so that clients do not return together); a longer one ends the
attempts, so that the caller can turn to another model. Text that a person has seen is never requested twice: a stream
leaves this policy at its first visible token.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from ..errors import LLMError

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState, Retrying


@dataclass(frozen=True)
class Policy:
    """How often to try (`attempts`, first included) and how long to wait; sleep and randomness are arguments."""

    attempts: int = 3
    longest_wait_s: float = 20.0
    deadline_s: float = 120.0
    first_backoff_s: float = 0.5
    longest_backoff_s: float = 8.0
    chance: Random = field(default_factory=Random)
    sleep: Callable[[float], None] = time.sleep
    sleep_async: Callable[[float], Awaitable[None]] = asyncio.sleep

    def sync(self, before_sleep: Callable[[RetryCallState], None]) -> Retrying:
        from tenacity import Retrying

        return Retrying(sleep=self.sleep, **self._rules(before_sleep))

    def asynchronous(self, before_sleep: Callable[[RetryCallState], None]) -> AsyncRetrying:
        from tenacity import AsyncRetrying

        return AsyncRetrying(sleep=self.sleep_async, **self._rules(before_sleep))

    def _rules(self, before_sleep: Callable[[RetryCallState], None]) -> dict[str, Any]:
        return {
            "retry": retryable,
            "stop": self.stop,
            "wait": self.wait,
            "before_sleep": before_sleep,
            "reraise": True,
        }

    def wait(self, state: RetryCallState) -> float:
        """Seconds until the next attempt."""
        wait_s = failure(state).retry_after_s
        if wait_s is not None:
            return wait_s + self.scatter(wait_s)
        ceiling = min(self.longest_backoff_s, self.first_backoff_s * 2.0 ** (state.attempt_number - 1))
        return self.chance.uniform(ceiling / 4, ceiling)

    def scatter(self, wait_s: float) -> float:
        """Extra seconds, so that clients do not all return together."""
        return self.chance.uniform(0, min(1.0, 0.1 + wait_s / 10))

    def most(self, error: LLMError) -> int:
        """How many attempts there may be after this failure, those made included."""
        return self.attempts if error.tries is None else min(self.attempts, error.tries)

    def stop(self, state: RetryCallState) -> bool:
        """True when there is no further attempt: tries used up, the wait too long, or the deadline would pass."""
        error = failure(state)
        if state.attempt_number >= self.most(error):
            return True
        wait_s = error.retry_after_s or 0.0
        return wait_s > self.longest_wait_s or (state.seconds_since_start or 0.0) + wait_s > self.deadline_s


def retryable(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    return isinstance(error, LLMError) and error.retryable


def failure(state: RetryCallState) -> LLMError:
    """The error of the attempt that just ended; only asked after `retryable` said yes."""
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, LLMError):
        raise TypeError("asked for the failure of an attempt that has none")
    return error
