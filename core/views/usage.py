"""Counted calls: one attempt, one day, and what stored answers saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CallRow:
    """One logged attempt; `outcome` is "ok" or the kind of the error. `sent` False: we refused it ourselves.

    `model_id` was asked; who answered is told as in `Completion`.
    """

    at: datetime
    provider_id: str
    model_id: str
    n: int
    outcome: str
    ms: float
    ttft_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    estimated: bool
    cost_usd: Decimal | None
    cached: bool
    request_id: str | None
    conversation_id: str | None
    sent: bool | None = None
    served_model_id: str | None = None
    response_model: str | None = None
    served_by: str | None = None
    system_fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One day's calls that were sent, failures too; `unsent` we refused ourselves.

    `tokens` None: no call reported any; `estimated`: some of them are our own count. `cost_usd` of the calls whose cost
    is known, `unpriced`: of how many it is not.
    """

    day: date
    requests: int
    failures: int
    tokens: int | None
    estimated: bool
    unsent: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class CacheSavings:
    """Sums over the stored answers that were returned again. `priced`, `counted` and `timed` are how many are in each
    sum.

    A sum over none is None: not known.
    """

    requests: int
    tokens: int | None
    cost_usd: Decimal | None
    ms: float | None
    counted: int
    priced: int
    timed: int
