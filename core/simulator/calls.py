"""The server's own clock: what was asked, and when each reply's first and last token were sent."""

from __future__ import annotations

import json
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Literal

MOST_CALLS = 10_000


@dataclass(slots=True)
class SimulatedCall:
    """One request. `_s` fields are seconds of the monotonic clock, which all processes of a Linux machine share."""

    id: str
    shape: str
    model: str
    stream: bool
    attempt: int
    received_s: float
    status: int = 200
    input_tokens: int = 0
    output_tokens: int = 0
    first_token_s: float | None = None
    last_token_s: float | None = None
    ended_s: float | None = None
    outcome: Literal["running", "done", "fault", "cut", "gone"] = "running"

    def sent(self, tokens: int, at_s: float) -> None:
        """Note that `tokens` were handed to the socket."""
        if tokens:
            self.output_tokens += tokens
            self.last_token_s = at_s
            if self.first_token_s is None:
                self.first_token_s = at_s


class Calls:
    """The newest calls, and counts of all."""

    def __init__(self, most: int = MOST_CALLS) -> None:
        self._calls: deque[SimulatedCall] = deque(maxlen=most)
        self._counts: Counter[str] = Counter()

    def begin(self, call: SimulatedCall) -> SimulatedCall:
        self._calls.append(call)
        self._counts["requests"] += 1
        return call

    def end(self, call: SimulatedCall, at_s: float) -> None:
        call.ended_s = at_s
        self._counts["input_tokens"] += call.input_tokens
        self._counts["output_tokens"] += call.output_tokens
        self._counts[call.outcome] += 1

    def clear(self) -> None:
        self._calls.clear()
        self._counts.clear()

    def report(self, clock_s: float) -> bytes:
        """JSON: `clock_s` now, `counts`, and `calls`, the oldest first."""
        calls = [asdict(call) for call in self._calls]
        return json.dumps({"clock_s": clock_s, "counts": dict(self._counts), "calls": calls}).encode()
