"""Whom a refusal is about, and until when: the words of the breaker, without its database."""

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
    """What a row is of: a model, all models of a key ("*"), or those that cost money ("*paid")."""

    provider_id: str
    model: str
    key_hash: str


class Target(NamedTuple):
    """Who is asked: a model of a provider with a key, by hash. `free`: money has no say in it."""

    provider_id: str
    model: str
    key_hash: str = ""
    free: bool = False

    @property
    def names(self) -> list[Name]:
        """Whose rest it shares, the widest first."""
        models = (ALL, self.model) if self.free else (ALL, PAID, self.model)
        return [Name(self.provider_id, model, self.key_hash) for model in models]

    def cooled_by(self, scope: Scope) -> list[Name]:
        """Who rests after a refusal: what it was about, and no more.

        A model that is said to be free and is refused for money rests itself too.
        """
        whole, *others = self.names
        if scope == "paid":
            return [Name(self.provider_id, PAID, self.key_hash), *(others[-1:] if self.free else ())]
        return [whole] if scope == "provider" else others[-1:]


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a target is not asked. `until` None: until something changes (the key, or a person says so).

    `why` is "failures" for the breaker, else the kind of the error that began the cool-down. `probing`: the pause is
    over and another process is asking whether it works again.
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
    """When a refusal is over, by what was said and where the provider's midnight is. None: not before a change.

    A minute's limit ends when the server wishes. A spent day ends at the reset that was told or at the window's end: a
    wish of seconds is not believed, some say "in 48 s" when the day is gone. "Limit: 0" never ends.
    """
    if isinstance(error, Auth) or any(said.limit == 0 and said.source == "error" for said in seen):
        return None
    if isinstance(error, Credits):
        return _window_end("day", meters, zone, now)
    spent = [said for said in seen if said.remaining is not None and said.remaining <= 0]
    long = [said for said in spent if said.per in ("day", "month")]
    told = max((said.resets_at for said in long or spent if said.resets_at and said.resets_at > now), default=None)
    if isinstance(error, QuotaSpent) or long:
        per = max((said.per for said in long), key=("day", "month").index, default="day")
        return told or _wish(error, now, at_least_s=300) or _window_end(per, meters, zone, now)
    return _wish(error, now) or told or now + timedelta(seconds=UNTOLD_S)


def _wish(error: LLMError, now: datetime, *, at_least_s: float = 0) -> datetime | None:
    wish_s = error.retry_after_s
    if wish_s is None or wish_s <= at_least_s:
        return None
    return now + timedelta(seconds=min(wish_s, LONGEST_TOLD_S))


def _window_end(per: Any, meters: Sequence[Meter], zone: str, now: datetime) -> datetime | None:
    zones = [meter.zone for meter in meters if meter.per == per] or [meter.zone for meter in meters] or [zone]
    return window_at(per, zones[0], now)[1]
