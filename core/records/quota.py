"""Quota windows, and the rate limits that providers report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from .catalog import Per

Unit = Literal["requests", "tokens", "input_tokens", "output_tokens", "usd", "neurons", "audio_seconds"]


@dataclass(frozen=True, slots=True)
class PastOutput:
    """How many tokens an answer had; `reasoning_tokens` are among them, None where that was not told."""

    tokens: int
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ExpectedOutput:
    """How many tokens an answer will probably have: `usual`, and `most`, which is what is reserved for it. Of each so
    many are `reasoning` and `most_reasoning`.

    `by` what it is known: the "budget" that is sent, which is a bound; `n` answers of the "past", whose median and
    ninth decile they are; or a "guess".
    """

    usual: int
    most: int
    reasoning: int = 0
    most_reasoning: int = 0
    by: Literal["budget", "past", "guess"] = "guess"
    n: int = 0


@dataclass(frozen=True, slots=True)
class RateLimitReading:
    """What a provider said about one of its limits, in that limit's unit. None: it did not say. `remaining` is
    what was left after the call it answered; `model` is the model it named."""

    unit: Unit
    per: Per
    limit: Decimal | None = None
    remaining: Decimal | None = None
    resets_at: datetime | None = None
    source: Literal["header", "error"] = "header"
    model: str | None = None


@dataclass(frozen=True, slots=True)
class WindowShare:
    """A person's fair share of a window. `available` is what they may take now: of their share, or lent by others."""

    size: Decimal
    taken: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True)
class Window:
    """One counter as it stands: what is counted together (`pool`, `scope`, `key_hash`), in which unit, until when.
    `limit` and `remaining` None: unknown, never "full". `reserved` is held by calls in flight. `source` of
    `remaining`: the provider's header or error (`seen_at` says when), our own count, or only the catalogue.
    """

    id: str
    provider_id: str
    pool: str
    scope: str
    key_hash: str
    unit: Unit
    per: Per
    limit: Decimal | None
    used: Decimal
    reserved: Decimal
    remaining: Decimal | None
    starts_at: datetime | None
    resets_at: datetime | None
    source: Literal["header", "error", "counted", "documented"]
    seen_at: datetime | None = None
    zone: str = "UTC"
    note: str = ""
    share: WindowShare | None = None
