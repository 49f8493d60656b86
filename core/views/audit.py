"""The administrator's log of calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

Place = tuple[datetime, str]  # of a row in the list: when, and its id


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which calls; "" and None: all. `person` is a short name or its beginning, or a part of a name or mail address;
    `before` the place where a page begins."""

    person: str = ""
    model_id: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: Place | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One attempt. `person` is the short name that the log has, `name` the name or mail address of a person with an
    account, "" for others; `outcome` "ok" or the kind of the error; `event_id` its
    line in the log; `prompt_hash` the SHA-256 of the question's text; `text` the question where it may be read and
    still exists."""

    id: str
    at: datetime
    person: str
    provider_id: str
    model_id: str
    served_model_id: str | None
    response_model: str | None
    outcome: str
    n: int
    settings: Mapping[str, Any] | None
    ms: float
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: Decimal | None
    cached: bool
    simulated: bool | None
    probe: bool | None
    sent: bool | None
    prompt_hash: str | None
    event_id: str | None
    name: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`following` is where the next page begins, None at the end."""

    rows: tuple[AuditRow, ...]
    following: Place | None
