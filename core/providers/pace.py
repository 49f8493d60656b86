"""How far apart a probe's calls must lie, so that they fit a provider's limits a minute. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from .limits import LENGTH, STATES, Meter, PlannedCall, Price, State, meters_of, need

POLITE_S = 2.0  # where a limit exists whose size nobody published
SHORT = ("second", "minute", "hour")


def gap_s(asks: Sequence[PlannedCall]) -> float:
    """Seconds from the beginning of one of these calls to that of the next; 0: no limit is known."""
    return max((_gap(ask, meter) for ask in asks for meter in _meters(ask)), default=0.0)


def _meters(ask: PlannedCall) -> list[Meter]:
    return [meter for meter in meters_of(ask.provider, ask.model.name, ask.key_hash) if meter.per in SHORT]


def _gap(ask: PlannedCall, meter: Meter) -> float:
    needed = need(meter.unit, ask)
    if not meter.amount or needed is None:
        return POLITE_S
    return float(needed / meter.amount) * LENGTH[meter.per].total_seconds()


def spaced(price: Price) -> Price:
    """The price of calls made one after the other: only windows that no pause refills can stop them."""
    needs = tuple(need for need in price.needs if need.window.per not in (*SHORT, "at_once"))
    states: list[State] = [need.state for need in needs if need.state != "unknown"]
    default: State = "unknown" if needs or not price.needs else "fits"
    return replace(
        price,
        needs=needs,
        state=max(states, key=STATES.index, default=default),
        requests=price.requests if price.requests in needs else None,
        tokens=price.tokens if price.tokens in needs else None,
    )


def free_at(prices: Sequence[Price], now: datetime) -> datetime | None:
    """When a call that does not fit now fits again; `now` where it fits, None where no reset is known."""
    full = [need.window.resets_at for price in prices for need in price.needs if need.state == "over"]
    if not full:
        return now
    resets = [at for at in full if at is not None]
    return max(resets) if len(resets) == len(full) else None
