"""From what a server says when it declines to an error that carries its own policy.

read(status, headers, body, now)   a reply whose status is not 2xx
found(frame), inside(frame)        an error object inside a reply that began with 200
words.py what was said   kinds.py which error it is, by table.py   waits.py when to come back, from
headers, bodies and sentences, by spans.py and instants.py
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.errors import Auth, Credits, LLMError, RateLimited
from core.records import NOTHING
from core.wire.failure import kinds, sizes, waits, words
from core.wire.failure.spans import duration_s
from core.wire.failure.table import Classification
from core.wire.failure.words import found

BY_A_PERSON = (Auth, Credits)  # no wait ends these, whatever a header says

__all__ = ["duration_s", "found", "inside", "read"]


def read(status: int, headers: Mapping[str, str], body: bytes, now: datetime, vendor: str = "") -> LLMError:
    """The error behind a reply. `headers` in lower case, `now` aware: dates and epochs are turned into seconds.

    `vendor` is the provider's id: some give a code another meaning than the others do.
    """
    error_body = words.read(status, headers, body)
    if error_body.is_inner and error_body.status and status >= 500:
        status = error_body.status
    return _error(status, error_body, headers, now, vendor)


def inside(frame: Any, status: int | None = None, now: datetime | None = None) -> LLMError:
    """The error an object inside a 200 tells of; its own status, if it names one, decides like a status line."""
    error_body = words.of_frame(frame)
    return _error(error_body.status or status, error_body, NOTHING, now)


def _error(
    status: int | None, error_body: words.ErrorBody, headers: Mapping[str, str], now: datetime | None, vendor: str = ""
) -> LLMError:
    verdict = kinds.judge(status, error_body, vendor)
    oversize = sizes.read(status, error_body)
    if oversize and issubclass(verdict.kind, RateLimited):
        verdict = Classification(RateLimited, retryable=False)
    again = verdict.retryable
    waits_help = oversize is None and not issubclass(verdict.kind, BY_A_PERSON)
    if headers.get("x-should-retry", "").strip().lower() == "false":
        again = False
    return verdict.kind(
        error_body.message or kinds.sentence(status, error_body),
        status=status,
        retry_after_s=waits.find(headers, error_body, now) if waits_help else None,
        retryable=again,
        tries=verdict.tries,
        request_id=error_body.request_id,
        code=error_body.label,
        param=kinds.param(verdict.kind, error_body),
        origin="provider",
        oversize=oversize,
    )
