"""What a window's numbers mean: the shares of the gauge, how long it lasts, and whether to warn. Pure.

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
from .free_today import is_touched

Alert = Literal["empty", "low", "pace"]
LOW_SHARE = Decimal("0.2")
LONG = ("hour", "day", "month", "once")
LEAST_ELAPSED = 0.005  # before that a pace means nothing


@dataclass(frozen=True, slots=True)
class Outlook:
    """`used`, `reserved` and `left` are shares of the gauge, 0 to 1; `left` None: unknown, hatched.

    `elapsed` is the elapsed share of the window's time, None if it has no end.
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
        """Whether the reset will change anything."""
        size, left = self.window.limit, self.window.remaining
        below_limit = size is not None and left is not None and left < size
        return below_limit or self.window.used > 0 or self.window.reserved > 0

    @property
    def touched(self) -> bool:
        """Whether there was a call, or a report by the provider."""
        return is_touched(self.window)


def outlook(window: Window, now: datetime) -> Outlook:
    pace_forecast = forecast(window, now)
    used, reserved, left = _shares(window)
    elapsed = pace_forecast.elapsed_share if pace_forecast and window.per in LONG else None
    return Outlook(window, used, reserved, left, elapsed, pace_forecast, _alerts(window, pace_forecast))


def _shares(window: Window) -> tuple[float, float, float | None]:
    size = window.limit
    if size is None or size <= 0:
        return 0.0, 0.0, 0.0 if window.remaining == 0 else None
    if window.remaining is None:
        return _share(window.used, size), _share(window.reserved, size), None
    used = max(size - window.remaining - window.reserved, Decimal(0))
    return _share(used, size), _share(window.reserved, size), _share(window.remaining, size)


def _share(part: Decimal, whole: Decimal) -> float:
    return min(float(part / whole), 1.0)


def _alerts(window: Window, pace_forecast: Forecast | None) -> tuple[Alert, ...]:
    """Nothing left; at most a fifth left; or used up before the reset at the current pace."""
    left, size = window.remaining, window.limit
    if left is None or window.per == "at_once":
        return ()
    if left <= 0:
        return ("empty",)
    alerts: list[Alert] = []
    is_used = window.used > 0 or (size is not None and left < size)
    if size and is_used and left <= LOW_SHARE * size:
        alerts.append("low")
    if pace_forecast and pace_forecast.ends_at and window.resets_at and _has_pace(window, pace_forecast):
        alerts.append("pace")
    return tuple(alerts)


def _has_pace(window: Window, pace_forecast: Forecast) -> bool:
    return window.per in LONG and (pace_forecast.elapsed_share is None or pace_forecast.elapsed_share >= LEAST_ELAPSED)


def pace(look: Outlook, now: datetime, zone: tzinfo | None) -> str:
    """The forecast as a sentence; "" if there is none."""
    window, pace_forecast = look.window, look.forecast
    if pace_forecast is None or window.remaining == 0 or not _has_pace(window, pace_forecast):
        return ""
    if pace_forecast.per_hour <= 0:
        return t("not in use") if look.touched else ""
    if pace_forecast.ends_at:
        used_up_at = words.moment(pace_forecast.ends_at, now, zone)
        if window.resets_at is None:
            return t("at this rate used up by about {ends}", ends=used_up_at)
        resets = words.both_clocks(window.resets_at, now, zone)
        return t("at this rate used up by about {ends}, resets {resets}", ends=used_up_at, resets=resets)
    if pace_forecast.left_at_reset is None:
        return ""
    return t("at this rate {number} left at the reset", number=words.number(window.unit, pace_forecast.left_at_reset))


def pace_word(look: Outlook, now: datetime, zone: tzinfo | None) -> str:
    """The same in a few words."""
    window, pace_forecast = look.window, look.forecast
    if pace_forecast is None or window.remaining == 0 or not _has_pace(window, pace_forecast):
        return ""
    if pace_forecast.per_hour <= 0:
        return t("not in use") if look.touched else ""
    if pace_forecast.ends_at:
        return t("used up {ends}", ends=words.moment(pace_forecast.ends_at, now, zone))
    if pace_forecast.left_at_reset is None:
        return ""
    return t("{number} left at the reset", number=words.number(window.unit, pace_forecast.left_at_reset))


def alert_badge(alert: Alert) -> str:
    """A badge: colour, icon and word."""
    return {
        "empty": f":red-badge[:material/block: {t('used up')}]",
        "low": f":orange-badge[:material/warning: {t('20% or less left')}]",
        "pace": f":orange-badge[:material/trending_down: {t('runs out before the reset')}]",
    }[alert]
