"""What one night of the nightly probe asks, and what that costs. Pure.

Of a pool that refills within an hour or a day a night takes at most a tenth, of one that refills by the month a tenth
in a month, of one that never refills a thousandth; and nothing while less than a fifth of it would be left. A pool of
unknown size gives one call. A call whose price is not known is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from ...providers.limits import PlannedCall, need, price
from ...providers.pace import gap_s
from ...providers.pricing import cost_usd, is_free
from ...records import Per, Window

Skipped = Literal["no room", "price unknown", "too slow", "enough"]
SHARES: Mapping[Per, Decimal] = {
    "hour": Decimal("0.1"),
    "day": Decimal("0.1"),
    "month": Decimal("0.1") / 31,
    "once": Decimal("0.001"),
}
MOST_OF_PROVIDER = 20
LONGEST_GAP_S = 600.0
Windows = Sequence[Window]


@dataclass
class NightPlan:
    """The calls of a night in their order; `largest_share`: the greatest part of a day's quota that they take, and of
    which window; `skipped`: why other models are not asked."""

    calls: list[PlannedCall] = field(default_factory=list)
    skipped: dict[str, Skipped] = field(default_factory=dict)
    cost_usd: Decimal = Decimal(0)
    largest_share: tuple[Decimal, Window] | None = None

    @property
    def tokens(self) -> int:
        return sum((call.input_tokens or 0) + (call.output_tokens or 0) for call in self.calls)


def plan(
    asks: Sequence[PlannedCall], windows_of: Sequence[Windows], asked_at: Mapping[str, datetime] | None = None
) -> NightPlan:
    """The models that were not asked for longest come first, so that those of a small pool take turns."""
    ever = datetime.min.replace(tzinfo=UTC)
    last_asked = asked_at or {}
    order = sorted(range(len(asks)), key=lambda place: (last_asked.get(asks[place].model.id, ever), place))
    night, taken_of = NightPlan(), dict[str, Decimal]()
    for place in order:
        ask, windows = asks[place], windows_of[place]
        if why := _refusal(ask, windows, taken_of, night.calls):
            night.skipped[ask.model.id] = why
            continue
        night.calls.append(ask)
        night.cost_usd += call_cost(ask) or Decimal(0)
        take(ask, windows, taken_of)
        _note_share(night, windows, taken_of)
    return night


def has_room(ask: PlannedCall, windows: Windows, taken_of: Callable[[str], Decimal]) -> bool:
    """Whether this call fits now, within its share of every pool. `taken_of`: what the night took of a window."""
    lines = price([ask], [windows])
    return all(_fits(use.state, use.needed, use.window, taken_of) for line in lines for use in line.needs)


def call_cost(ask: PlannedCall) -> Decimal | None:
    """USD; 0 within a free tier, None where no price is known."""
    counted_in_money = any(limit.unit == "usd" for limit in ask.provider.limits)
    if is_free(ask.model) or (ask.provider.free and not counted_in_money):
        return Decimal(0)
    return cost_usd(ask.model, ask.input_tokens, ask.output_tokens)


def _refusal(
    ask: PlannedCall, windows: Windows, taken_of: Mapping[str, Decimal], calls: Sequence[PlannedCall]
) -> Skipped | None:
    if call_cost(ask) is None:
        return "price unknown"
    if sum(call.provider.id == ask.provider.id for call in calls) >= MOST_OF_PROVIDER:
        return "enough"
    if gap_s([ask]) > LONGEST_GAP_S:
        return "too slow"
    return None if has_room(ask, windows, lambda name: taken_of.get(name, Decimal(0))) else "no room"


def _fits(state: str, needed: Decimal | None, window: Window, taken_of: Callable[[str], Decimal]) -> bool:
    if window.per not in SHARES:
        return state != "over"
    if state in ("over", "tight"):
        return False
    after = taken_of(window.id) + (needed or Decimal(0))
    if window.limit is None:
        return not taken_of(window.id)
    return needed is not None and after <= SHARES[window.per] * window.limit


def take(ask: PlannedCall, windows: Windows, taken_of: dict[str, Decimal]) -> None:
    """Count a call against the night's share of its pools."""
    for window in windows:
        if window.per in SHARES:
            taken_of[window.id] = taken_of.get(window.id, Decimal(0)) + (need(window.unit, ask) or Decimal(0))


def _note_share(night: NightPlan, windows: Windows, taken_of: Mapping[str, Decimal]) -> None:
    for window in windows:
        if window.per == "day" and window.limit:
            share = taken_of[window.id] / window.limit
            if night.largest_share is None or share > night.largest_share[0]:
                night.largest_share = (share, window)
