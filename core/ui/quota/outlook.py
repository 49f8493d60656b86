"""What a window's numbers mean: how full it is drawn, how long it lasts, and whether to warn. Pure.

Window + now -> Outlook(shares of the gauge, forecast, alerts)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Literal

from ...providers.limits import Forecast, forecast
from ...records import Window
from ..text import t
from . import words

Alert = Literal["empty", "low", "pace"]
LOW_SHARE = Decimal("0.2")
LONG = ("hour", "day", "month", "once")
LEAST_ELAPSED = 0.005  # before that a pace says nothing


@dataclass(frozen=True, slots=True)
class Outlook:
    """`used`, `reserved` and `left` are shares of the gauge, 0 to 1; `left` None: not known, to be hatched.

    `elapsed` is the share of the window's time that is over, None where it has no end.
    """

    window: Window
    used: float
    reserved: float
    left: float | None
    elapsed: float | None
    forecast: Forecast | None
    alerts: tuple[Alert, ...]

    @property
    def moved(self) -> bool:
        """Whether there is anything to come back at the reset."""
        size, left = self.window.limit, self.window.remaining
        less = size is not None and left is not None and left < size
        return less or self.window.used > 0 or self.window.reserved > 0

    @property
    def touched(self) -> bool:
        """Whether anybody called, or the provider spoke of it."""
        return self.window.source != "documented" or self.window.used > 0 or self.window.reserved > 0


def outlook(window: Window, now: datetime) -> Outlook:
    seen = forecast(window, now)
    used, reserved, left = _shares(window)
    elapsed = seen.elapsed_share if seen and window.per in LONG else None
    return Outlook(window, used, reserved, left, elapsed, seen, _alerts(window, seen))


def _shares(window: Window) -> tuple[float, float, float | None]:
    size = window.limit
    if size is None or size <= 0:
        return 0.0, 0.0, 0.0 if window.remaining == 0 else None
    if window.remaining is None:
        return _share(window.used, size), _share(window.reserved, size), None
    taken = max(size - window.remaining - window.reserved, Decimal(0))
    return _share(taken, size), _share(window.reserved, size), _share(window.remaining, size)


def _share(part: Decimal, whole: Decimal) -> float:
    return min(float(part / whole), 1.0)


def _alerts(window: Window, seen: Forecast | None) -> tuple[Alert, ...]:
    """Nothing left, at most a fifth left, or used up before the reset at the pace so far."""
    left, size = window.remaining, window.limit
    if left is None or window.per == "at_once":
        return ()
    if left <= 0:
        return ("empty",)
    found: list[Alert] = []
    spent = window.used > 0 or (size is not None and left < size)
    if size and spent and left <= LOW_SHARE * size:
        found.append("low")
    if seen and seen.ends_at and window.resets_at and _has_pace(window, seen):
        found.append("pace")
    return tuple(found)


def _has_pace(window: Window, seen: Forecast) -> bool:
    return window.per in LONG and (seen.elapsed_share is None or seen.elapsed_share >= LEAST_ELAPSED)


def pace(look: Outlook, now: datetime, zone: tzinfo | None) -> str:
    """The forecast as a sentence; "" where there is nothing to foretell."""
    window, seen = look.window, look.forecast
    if seen is None or window.remaining == 0 or not _has_pace(window, seen):
        return ""
    if seen.per_hour <= 0:
        return t("not in use") if look.touched else ""
    if seen.ends_at:
        ends = words.moment(seen.ends_at, now, zone)
        if window.resets_at is None:
            return t("at this rate used up by about {ends}", ends=ends)
        resets = words.both_clocks(window.resets_at, now, zone)
        return t("at this rate used up by about {ends}, resets {resets}", ends=ends, resets=resets)
    if seen.left_at_reset is None:
        return ""
    return t("at this rate {number} left at the reset", number=words.number(window.unit, seen.left_at_reset))


def alert_badge(alert: Alert) -> str:
    """A badge: colour, icon and word."""
    return {
        "empty": f":red-badge[:material/block: {t('used up')}]",
        "low": f":orange-badge[:material/warning: {t('20% or less left')}]",
        "pace": f":orange-badge[:material/trending_down: {t('runs out before the reset')}]",
    }[alert]
