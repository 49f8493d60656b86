"""A request that is larger than a whole limit: the numbers from the sentence that says so."""

from __future__ import annotations

import re

from ...errors import Oversize
from .words import ErrorBody

_N = r"(\d+(?:,\d{3})*)"
_NUMBERS = (
    re.compile(rf"\blimit:? (?P<limit>{_N})(?:,? used:? {_N})?,? requested:? (?P<needed>{_N})", re.IGNORECASE),
    re.compile(
        rf"\brequested[^\d]{{0,30}}(?P<needed>{_N})[^\d]{{1,60}}\blimit[^\d]{{0,20}}(?P<limit>{_N})", re.IGNORECASE
    ),
    re.compile(rf"\bmax(?:imum)? (?:request )?size:? (?P<limit>{_N}) tokens", re.IGNORECASE),
)
_AFFORDS = (  # what an account's credit pays for, where it is less than this request may cost
    re.compile(
        rf"\brequest(?:ed|s)?\b[^\d]{{0,40}}(?P<needed>{_N})[^\d]{{1,60}}\bafford[^\d]{{0,20}}(?P<limit>{_N})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bafford[^\d]{{0,20}}(?P<limit>{_N})[^\d]{{1,60}}\brequest[^\d]{{0,40}}(?P<needed>{_N})", re.IGNORECASE
    ),
    re.compile(rf"\bonly afford[^\d]{{0,20}}(?P<limit>{_N})", re.IGNORECASE),
)
_COUNTED = re.compile(r"\b(input tokens|output tokens|tokens) per (second|minute|min|hour|day|month)\b", re.IGNORECASE)


def read(status: int | None, error_body: ErrorBody) -> Oversize | None:
    """None where waiting or paying may help: it fits the limit, there is no credit at all, or no size is named."""
    text = f"{error_body.message} {error_body.raw}"
    of_credit = status in (402, 403)
    if not (of_credit or status in (400, 413, 429)) or "token" not in text.lower():
        return None
    patterns = _AFFORDS if of_credit else _NUMBERS
    match = next((candidate for pattern in patterns if (candidate := pattern.search(text))), None)
    if match is None:
        return None
    limit = _number(match["limit"])
    needed = _number(match["needed"]) if "needed" in match.re.groupindex else None
    if not limit or (needed is not None and needed <= limit):
        return None
    if of_credit:
        return Oversize(needed, limit, per="credit")
    unit_match = _COUNTED.search(text)
    unit = unit_match[1].lower().replace(" ", "_") if unit_match else "tokens"
    per = unit_match[2].lower() if unit_match else "request"
    return Oversize(needed, limit, unit, "minute" if per == "min" else per)


def _number(text: str) -> int:
    return int(text.replace(",", "")[:15])
