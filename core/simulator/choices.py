"""The plan of a parsed request: its first choice, and the others it asks for."""

from __future__ import annotations

from dataclasses import replace

from .plan import ReplyPlan, plan
from .shapes.ask import ParsedRequest


def plan_choices(ask: ParsedRequest, *, seed: int, attempt: int, in_app: bool = False) -> ReplyPlan:
    """Choice after choice is the next attempt, or has the next seed. A first choice that fails stands alone."""
    first, *others = (
        plan(
            ask.model,
            ask.messages,
            seed=seed,
            attempt=attempt + place,
            max_tokens=ask.max_tokens,
            request_seed=None if ask.seed is None else ask.seed + place,
            stop=ask.stop,
            faultless=place > 0,
            in_app=in_app,
            wish=ask.wish,
        )
        for place in range(ask.choices)
    )
    return first if first.fault or first.cut else replace(first, others=tuple(others))
