"""What the engine asks before an attempt and tells after it. Without a gate nothing is counted and nobody rests.

enter(call) -> Permit       the attempt may go out now; raises the LLMError that forbids it, with nothing sent
permit.heard(...)           the head of the reply, and the body of a refusal
permit.tell()               pass on what the head says, while the answer is still coming
permit.end(...)             what came of it, exactly once
leave(call)                 the question is over: give back what was held for it and never used
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from core.call import Call
from core.errors import LLMError
from core.records import Head, Usage


class Permit(Protocol):
    """One attempt on its way. `heard` is quick; the others may block and are called off the event loop."""

    def heard(self, head: Head, body: bytes) -> None: ...
    def tell(self) -> None: ...
    def end(self, error: LLMError | None, usage: Usage | None, cost_usd: Decimal | None) -> None: ...


class Gate(Protocol):
    """Who may be asked. `enter` and `leave` may block; `resting` and `speeds` read what this process knows."""

    def enter(self, call: Call) -> Permit: ...
    def leave(self, call: Call) -> None: ...
    def resting(self, calls: Sequence[Call]) -> Sequence[str]: ...
    def speeds(self) -> Mapping[str, float]: ...


def stopped() -> LLMError:
    """The end of an attempt that we ended ourselves: nobody's failure."""
    return LLMError("The answer was stopped.")
