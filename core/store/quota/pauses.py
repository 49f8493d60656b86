"""The targets that a refusal pauses, and until when: the breaker's rules, without its database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ...errors import Auth, Credits, LLMError, QuotaSpent, Scope
from ...providers.limits import Meter, window_at
from ...records import RateLimitReading

ALL, PAID = "*", "*paid"
UNTOLD_S = 60.0
LONGEST_TOLD_S = 86_400.0


class Name(NamedTuple):
    """The scope of a row: a model, all models of a key ("*"), or the paid ones ("*paid")."""

    provider_id: str
    model: str
    key_hash: str


class Target(NamedTuple):
    """A model of a provider with a key, by hash. `free`: it costs nothing."""

    provider_id: str
    model: str
    key_hash: str = ""
    free: bool = False

    @property
    def names(self) -> list[Name]:
        """The rows that cover it, the widest first."""
        models = (ALL, self.model) if self.free else (ALL, PAID, self.model)
        return [Name(self.provider_id, model, self.key_hash) for model in models]

    def paused_by(self, scope: Scope) -> list[Name]:
        """The names that are paused after a refusal: only those it concerned.

        A model that is listed as free and is refused for money is paused itself too.
        """
        whole, *others = self.names
        if scope == "paid":
            return [Name(self.provider_id, PAID, self.key_hash), *(others[-1:] if self.free else ())]
        return [whole] if scope == "provider" else others[-1:]


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a target is not called. `until` None: until something changes (the key, or a person retries).

    `why` is "failures" for the breaker, else the kind of the error that began the cool-down. `probing`: the pause is
    over and another process is testing whether it works again.
    """

    target: Target
    why: str
    until: datetime | None
    probing: bool = False


def cool_until(
    error: LLMError,
    now: datetime,
    meters: Sequence[Meter] = (),
    seen: Sequence[RateLimitReading] = (),
    zone: str = "UTC",
) -> datetime | None:
    """When a refusal is over, by the readings and the provider's midnight. None: not before a change.

    A limit per minute ends after the server's wait. A used-up day ends at the stated reset or at the window's end: a
    wait of seconds is ignored, since some say "in 48 s" when the day is used up. "Limit: 0" never ends.
    """
    if isinstance(error, Auth) or any(reading.limit == 0 and reading.source == "error" for reading in seen):
        return None
    if isinstance(error, Credits):
        return _window_end("day", meters, zone, now)
    used_up = [reading for reading in seen if reading.remaining is not None and reading.remaining <= 0]
    long_periods = [reading for reading in used_up if reading.per in ("day", "month")]
    stated_reset = max(
        (reading.resets_at for reading in long_periods or used_up if reading.resets_at and reading.resets_at > now),
        default=None,
    )
    if isinstance(error, QuotaSpent) or long_periods:
        per = max((reading.per for reading in long_periods), key=("day", "month").index, default="day")
        return stated_reset or _wish(error, now, at_least_s=300) or _window_end(per, meters, zone, now)
    return _wish(error, now) or stated_reset or now + timedelta(seconds=UNTOLD_S)


def _wish(error: LLMError, now: datetime, *, at_least_s: float = 0) -> datetime | None:
    wish_s = error.retry_after_s
    if wish_s is None or wish_s <= at_least_s:
        return None
    return now + timedelta(seconds=min(wish_s, LONGEST_TOLD_S))


def _window_end(per: Any, meters: Sequence[Meter], zone: str, now: datetime) -> datetime | None:
    zones = [meter.zone for meter in meters if meter.per == per] or [meter.zone for meter in meters] or [zone]
    return window_at(per, zones[0], now)[1]
