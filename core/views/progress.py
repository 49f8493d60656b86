"""A snapshot of an answer in progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..records import Attempt, Completion, Message, Usage

Phase = Literal["waiting", "queued", "retrying", "thinking", "answering", "done"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of an answer: all times in milliseconds since the current attempt was sent.

    `text` and `reasoning` are those after the newest of `steps`, the calls of tools and their results.
    While "queued" for a limit, `wait_s` tells when it is free again and `ahead` how many go first."""

    phase: Phase
    text: str
    reasoning: str
    usage: Usage | None
    elapsed_ms: float
    ttft_ms: float | None
    first_answer_ms: float | None
    last_ms: float | None
    chunks: int
    attempt: Attempt | None
    completion: Completion | None
    wait_s: float | None = None
    ahead: int = 0
    steps: tuple[Message, ...] = ()

    @classmethod
    def of(cls, completion: Completion) -> Progress:
        """Of an answer that has ended."""
        timing = completion.timing
        return cls(
            phase="done",
            text=completion.text,
            reasoning=completion.reasoning,
            usage=completion.usage,
            elapsed_ms=timing.total_ms or 0.0,
            ttft_ms=timing.ttft_ms,
            first_answer_ms=timing.first_answer_ms,
            last_ms=timing.last_ms,
            chunks=timing.chunks,
            attempt=completion.attempts[-1] if completion.attempts else None,
            completion=completion,
            steps=completion.steps,
        )
