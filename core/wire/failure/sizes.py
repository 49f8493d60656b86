"""A request that is larger than a limit ever allows: the numbers out of the sentence that says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.errors import Oversize
from core.wire.failure.words import Said

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


def read(status: int | None, said: Said) -> Oversize | None:
    """None where waiting may help: what is asked for fits the limit, or nothing is said of it."""
    text = f"{said.message} {said.raw}"
    if status in (402, 403):
        return _afforded(text)
    if status not in (400, 413, 429):
        return None
    match = _first(_NUMBERS, text)
    counted = _COUNTED.search(text)
    if match is None or "token" not in text.lower():
        return None
    limit = _number(match["limit"])
    needed = _number(match["needed"]) if "needed" in match.re.groupindex else None
    if not limit or (needed is not None and needed <= limit):
        return None
    unit = counted[1].lower().replace(" ", "_") if counted else "tokens"
    per = counted[2].lower() if counted else "request"
    return Oversize(needed, limit, unit, "minute" if per == "min" else per)


def _afforded(text: str) -> Oversize | None:
    """None where the credit pays for nothing at all, or where it would pay for this."""
    match = _first(_AFFORDS, text)
    if match is None or "token" not in text.lower():
        return None
    limit = _number(match["limit"])
    needed = _number(match["needed"]) if "needed" in match.re.groupindex else None
    if not limit or (needed is not None and needed <= limit):
        return None
    return Oversize(needed, limit, per="credit")


def _first(patterns: Sequence[re.Pattern[str]], text: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.search(text))), None)


def _number(text: str) -> int:
    return int(text.replace(",", "")[:15])
