"""A person's own messages and calls, as the Insights page counts them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnConversation:
    """A conversation that exists; `changed` differs after any question or answer. `run_id`: of the comparison whose
    column it is."""

    id: str
    changed: tuple[int, int]
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """A question, or an answer with the beginning of its text. `characters` are those of the whole text.

    `is_first`: of its conversation. `at_us`: since 1970 UTC. `finish`, `error`: as in `Completion`; None where
    there is none.
    """

    id: str
    conversation_id: str
    is_first: bool
    role: str
    text: str
    characters: int
    at_us: int
    model_id: str | None = None
    state: str = "done"
    finish: str | None = None
    error: str | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class HourlyCalls:
    """Attempts to call one model that began in one hour (hours since 1970 UTC); `failures` are some of `calls`."""

    model_id: str
    hour: int
    calls: int
    failures: int


@dataclass(frozen=True, slots=True)
class SettingCalls:
    """Attempts that were sent with this value of a setting: `effort`, `response_format` or `tools`, as `CallFacts` has
    them."""

    name: str
    value: str
    calls: int
