"""The state of a provider with one key, from the last real call or test: one value that all pages and "auto" use.

    no_key        something is missing for a call       works         the last call got through
    untested      never called with this key            limited       the key is good, a limit or the credit is reached
    refused       it does not accept this key           unreachable   the last call did not reach it

A key is stored as its hash, so that another one begins untested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from ..errors import LLMError, class_of

State = Literal["no_key", "untested", "works", "refused", "limited", "unreachable"]
WORKS = ""


@dataclass(frozen=True, slots=True)
class LastCall:
    """The last call that says anything about the key: `why` is its error's kind, "" for an answer. `good`: it worked
    once."""

    why: str
    at: datetime
    good: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """`at` and `why` (an error's kind) are those of the last call, None and "" where there was none."""

    state: State
    at: datetime | None = None
    why: str = ""

    @property
    def may_be_asked(self) -> bool:
        """Whether it is worth asking when nobody named it."""
        return self.state not in ("no_key", "refused")


class LastCallStore(Protocol):
    """Where last calls are kept; both methods are quick enough to be called while a page is drawn."""

    def note(self, provider_id: str, key_hash: str, error: LLMError | None) -> None: ...
    def get(self, provider_id: str, key_hash: str) -> LastCall | None: ...


class MemoryLastCalls:
    """Last calls in memory, of one process."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._last_calls: dict[tuple[str, str], LastCall] = {}

    def note(self, provider_id: str, key_hash: str, error: LLMError | None) -> None:
        pair = provider_id, key_hash
        if concerns_key(error):
            self._last_calls[pair] = mark(error, self._now(), self._last_calls.get(pair))

    def get(self, provider_id: str, key_hash: str) -> LastCall | None:
        return self._last_calls.get((provider_id, key_hash))

    def all(self) -> Mapping[tuple[str, str], LastCall]:
        """By provider and hash of the key."""
        return dict(self._last_calls)


def concerns_key(error: LLMError | None) -> bool:
    """Whether this outcome of a call says anything about the key."""
    return error is None or (error.sent and error.key_state is not None)


def mark(error: LLMError | None, at: datetime, before: LastCall | None) -> LastCall:
    """A refusal of one request (too long, filtered, no such model) proves that the key was accepted."""
    good = error is None or error.oversize is not None or error.key_state in ("works", None)
    return LastCall(WORKS if good or error is None else error.kind, at, good or bool(before and before.good))


def standing(last_call: LastCall | None) -> Standing:
    """A 403 is about the key only where it never worked: else it is about one model."""
    if last_call is None:
        return Standing("untested")
    state = class_of(last_call.why).key_state or "works"
    if state == "forbidden":
        state = "works" if last_call.good else "refused"
    return Standing(state, last_call.at, last_call.why)
