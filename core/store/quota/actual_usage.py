"""What a sent call took of a counter, once it is known."""

from __future__ import annotations

from decimal import Decimal

from ...records import Usage
from . import meters as counters
from .meters import MeterShare


def actual_usage(part: MeterShare, usage: Usage | None, cost_usd: Decimal | None, refused: bool) -> int | None:
    """The usage of one meter by a sent call; if unknown, the reserved amount."""
    if part.unit == "requests":
        return part.n
    amount = _used(part.unit, usage or Usage(), cost_usd)
    if amount is not None:
        return counters.grains(part.unit, amount)
    return 0 if refused else part.n


def _used(unit: str, usage: Usage, cost_usd: Decimal | None) -> Decimal | int | None:
    match unit:
        case "tokens":
            counts = [count for count in (usage.input_tokens, usage.output_tokens) if count is not None]
            return sum(counts) if usage.output_tokens is not None else None
        case "input_tokens":
            return usage.input_tokens
        case "output_tokens":
            return usage.output_tokens
        case "usd":
            return usage.cost_usd if cost_usd is None else cost_usd
    return None
