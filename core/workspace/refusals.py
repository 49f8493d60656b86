"""Errors for attempts that are not made: why nothing was sent, and when to ask again."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ..errors import KINDS, LLMError, Overloaded, Oversize, QuotaSpent, RateLimited
from ..providers.limits import is_too_large
from ..records import Model, Provider, Window
from ..store.quota.breaker import Pause
from ..store.quota.grants import DoesNotFit

LONG = ("day", "month", "once")
SPAN = {
    "second": "this second",
    "minute": "this minute",
    "hour": "this hour",
    "day": "today",
    "month": "this month",
    "once": "in all",
    "at_once": "at once",
}
SPANS = {per: "in all" if per == "once" else f"a {per}" for per in SPAN}
NOT_SENT = "not_sent"
SHARE_USED = "share_used"
Patience = Literal["person", "batch", "reset"]
DAILY_LIMIT = "daily_limit"
TOO_LITTLE = "too_little"  # some of it is left


def no_room(provider: Provider, model: Model, refused: DoesNotFit, now: datetime) -> LLMError:
    window = refused.window
    if is_too_large(window, refused.needed):
        return _oversize(provider, model, window, refused.needed or Decimal(0))
    kind = QuotaSpent if window.per in LONG else RateLimited
    sentence = f"{provider.label} has {_left(window)} left {SPAN[window.per]} for {model.name}."
    sentence = f"{sentence}{_needs(window, refused)}{_again(window.resets_at, now)}"
    return _unsent(kind, sentence, window.resets_at, now)


def share_used(
    provider: Provider, model: Model, refused: DoesNotFit, now: datetime, patience: Patience = "person"
) -> LLMError:
    """The error where what is left is kept for others. A batch tries again when idle shares may have been lent to it,
    and a scheduled question when its own share is whole again."""
    window, share = refused.window, refused.window.share
    assert share
    needed = _number(refused.needed or Decimal(1))
    sentence = (
        f"Your share of the {_unit(window)} that {provider.label} allows {SPAN[window.per]} for {model.name} is "
        f"{_number(share.size)}: you have used {_number(share.taken)}, this needs {needed}, and the rest is kept for "
        "others."
    )
    lent = f" Idle shares may be lent to you from {refused.lent_at:%H:%M} UTC." if refused.lent_at else ""
    until = window.resets_at if patience == "reset" else refused.again_at
    goes_on = patience == "batch" and until is not None
    kind = QuotaSpent if window.per in LONG and not goes_on else RateLimited
    error = _unsent(kind, f"{sentence}{lent}{_again(window.resets_at, now)}", until, now)
    error.code = SHARE_USED
    return error


def day_over(provider: Provider, model: Model, refused: DoesNotFit, now: datetime) -> LLMError:
    """The error where a person has used up what they may use of the server's keys. Nobody else answers instead."""
    window = refused.window
    until = None if is_too_large(window, refused.needed) else window.resets_at
    sentence = f"You have {_left(window)} left {SPAN[window.per]} with this server's keys."
    sentence = f"{sentence}{_needs(window, refused)}{_again(until, now)}"
    sentence = " ".join((sentence, "A key of your own has no such limit."))
    error = _unsent(QuotaSpent, sentence, until, now)
    error.code, error.failover = DAILY_LIMIT, False
    error.param = TOO_LITTLE if window.remaining else None
    return error


def _oversize(provider: Provider, model: Model, window: Window, needed: Decimal) -> LLMError:
    limit = window.limit or Decimal(0)
    sentence = (
        f"This needs {_number(needed)} {_unit(window)}, and the limit of {provider.label} for {model.name} is "
        f"{_number(limit)} {SPANS[window.per]}: shorten it or use another model."
    )
    error = _unsent(RateLimited, sentence, None, None)
    error.oversize = Oversize(math.ceil(needed), int(limit), window.unit, window.per)
    return error


def paused(provider: Provider, model: Model, pause: Pause, now: datetime) -> LLMError:
    """The error for a paused model."""
    kind = KINDS.get(pause.why, Overloaded)
    sentence = kind.paused_sentence.format(provider=provider.label, model=model.name)
    until = pause.until if kind.recovers else None
    return _unsent(kind, f"{sentence}{_again(until, now)}", until, now)


def cannot_count(provider: Provider, reason: str) -> LLMError:
    """The error for a shared key while calls cannot be counted."""
    sentence = f"The remaining quota at {provider.label} cannot be counted right now, so the shared key is not used."
    return _unsent(Overloaded, f"{sentence} {reason}".strip(), None, None)


def _unsent(kind: type[LLMError], sentence: str, until: datetime | None, now: datetime | None) -> LLMError:
    wait_s = max((until - now).total_seconds(), 0.0) if until and now else None
    error = kind(" ".join((sentence, "Nothing was sent.")), retry_after_s=wait_s, code=NOT_SENT, retryable=False)
    error.sent = False
    return error


def _left(window: Window) -> str:
    left = window.remaining
    size = "" if window.limit is None else f" of {_number(window.limit)}"
    return f"{'not enough' if left is None else _number(left) if left > 0 else 'none'}{size} {_unit(window)}"


def _needs(window: Window, refused: DoesNotFit) -> str:
    if refused.needed is None or not window.remaining or window.unit == "requests":
        return ""
    return f" This needs {_number(refused.needed)}."


def _unit(window: Window) -> str:
    return {"usd": "USD", "input_tokens": "input tokens", "output_tokens": "output tokens"}.get(
        window.unit, window.unit
    )


def _again(until: datetime | None, now: datetime) -> str:
    if until is None:
        return ""
    minutes = max(int((until - now).total_seconds() + 59) // 60, 0)
    span = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
    return f" It resets at {until:%H:%M} UTC, in {span}."


def _number(amount: Decimal) -> str:
    return f"{amount.normalize():,f}"
