"""A batch: what was asked for, how it stands, and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ..records import Window


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a person wants asked. `prompts` are (prompt, expected or None); `rule` says how an answer is checked."""

    name: str
    model_ids: Sequence[str]
    prompts: Sequence[tuple[str, str | None]]
    system: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    rule: Mapping[str, Any] | None = None
    when_spent: str = "wait"
    pasted: Sequence[str] = ()


Which = Literal["all", "failed", "wrong", "answered"]


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch. `rests` are the places that wait: (until, kind of error). `carried`: a process has it in hand."""

    id: str
    name: str
    state: str
    why: str
    model_ids: tuple[str, ...]
    system: str
    settings: Mapping[str, Any]
    rule: Mapping[str, Any] | None
    when_spent: str
    pasted: tuple[str, ...]
    rows: int
    items: int
    done: int
    failed: int
    skipped: int
    rests: Mapping[int, tuple[int, str]]
    carried: bool
    created_at: datetime
    started_at: datetime
    ended_at: datetime | None

    @property
    def over(self) -> int:
        """Items that are not asked any more."""
        return self.done + self.failed + self.skipped


@dataclass(frozen=True, slots=True)
class Sum:
    """One model's part. `checked` answers had something expected of them, `passed` had it.

    `cost_usd` leaves out what has no price (`unpriced` of the answers). `lately` ended since the instant asked for.
    `answered_by`: how many answers another model than the one asked gave, by its id, the most first.
    """

    place: int
    model_id: str
    waiting: int = 0
    asking: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    again: int = 0
    checked: int = 0
    passed: int = 0
    median_ms: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0
    lately: int = 0
    answered_by: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One model's answer to one row, or where it stands. Who answered is told as in `Completion`."""

    place: int
    state: str
    text: str = ""
    passed: bool | None = None
    again: int = 0
    ttft_ms: float | None = None
    total_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    estimated: bool = False
    cost_usd: Decimal | None = None
    finish: str = ""
    error_kind: str = ""
    error: str = ""
    origin: str | None = None
    served_model_id: str | None = None
    response_model: str | None = None
    served_by: str | None = None
    system_fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row of the batch with what each model has said to it, by place."""

    n: int
    prompt: str
    expected: str | None
    items: Mapping[int, Item] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as it stands. `per_minute` is the speed of the last two minutes, `left_s` what it makes of the rest.

    `rests`: until when a model waits and why (an error's kind), by place. None: cannot be told yet.
    """

    batch: Batch
    sums: tuple[Sum, ...]
    per_minute: float | None
    left_s: float | None
    rests: Mapping[int, tuple[datetime, str]]

    @property
    def asking(self) -> int:
        return sum(one.asking for one in self.sums)


@dataclass(frozen=True, slots=True)
class Fit:
    """One model's part. `counted` False: nobody limits it (simulated, on this computer), or it cannot be asked.

    `fits` of the calls fit into what is left of `window`, the scarcest of the day's or longer; None: not known. By the
    limits of a minute or an hour it takes `least_s` at least. Tokens written are the usual ones, an estimate.
    """

    model_id: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    counted: bool
    fits: int | None = None
    window: Window | None = None
    least_s: float | None = None
