"""Arithmetic of limits: which counters a call moves, when a window begins and ends, what a call takes, how long it
lasts.

    Ask (one call to be made) -> meters_of -> Meter (one counter: pool, unit, period)
    Meter + instant -> window_at -> (start, end) in the provider's own zone
    Ask + Window -> price -> fits, tight, over or unknown       Window + now -> forecast

Nothing in this module reads a clock or a counter: `core.store.quota` counts, `rate_limit_headers` reads replies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..records import ExpectedOutput, Limit, Model, Per, Provider, Unit, Window
from . import models_dev
from .pricing import cost_usd, is_free
from .shares import Sharer

State = Literal["fits", "tight", "over", "unknown"]
STATES: Sequence[State] = ("fits", "tight", "unknown", "over")  # the worse, the later
TIGHT_SHARE = Decimal("0.2")
LENGTH: Mapping[Per, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "month": timedelta(days=31),
}
IN_TURN_S = 20  # an answer waits so long for a limit: calls of a window of a second follow each other
BY_MODEL = frozenset(["model", "ip_model"])  # pools that count each model for itself
BY_ADDRESS = frozenset(["ip", "ip_model"])  # pools that count the calls of this address, whatever key they bring
OF_PERSON = "@person"  # the pool, and in place of a provider, of what a person may use of the server's keys


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call to be made. Tokens None: no estimate. `own`: the person who asks pasted the key.

    `insist` counts the call and sends it even where it does not fit, because a person said so; but never beyond
    `of_person`, the counters of what the person may use of the server's keys. `sharer`: who asks, if people have fair
    shares of this key's limits. `output_tokens`, of which `reasoning_tokens`, are those that are reserved; `expected`
    is how they were estimated.
    """

    provider: Provider
    model: Model
    key_hash: str = ""
    requests: int = 1
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_seconds: Decimal = Decimal(0)
    own: bool = False
    insist: bool = False
    of_person: tuple[Meter, ...] = ()
    sharer: Sharer | None = None
    expected: ExpectedOutput | None = None

    def as_usual(self) -> PlannedCall:
        """The same with the answer that is usual, where that is shorter than what is reserved."""
        expected = self.expected
        if expected is None or self.output_tokens is None:
            return self
        wrote = min(self.output_tokens, expected.usual)
        return replace(self, output_tokens=wrote, reasoning_tokens=min(expected.reasoning, wrote))


@dataclass(frozen=True, slots=True)
class Meter:
    """One counter: calls of the same `id` are counted together. `amount` None: its size is not published."""

    id: str
    provider_id: str
    pool: str
    scope: str
    key_hash: str
    unit: Unit
    per: Per
    amount: Decimal | None = None
    zone: str = "UTC"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What the calls take from one window, and the largest of them (`each`); None: not known before the call."""

    window: Window
    needed: Decimal | None
    state: State
    each: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What calls to one provider take, before they are made; `state` is the worst of the known needs.

    `cost_usd` None: the price is not known; `usual_cost_usd` is that of answers as long as usual. `requests` and
    `tokens` are the needs closest to their limit.
    """

    provider_id: str
    needs: tuple[Need, ...]
    state: State
    cost_usd: Decimal | None
    requests: Need | None = None
    tokens: Need | None = None
    usual_cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """At the pace so far: `ends_at` is when nothing is left, None if the reset comes first or nothing is being used."""

    per_hour: Decimal
    ends_at: datetime | None
    left_at_reset: Decimal | None
    elapsed_share: float | None


def key_hash(provider_id: str, key: str | None) -> str:
    """A hash that identifies a key without revealing it; "" for calls without one."""
    return hashlib.sha256(f"{provider_id}\n{key}".encode()).hexdigest()[:32] if key else ""


def meters_of(provider: Provider, model_name: str, key: str = "") -> list[Meter]:
    """Every documented counter that a call of this model with this key moves, in the order of their ids.

    A `model` or `ip_model` pool counts each model for itself; the others count together all models their row names.
    Calls from one address share an `ip` or `ip_model` pool whatever key they use. Of two rows for the same counter the
    smaller one counts.
    """
    meters: dict[str, Meter] = {}
    for limit in provider.limits:
        if any(fnmatchcase(model_name, pattern) for pattern in limit.models):
            meter = _meter(provider.id, limit, model_name, key)
            existing = meters.get(meter.id)
            if existing is None or (
                meter.amount is not None and (existing.amount is None or meter.amount < existing.amount)
            ):
                meters[meter.id] = meter
    return [meters[name] for name in sorted(meters)]


def _meter(provider_id: str, limit: Limit, model_name: str, key: str) -> Meter:
    scope = model_name if limit.pool in BY_MODEL else ",".join(limit.models)
    hashed = "" if limit.pool in BY_ADDRESS else key
    unit, per = limit.unit, limit.per
    name = meter_id(provider_id, limit.pool, hashed, scope, unit, per)
    return Meter(name, provider_id, limit.pool, scope, hashed, unit, per, limit.amount, limit.zone, limit.note)


def meter_id(provider_id: str, pool: str, key: str, scope: str, unit: Unit, per: Per) -> str:
    return "|".join((provider_id, pool, key, scope, unit, per))


def window_at(per: Per, zone: str, at: datetime) -> tuple[datetime, datetime | None]:
    """The window that `at` lies in, as UTC instants; no end for `once` and `at_once`.

    Days and months begin at local midnight, so a day may have 23 or 25 hours. A midnight that daylight saving leaves
    out is the instant of the change.
    """
    at = at.astimezone(UTC)
    if per in ("once", "at_once"):
        return datetime(1970, 1, 1, tzinfo=UTC), None
    local = at.astimezone(tz := zone_of(zone))
    if per == "day":
        return _midnight(local, tz), _midnight(local + timedelta(days=1), tz)
    if per == "month":
        first = local.replace(day=1)
        return _midnight(first, tz), _midnight((first + timedelta(days=32)).replace(day=1), tz)
    offset, length = local.utcoffset() or timedelta(0), LENGTH[per]
    start = at - (at.replace(tzinfo=None) + offset - datetime(1970, 1, 1)) % length  # noqa: DTZ001 - a local wall clock
    return start, start + length


def _midnight(local: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(local.date(), time(), tzinfo=zone).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name, UTC where this computer knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def need(unit: Unit, ask: PlannedCall) -> Decimal | None:
    """What one call takes of a unit, in that unit; None when it is not known before the call."""
    match unit:
        case "requests":
            return Decimal(ask.requests)
        case "tokens":
            counts = (ask.input_tokens, ask.output_tokens)
            return None if None in counts else Decimal(sum(count or 0 for count in counts))
        case "input_tokens":
            return None if ask.input_tokens is None else Decimal(ask.input_tokens)
        case "output_tokens":
            return None if ask.output_tokens is None else Decimal(ask.output_tokens)
        case "audio_seconds":
            return ask.audio_seconds
        case "usd" if ask.audio_seconds:
            return audio_cost_usd(ask.provider, ask.model, ask.audio_seconds)
        case "usd":
            return cost_usd(ask.model, ask.input_tokens, ask.output_tokens, None, ask.reasoning_tokens)
    return None


def audio_cost_usd(provider: Provider, model: Model, seconds: Decimal) -> Decimal | None:
    """What it costs to have so much sound written down; nothing within a free tier, None without a price."""
    if is_free(model) or not models_dev.is_priced(provider):
        return Decimal(0)
    return None if model.usd_per_audio_minute is None else seconds * model.usd_per_audio_minute / 60


def price(asks: Sequence[PlannedCall], windows_of: Sequence[Sequence[Window]]) -> list[Price]:
    """What the calls take together, a line for each provider in order of appearance.

    `windows_of` holds, for each ask, the windows it moves as they stand. Calls that share a window add up.
    """
    needed: dict[str, list[Decimal | None]] = {}
    windows: dict[str, dict[str, Window]] = {}
    costs: dict[str, Decimal | None] = {}
    usual: dict[str, Decimal | None] = {}
    for ask, moved in zip(asks, windows_of, strict=True):
        provider_windows = windows.setdefault(ask.provider.id, {})
        costs[ask.provider.id] = _plus(costs.get(ask.provider.id, Decimal(0)), need("usd", ask))
        usual[ask.provider.id] = _plus(usual.get(ask.provider.id, Decimal(0)), need("usd", ask.as_usual()))
        for window in moved:
            provider_windows[window.id] = window
            needed.setdefault(window.id, []).append(need(window.unit, ask))
    return [
        _price(
            provider_id,
            [_need(window, needed[window.id]) for window in provider_windows.values()],
            costs[provider_id],
            usual[provider_id],
        )
        for provider_id, provider_windows in windows.items()
    ]


def _plus(total: Decimal | None, more: Decimal | None) -> Decimal | None:
    return None if total is None or more is None else total + more


def is_too_large(window: Window, needed: Decimal | None) -> bool:
    """Whether a call takes more than the whole window holds."""
    return bool(needed and window.limit and window.per != "at_once" and needed > window.limit)


def _need(window: Window, amounts: Sequence[Decimal | None]) -> Need:
    left, size = window.remaining, window.limit
    each = max((amount or Decimal(0) for amount in amounts), default=Decimal(0))
    needed = None if None in amounts else sum((amount or Decimal(0) for amount in amounts), Decimal(0))
    if window.per == "second" and size and each <= size and (needed or 0) <= size * IN_TURN_S:
        return Need(window, needed, "fits", each)
    if left is not None and (left <= 0 or (needed or 0) > left) and needed != 0:
        return Need(window, needed, "over", each)
    if left is None or needed is None:
        return Need(window, needed, "unknown", each)
    short = window.per in ("second", "at_once") or needed == 0
    tight = not short and left - needed < TIGHT_SHARE * (size or 2 * needed)
    return Need(window, needed, "tight" if tight else "fits", each)


def _price(provider_id: str, needs: list[Need], cost: Decimal | None, usual_cost: Decimal | None) -> Price:
    states: list[State] = [need.state for need in needs if need.state != "unknown"]
    return Price(
        provider_id,
        tuple(needs),
        max(states, key=STATES.index, default="unknown"),
        cost,
        _nearest(needs, ("requests",)),
        _nearest(needs, ("tokens", "input_tokens", "output_tokens")),
        usual_cost,
    )


def _nearest(needs: Iterable[Need], units: Sequence[str]) -> Need | None:
    """The need that takes the greatest share of what is left, or failing that one that is unknown."""
    matching = [need for need in needs if need.window.unit in units and need.window.per != "at_once"]
    return max(matching, key=_share, default=None)


def _share(need: Need) -> Decimal:
    left = need.window.remaining
    if left is None or need.needed is None:
        return Decimal(-1)
    return need.needed / left if left > 0 else Decimal("Infinity")


def how_many(asks: Sequence[PlannedCall], windows_of: Sequence[Sequence[Window]]) -> int | None:
    """How often all of these calls could be made before one does not fit; None when no limit is known."""
    needs = [need for line in price(asks, windows_of) for need in line.needs]
    times = [
        int(max(need.window.remaining, Decimal(0)) // need.needed)
        for need in needs
        if need.needed and need.window.remaining is not None and need.window.per not in ("second", "minute", "at_once")
    ]
    return min(times, default=None)


def forecast(window: Window, now: datetime, recent: tuple[Decimal, timedelta] | None = None) -> Forecast | None:
    """When the window is used up at the pace so far, or at that of `recent` (amount, duration); None if unknown."""
    if window.remaining is None or window.per == "at_once":
        return None
    used = window.used if window.limit is None else max(window.used, window.limit - window.remaining - window.reserved)
    length = window.resets_at - window.starts_at if window.resets_at and window.starts_at else None
    passed = now - window.starts_at if window.starts_at and length else None
    if recent is not None:
        used, passed = recent
    seconds = Decimal(str(max(passed.total_seconds(), 1.0))) if passed else None
    pace = used / seconds if seconds else Decimal(0)
    share = min(max((now - window.starts_at) / length, 0.0), 1.0) if length and window.starts_at else None
    until_reset = Decimal(str(max((window.resets_at - now).total_seconds(), 0))) if window.resets_at else None
    left = None if until_reset is None else max(window.remaining - pace * until_reset, Decimal(0))
    return Forecast(pace * 3600, _used_up_at(window, now, pace, until_reset), left, share)


def _used_up_at(window: Window, now: datetime, pace: Decimal, until_reset: Decimal | None) -> datetime | None:
    if window.remaining is None or pace <= 0:
        return None
    lasts_s = window.remaining / pace
    if until_reset is not None and lasts_s >= until_reset:
        return None
    return now + timedelta(seconds=float(min(lasts_s, Decimal(10) ** 9)))


def window_of(meter: Meter, at: datetime) -> Window:
    """The window of a counter without calls and without readings: only what the catalogue says."""
    start, end = window_at(meter.per, meter.zone, at)
    return Window(
        meter.id, meter.provider_id, meter.pool, meter.scope, meter.key_hash, meter.unit, meter.per, meter.amount,
        Decimal(0), Decimal(0), meter.amount, start if end else None, end, "documented", None, meter.zone, meter.note,
    )  # fmt: skip


def personal(window: Window) -> Window:
    """The same window as far as the person's fair share of it goes."""
    if window.share is None or window.remaining is None:
        return window
    return replace(window, remaining=min(window.remaining, window.share.available))


def without_remaining(window: Window) -> Window:
    """The same window when its counter cannot be read."""
    return replace(window, remaining=None)
