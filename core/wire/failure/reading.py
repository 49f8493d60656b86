"""The error behind what was said: its kind, when to come back, and what the request was too large for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...errors import Auth, Credits, LLMError, RateLimited
from . import kinds, sizes, waits, words
from .table import Classification

BY_A_PERSON = (Auth, Credits)  # no wait ends these, whatever a header says


def error(
    status: int | None, error_body: words.ErrorBody, headers: Mapping[str, str], now: datetime | None, vendor: str = ""
) -> LLMError:
    classification = kinds.judge(status, error_body, vendor)
    oversize = sizes.read(status, error_body)
    if oversize and issubclass(classification.kind, RateLimited):
        classification = Classification(RateLimited, retryable=False)
    again = classification.retryable
    waits_help = oversize is None and not issubclass(classification.kind, BY_A_PERSON)
    if headers.get("x-should-retry", "").strip().lower() == "false":
        again = False
    return classification.kind(
        error_body.message or kinds.sentence(status, error_body),
        status=status,
        retry_after_s=waits.find(headers, error_body, now) if waits_help else None,
        retryable=again,
        tries=classification.tries,
        request_id=error_body.request_id,
        code=error_body.label,
        param=kinds.param(classification.kind, error_body),
        origin="provider",
        oversize=oversize,
    )
