"""Measured times, as they are read for charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

APART = " · "
Values = list[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Series:
    """One model with one set of flags (bits of `buckets.AnswerFlag`, and the effort). `apart`: what its name tells
    besides the model: an effort, that tools were called."""

    id: int
    provider_id: str
    model_id: str
    flags: int
    apart: str = ""

    @property
    def name(self) -> str:
        """What its values are called: the model's id, with " · high" where efforts are told apart."""
        return f"{self.model_id}{APART}{self.apart}" if self.apart else self.model_id


def model_of(name: str) -> str:
    """The id of the model in the name of a series."""
    return name.partition(APART)[0]


@dataclass(frozen=True, slots=True)
class Bands:
    """Values by model and by the beginning of each slot; slots without an answer are not there."""

    hours: int
    by_model: dict[str, dict[datetime, Values]]


@dataclass(frozen=True, slots=True)
class LoggedAnswer:
    """One answer of the log. Times in milliseconds from when it was sent; None: not known."""

    at: datetime
    flags: int
    total_ms: float
    ttft_ms: float
    first_answer_ms: float | None
    last_ms: float | None
    waited_ms: float | None
    output_tokens: int | None
    reasoning_tokens: int | None
    estimated: bool
    chunks: int | None
