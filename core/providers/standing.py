"""What is known of a provider with one key, from the last real call or test: one value that all pages and "auto" use.

    no_key        something is missing for a call       works         the last call got through
    untested      nobody asked it with this key yet     limited       the key is good, a limit or the credit is reached
    refused       it did not take this key              unreachable   the last call did not reach it

A key is known by its hash, so that another one begins untested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from ..errors import LLMError, class_of

State = Literal["no_key", "untested", "works", "refused", "limited", "unreachable"]
WORKS = ""


@dataclass(frozen=True, slots=True)
class LastCall:
    """The last call that told something: `why` is the kind of its error, "" for an answer. `good`: it worked once."""

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
    """Where marks are kept; both calls are quick enough for a page."""

    def note(self, provider_id: str, key_hash: str, error: LLMError | None) -> None: ...
    def get(self, provider_id: str, key_hash: str) -> LastCall | None: ...


class Remembered:
    """Marks of one process."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._known: dict[tuple[str, str], LastCall] = {}

    def note(self, provider_id: str, key_hash: str, error: LLMError | None) -> None:
        place = provider_id, key_hash
        if tells(error):
            self._known[place] = mark(error, self._now(), self._known.get(place))

    def get(self, provider_id: str, key_hash: str) -> LastCall | None:
        return self._known.get((provider_id, key_hash))


def tells(error: LLMError | None) -> bool:
    """Whether this end of a call says anything of the key."""
    return error is None or (error.sent and error.key_state is not None)


def mark(error: LLMError | None, at: datetime, before: LastCall | None) -> LastCall:
    """A refusal of one request (too long, filtered, no such model) came from behind the key: it works."""
    good = error is None or error.oversize is not None or error.key_state in ("works", None)
    return LastCall(WORKS if good or error is None else error.kind, at, good or bool(before and before.good))


def standing(found: LastCall | None) -> Standing:
    """A 403 is about the key only where it never worked: else it is about one model."""
    if found is None:
        return Standing("untested")
    state = class_of(found.why).key_state or "works"
    if state == "forbidden":
        state = "works" if found.good else "refused"
    return Standing(state, found.at, found.why)
