"""How a model stands with one key, from what was last seen of it.

    live        the last call was answered, or the provider lists it
    limited     a limit or the credit is used up
    degraded    the last call failed at the provider's side, or another model answered it
    gone        the provider said that there is no such model, or its list does not name it any more
    unknown     nothing was seen of it

Listings tell of models that were never called; a call tells more than a list, which often names what nobody can call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ..errors import LLMError
from ..records import NOTHING, RateLimitReading
from .sunset import EndNotice

State = Literal["live", "limited", "degraded", "gone", "unknown"]
Evidence = Literal["call", "refusal", "header", "listing", ""]
GONE_FOR = timedelta(days=7)  # so long a refusal outweighs a list that still names the model
WITHDRAWN_AFTER = timedelta(days=1)  # answers that do not tell an end any more: some servers of a provider lag behind
ANOTHER = "another_model"
LONG = ("hour", "day", "month", "once")
# A "not found" that tells of a model: in its words or its code. Others may as well mean the address.
_MODEL = re.compile(r"model|engine|deployment|模型|部署|retired|decommission|deprecat|下线", re.IGNORECASE)
_CARD = re.compile(r"\bcard\b|payment.method|verify your (?:account|identity)|绑卡|支付方式|实名", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelState:
    """`at` and `evidence`: when and by what it was seen; `why`: an error's kind, ANOTHER, "needs_card", "not_listed" or
    "". `end`: what headers told of its end."""

    state: State = "unknown"
    at: datetime | None = None
    evidence: Evidence = ""
    why: str = ""
    end: EndNotice | None = None


class ModelStateStore(Protocol):
    """Where states are kept; both calls are quick enough for a page."""

    def note(self, provider_id: str, key_hash: str, name: str, seen: ModelState) -> None: ...
    def of(self, provider_id: str, key_hash: str) -> Mapping[str, ModelState]: ...


class MemoryModelStates:
    """States of one process."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], dict[str, ModelState]] = {}

    def note(self, provider_id: str, key_hash: str, name: str, seen: ModelState) -> None:
        self._states.setdefault((provider_id, key_hash), {})[name] = seen

    def of(self, provider_id: str, key_hash: str) -> Mapping[str, ModelState]:
        return self._states.get((provider_id, key_hash), NOTHING)


def after_call(
    error: LLMError | None,
    readings: Sequence[RateLimitReading] = (),
    *,
    is_another: bool = False,
    now: Callable[[], datetime],
) -> ModelState | None:
    """The state of the model after a call, by its error and the limits in its reply; None if they say nothing.

    `is_another`: a model answered that was not asked, and that no router or alias stands for.
    """
    if error is None and is_another:
        return ModelState("degraded", now(), "call", ANOTHER)
    if error is None:
        used_up = any(reading.remaining == 0 and reading.per in LONG for reading in readings)
        return ModelState("limited", now(), "header") if used_up else ModelState("live", now(), "call")
    if not error.sent or error.origin == "local":
        return None
    words = f"{error.code} {error.message}"
    if error.key_state in ("limited", "forbidden") and _CARD.search(words):
        return ModelState("limited", now(), "refusal", "needs_card")
    if error.kind == "not_found" and (error.status == 410 or _MODEL.search(words)):
        return ModelState("gone", now(), "refusal", error.kind)
    if error.key_state == "limited":
        return ModelState("limited", now(), "refusal", error.kind)
    return ModelState("degraded", now(), "refusal", error.kind) if error.countable else None


def with_end(seen: ModelState, before: ModelState | None, notice: EndNotice | None) -> ModelState:
    """What was seen, with the end that the reply told; else with the one known before, until a day of answers has not
    told it again."""
    last = before.end if before else None
    if notice is None and last and seen.at and seen.evidence == "call" and seen.at - last.at > WITHDRAWN_AFTER:
        last = None
    return replace(seen, end=notice or last)


def newest(called: ModelState | None, listed: ModelState, now: datetime) -> ModelState:
    """Of what a call and what a list told; a refusal is believed for a week, and then the model may be tried again."""
    if called is None or called.at is None:
        return listed
    if called.state == "gone":
        return called if now - called.at < GONE_FOR else (listed if listed.state == "gone" else ModelState())
    if listed.state == "gone" and listed.at and listed.at > called.at:
        return listed
    return called
