"""The error of a parsed error body: its kind, when to retry, and which limit the request exceeds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...errors import Auth, Credits, LLMError, RateLimited
from . import kinds, sizes, waits, words
from .table import Classification

BY_A_PERSON = (Auth, Credits)  # waiting does not help, whatever a header says


def error(
    status: int | None, error_body: words.ErrorBody, headers: Mapping[str, str], now: datetime | None, vendor: str = ""
) -> LLMError:
    classification = kinds.judge(status, error_body, vendor)
    oversize = sizes.read(status, error_body)
    if oversize and issubclass(classification.kind, RateLimited):
        classification = Classification(RateLimited, retryable=False)
    retryable = classification.retryable
    waits_help = oversize is None and not issubclass(classification.kind, BY_A_PERSON)
    if headers.get("x-should-retry", "").strip().lower() == "false":
        retryable = False
    return classification.kind(
        error_body.message or kinds.sentence(status, error_body),
        status=status,
        retry_after_s=waits.find(headers, error_body, now) if waits_help else None,
        retryable=retryable,
        tries=classification.tries,
        request_id=error_body.request_id,
        code=error_body.label,
        param=kinds.param(classification.kind, error_body),
        origin="provider",
        oversize=oversize,
    )
